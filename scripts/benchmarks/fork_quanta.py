"""Runs the pipetask commands of a prepared workflow as bare forks of a process that has imported all.

usage: fork_quanta.py WORKFLOW MODULES      (with the environment of the jobs)

WORKFLOW is the file of a submission, MODULES a file with names of modules in the order in which to import
them. One at a time, in the order of the file, which is one of dependence. What a worker of ours does beside
that is what the figure tells. Prints the seconds that each fork took, as JSON: by label, in order.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import shlex
import sys
import time
from pathlib import Path
from typing import Any

PIPETASK = Path(sys.executable).parent / "pipetask"
OUTPUT = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main() -> None:
    """Import, fork, and tell."""
    # As pipetask has it; beside us is another module called tinydrp.
    sys.path[0] = str(PIPETASK.parent)
    lines = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    directory = Path(lines[0]["header"]["submitDirectory"])
    jobs = [line["job"] for line in lines if "job" in line and not line["job"].get("final")]
    for name in Path(sys.argv[2]).read_text().split():
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    took: dict[str, list[float]] = {}
    for job in jobs:
        took.setdefault(job["label"], []).append(seconds_of(job, directory))
    print(json.dumps(took))


def seconds_of(job: dict[str, Any], directory: Path) -> float:
    """Run one in a fork."""
    out, err = directory / job["stdout"], directory / job["stderr"]
    out.parent.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        become(job["command"], out, err, directory)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - begin
    if status != 0:
        raise RuntimeError(f"job {job['name']} ended with status {status}; see {err}")
    return seconds


def become(command: str, out: Path, err: Path, directory: Path) -> None:
    """Be the job."""
    os.chdir(directory)
    for target, path in ((1, out), (2, err)):
        os.dup2(os.open(path, OUTPUT, 0o666), target)
    sys.argv = [str(PIPETASK), *shlex.split(os.path.expandvars(command))[1:]]
    # It ends as Python does, with all that modules want to do then.
    runpy.run_path(str(PIPETASK), run_name="__main__")
    sys.exit(0)


if __name__ == "__main__":
    main()
