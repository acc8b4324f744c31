"""Runs `bash -c true` many times by HyperQueue and prints the seconds. Run in the environment of the peers.

usage: hyperqueue_tasks.py independent|chain COUNT DIRECTORY

Server and worker (two cpus) are there before the clock starts, and so are the descriptions of the tasks. It
starts when the server has accepted the job, and ends when the output file of the last task is made, since the
client asks for the end once a second only: a task's own time is given to HyperQueue.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from hyperqueue import Job, LocalCluster  # type: ignore[import-not-found]
from hyperqueue.cluster import WorkerConfig  # type: ignore[import-not-found]

CPUS = 2
ARGUMENTS = ["bash", "-c", "true"]


def job_of(shape: str, count: int, directory: Path) -> Job:
    """Describe the tasks."""
    job = Job(default_workdir=str(directory))
    last: list[Any] = []
    for number in range(count):
        out, err = str(directory / f"{number}.stdout"), str(directory / f"{number}.stderr")
        task = job.program(ARGUMENTS, stdout=out, stderr=err, deps=last)
        last = [task] if shape == "chain" else []
    return job


def main() -> None:
    """Measure once."""
    shape, count, directory = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    with LocalCluster() as cluster:
        cluster.start_worker(WorkerConfig(cores=CPUS))
        client = cluster.client()
        warm = directory / "warm"
        warm.mkdir()
        client.wait_for_jobs([client.submit(job_of("independent", 2 * CPUS, warm))])
        submitted = client.submit(job_of(shape, count, directory))
        accepted = time.time()
        client.wait_for_jobs([submitted])
        print(max(file.stat().st_mtime for file in directory.glob("*.stdout")) - accepted)


if __name__ == "__main__":
    main()
