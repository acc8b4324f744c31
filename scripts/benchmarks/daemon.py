"""A daemon of the benchmarks' own, driven by the installed command as users drive it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .samples import say
from .workshop import Workshop, checked

__all__ = ["Daemon", "Run"]

BIN = Path(sys.executable).parent
SITE = {"name": "here", "provider": "local", "nodesPerBlock": 1, "cores": 2, "memory": 4096}
MILLIS = 1_000.0
ROLES = ("cli", "daemon", "worker")


@dataclass(frozen=True)
class Run:
    """A run that has ended; times by the daemon's clock, which is this machine's."""

    id: str
    state: str
    submitted: float
    ended: float

    @property
    def seconds(self) -> float:
        """From the submission's being accepted to the end of the run."""
        return self.ended - self.submitted


class Daemon:
    """A home directory, and the daemon in it while there is one. Ends it at last, and all workers."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.home = workshop.directory("home")
        self.home.chmod(0o700)
        self.site = json.dumps(SITE)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("INTERCHANGE_")},
            "INTERCHANGE_HOME": str(self.home),
            # Made once for all homes, as for a user's one home.
            "INTERCHANGE_CACHE": str(workshop.root / "cache"),
            "PATH": f"{BIN}:{os.environ['PATH']}",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if error is None:
            shutil.rmtree(self.home, ignore_errors=True)

    def ask(self, *arguments: str | Path, cwd: Path | None = None) -> dict[str, Any]:
        """Run a command that answers in JSON."""
        printed = checked(["interchange", *arguments, "--json"], cwd=cwd, environment=self.environment)
        answer: dict[str, Any] = json.loads(printed)
        return answer

    def stop(self) -> None:
        """End the daemon, if there is one, and its blocks."""
        subprocess.run(
            ["interchange", "stop", "--now"], env=self.environment, capture_output=True, check=False
        )
        wait_for("the end of the daemon and its workers", lambda: not self.processes())

    def processes(self) -> list[int]:
        """Processes that carry this home in their environment."""
        entry = f"INTERCHANGE_HOME={self.home}".encode()
        found = []
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    if entry in (process / "environ").read_bytes().split(b"\0"):
                        found.append(int(process.name))
                except OSError:
                    continue
        return found

    def warm_up(self) -> None:
        """Make the caches, and start the daemon and a worker: the state of every day."""
        self.make_caches()
        directory = self._workshop.directory("warm")
        file = directory / "workflow.yaml"
        file.write_text(f"name: warm\nsite: {self.site}\njobs:\n- {{name: a, command: 'true'}}\n")
        self.run_to_the_end(file, directory)

    def make_caches(self) -> None:
        """Make the ahead-of-time caches, as the first command does in the background; they are kept."""
        cache = Path(self.environment["INTERCHANGE_CACHE"])
        if not all(any(cache.glob(f"{role}-*.aot")) for role in ROLES):
            say("Making the ahead-of-time caches")
        checked(["interchange", "startup-cache"], environment=self.environment)

    def run_to_the_end(self, workflow: Path, directory: Path) -> Run:
        """Submit, follow to the end, and see that every job succeeded."""
        run = self.follow(str(self.ask("submit", workflow, cwd=directory)["run"]))
        if run.state != "RUN_SUCCEEDED":
            raise RuntimeError(f"run {run.id} in {directory} is {run.state}")
        return run

    def follow(self, run: str) -> Run:
        """Wait for the end of a run."""
        subprocess.run(
            ["interchange", "watch", run], env=self.environment, stdout=subprocess.DEVNULL, check=False
        )
        summary = self.ask("report", run)["summary"]
        return Run(
            run,
            str(summary["state"]),
            float(summary["submittedEpochMillis"]) / MILLIS,
            float(summary["endedEpochMillis"]) / MILLIS,
        )


def wait_for(what: str, condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)
