"""Many times `true`, at once and in a chain: the operating system, the peers and ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .daemon import Daemon
from .samples import Samples, interleaved, merged
from .workshop import HERE, Workshop, checked, with_path

__all__ = ["chain", "throughput"]

INDEPENDENT = 10_000
LINKS = 500
SLOTS = 2
ROUNDS = 3
MILLIS = 1_000


def throughput(workshop: Workshop) -> dict[str, float]:
    """Measure independent jobs, two at a time."""
    with Daemon(workshop) as daemon:
        daemon.warm_up()
        found = interleaved(
            {
                "limit": lambda: _limit(workshop, INDEPENDENT, SLOTS),
                "ours": lambda: _ours(workshop, daemon, "independent", INDEPENDENT),
                "hyperqueue": lambda: _peer(workshop, "hyperqueue_tasks.py", "independent", INDEPENDENT),
                "parsl": lambda: _peer(workshop, "parsl_tasks.py", "independent", INDEPENDENT),
            },
            ROUNDS,
        )
    rates = {name: samples.of(lambda seconds: INDEPENDENT / seconds) for name, samples in found.items()}
    best = max((rates["hyperqueue"], rates["parsl"]), key=lambda samples: samples.median)
    return merged(
        [
            rates["ours"].over(rates["limit"]).flat("throughput_vs_limit"),
            rates["ours"].over(best).flat("throughput_vs_best_peer"),
            *(samples.flat(f"throughput_{name}_per_s") for name, samples in rates.items()),
        ]
    )


def chain(workshop: Workshop) -> dict[str, float]:
    """Measure jobs each of which needs the one before."""
    with Daemon(workshop) as daemon:
        daemon.warm_up()
        found = interleaved(
            {
                "spawn": lambda: _limit(workshop, LINKS, 1),
                "ours": lambda: _ours(workshop, daemon, "chain", LINKS),
                "hyperqueue": lambda: _peer(workshop, "hyperqueue_tasks.py", "chain", LINKS),
                "parsl": lambda: _peer(workshop, "parsl_tasks.py", "chain", LINKS),
            },
            ROUNDS,
        )
    links: dict[str, Samples] = {
        name: samples.of(lambda seconds: seconds / LINKS * MILLIS) for name, samples in found.items()
    }
    return merged(
        [
            links["ours"].minus(links["spawn"]).flat("chain_ms_over_spawn"),
            *(samples.flat(f"chain_{name}_ms") for name, samples in links.items()),
        ]
    )


def _limit(workshop: Workshop, count: int, slots: int) -> float:
    return _in_directory(
        workshop, "limit", lambda directory: checked([workshop.limit(), str(count), str(slots), directory])
    )


def _peer(workshop: Workshop, script: str, shape: str, count: int) -> float:
    python = workshop.peers()

    def measure(directory: Path) -> str:
        return checked([python, HERE / script, shape, str(count), directory], environment=with_path(python))

    return _in_directory(workshop, Path(script).stem, measure)


def _in_directory(workshop: Workshop, name: str, measure: Callable[[Path], str]) -> float:
    directory = workshop.directory(name)
    # The last line: HyperQueue shows its server before.
    seconds = float(measure(directory).split()[-1])
    _see_files(directory)
    workshop.discard(directory)
    return seconds


def _ours(workshop: Workshop, daemon: Daemon, shape: str, count: int) -> float:
    directory = workshop.directory("ours")
    run = daemon.run_to_the_end(_workflow(daemon, directory, shape, count), directory)
    _see_files(directory / "logs")
    workshop.discard(directory)
    return run.seconds


def _workflow(daemon: Daemon, directory: Path, shape: str, count: int) -> Path:
    file = directory / "workflow.yaml"
    with file.open("w") as out:
        out.write(f"name: {shape}\nsite: {daemon.site}\njobs:\n")
        for number in range(count):
            needs = f", needs: [j{number - 1}]" if shape == "chain" and number > 0 else ""
            out.write(f'- {{name: j{number}, label: {shape}, command: "true"{needs}}}\n')
    return file


def _see_files(directory: Path) -> None:
    for kind in ("stdout", "stderr"):
        if not any(directory.glob(f"*.{kind}")):
            raise RuntimeError(f"no {kind} files in {directory}: that was not the work that was asked for")
