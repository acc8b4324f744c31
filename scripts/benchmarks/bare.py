"""Runs the commands of a prepared workflow in their order of dependence, two at a time, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["run_bare"]

SLOTS = 2

Job = dict[str, Any]


def run_bare(workflow: Path, environment: Mapping[str, str]) -> float:
    """Run the jobs of a workflow file and return the seconds from the first start to the last end."""
    lines = [json.loads(line) for line in workflow.read_text().splitlines()]
    directory = Path(lines[0]["header"]["submitDirectory"])
    jobs = [line["job"] for line in lines if "job" in line]
    payload = [job for job in jobs if not job.get("final")]
    begin = time.monotonic()
    for part in (payload, [job for job in jobs if job.get("final")]):
        _run_all(part, directory, environment)
    return time.monotonic() - begin


def _run_all(jobs: list[Job], directory: Path, environment: Mapping[str, str]) -> None:
    names = {job["name"] for job in jobs}
    waiting = {job["name"]: set(job.get("needs", [])) & names for job in jobs}
    children: dict[str, list[Job]] = {name: [] for name in names}
    for job in jobs:
        for need in waiting[job["name"]]:
            children[need].append(job)
    ready = deque(job for job in jobs if not waiting[job["name"]])
    running: dict[int, Job] = {}
    while ready or running:
        while ready and len(running) < SLOTS:
            job = ready.popleft()
            running[_start(job, directory, environment)] = job
        pid, status = os.wait()
        job = running.pop(pid)
        if status != 0:
            raise RuntimeError(
                f"job {job['name']} ended with status {status}; see {directory / job['stderr']}"
            )
        for child in children[job["name"]]:
            waiting[child["name"]].discard(job["name"])
            if not waiting[child["name"]]:
                ready.append(child)


def _start(job: Job, directory: Path, environment: Mapping[str, str]) -> int:
    out, err = directory / job["stdout"], directory / job["stderr"]
    out.parent.mkdir(parents=True, exist_ok=True)
    own = {name: os.path.expandvars(value) for name, value in job.get("environment", {}).items()}
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            ["/bin/bash", "-c", job["command"]],
            cwd=directory,
            env={**environment, **own},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
    # It is reaped by os.wait().
    process.returncode = 0
    return process.pid
