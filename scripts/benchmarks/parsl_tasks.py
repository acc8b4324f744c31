"""Runs `bash -c true` many times by Parsl and prints the seconds. Run in the environment of the peers.

usage: parsl_tasks.py independent|chain COUNT DIRECTORY

Bash apps (which Parsl runs by `bash -c`) with output files on a HighThroughputExecutor of two workers that
are there before the clock starts. Parsl has no submission of many at once: it starts before the first call
of an app, since tasks run as soon as they are called, and ends when the last future is done.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import parsl
from parsl.config import Config
from parsl.dataflow.memoization import BasicMemoizer
from parsl.executors import HighThroughputExecutor
from parsl.providers import LocalProvider

WORKERS = 2
# Tasks kept at the workers' manager beyond those that run; without it each waits for a round trip.
PREFETCH = 20
LOOPBACK = "127.0.0.1"


def configuration(directory: Path) -> Config:
    """Give Parsl what it is best with on one machine: no retries, memoization, scaling or monitoring."""
    executor = HighThroughputExecutor(
        label="here",
        address=LOOPBACK,
        loopback_address=LOOPBACK,
        max_workers_per_node=WORKERS,
        prefetch_capacity=PREFETCH,
        encrypted=False,
        provider=LocalProvider(init_blocks=1, min_blocks=1, max_blocks=1),
    )
    return Config(
        executors=[executor],
        memoizer=BasicMemoizer(memoize=False),
        strategy="none",
        retries=0,
        usage_tracking=0,
        run_dir=str(directory / "runinfo"),
        initialize_logging=False,
    )


@parsl.bash_app  # type: ignore[untyped-decorator]
def trivial(
    inputs: Any = (),
    stdout: str | None = None,
    stderr: str | None = None,
) -> str:
    """Return the command."""
    return "true"


def run(shape: str, count: int, directory: Path) -> None:
    """Run the tasks to their end."""
    futures: list[Any] = []
    for number in range(count):
        needs = futures[-1:] if shape == "chain" else []
        out, err = str(directory / f"{number}.stdout"), str(directory / f"{number}.stderr")
        futures.append(trivial(inputs=needs, stdout=out, stderr=err))
    for future in futures:
        future.result()


def main() -> None:
    """Measure once."""
    shape, count, directory = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    with parsl.load(configuration(directory)):
        warm = directory / "warm"
        warm.mkdir()
        run("independent", 2 * WORKERS, warm)
        begin = time.monotonic()
        run(shape, count, directory)
        print(time.monotonic() - begin)


if __name__ == "__main__":
    main()
