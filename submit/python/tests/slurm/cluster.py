"""A real Slurm, which scripts/slurm-cluster has started, and what a test asks of it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from living import Home, wait_for
from small import Small, guarded

# Shortened: the daemon looks every second, and lets blocks go that were idle for two.
SITE: dict[str, Any] = {
    "name": "tiny",
    "provider": "slurm",
    "cores": 2,
    "memory": 1000,
    "walltime": 10,
    "pollInterval": "1 s",
    "idleTimeout": "2 s",
    "killGrace": "1 s",
    "disconnectGrace": "20 s",
    "minRemaining": "0 s",
    "drainBefore": "0 s",
    "retries": 0,
}
CONFIG = "heartbeatInterval: 500 ms\nleaseMargin: 5 s\nblockEndWait: 2 s\n"
EMPTY_SECONDS = 30.0


def slurm(*line: str, check: bool = True) -> str:
    """Run a command of Slurm and return what it printed."""
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert not check or done.returncode == 0, f"{line}: {done.stderr}"
    return done.stdout.strip()


def queue(directory: Path, *options: str) -> dict[str, str]:
    """States by id of the jobs whose work directory is below this."""
    lines = slurm("squeue", *options, "-h", "-o", "%i|%T|%Z").splitlines()
    rows = [line.split("|", 2) for line in lines]
    return {row[0]: row[1] for row in rows if row[2].startswith(f"{directory}/")}


@dataclass(frozen=True)
class Stay:
    """A job of Slurm that has run, on its nodes, from one time to another (in seconds of the epoch)."""

    name: str
    nodes: frozenset[str]
    begin: float
    end: float


def stays(directory: Path) -> list[Stay]:
    """Jobs that have run and whose work directory is below this."""
    lines = slurm("squeue", "-h", "-t", "all", "-o", "%j|%N|%S|%e|%Z").splitlines()
    rows = [line.split("|", 4) for line in lines]
    return [
        Stay(name, frozenset(slurm("scontrol", "show", "hostnames", nodes).split()), *map(seconds, times))
        for name, nodes, *times, where in rows
        if nodes and where.startswith(f"{directory}/")
    ]


def seconds(time_of_slurm: str) -> float:
    return datetime.fromisoformat(time_of_slurm).timestamp()


def node_up(name: str) -> None:
    """Give a node back to the cluster."""
    slurm("scontrol", "update", f"nodename={name}", "state=resume", check=False)
    wait_for(
        f"node {name}", lambda: slurm("sinfo", "-h", "-n", name, "-o", "%T") in ("idle", "mixed", "allocated")
    )


class Cluster:
    """A daemon of the test's own, a small workflow, and Slurm as both see it."""

    def __init__(self, home: Home, directory: Path) -> None:
        self.home = home
        self.small = Small(home, directory)

    def submit(self, jobs: int, seconds: float, cpus: int = 1, **site: Any) -> str:
        """Submit jobs that last so long and record what they do; return the run."""
        return self._submit(jobs, f"sleep {seconds}", cpus, **site)

    def submit_waiting(self, jobs: int, **site: Any) -> str:
        """Submit jobs that last until they may go on."""
        return self._submit(jobs, "until [ -e go ]; do sleep 0.2; done", 1, **site)

    def let_go(self) -> None:
        """Let them go on."""
        (self.small.directory / "go").touch()

    def _submit(self, jobs: int, work: str, cpus: int, **site: Any) -> str:
        rows = [
            {"name": f"j{number}", "command": guarded(work), "cpus": cpus, "memory": 100}
            for number in range(jobs)
        ]
        return self.small.submit(rows, **{**SITE, **site})

    def blocks(self) -> list[dict[str, Any]]:
        """What the daemon says of its blocks."""
        rows: list[dict[str, Any]] = self.home.ask("blocks").get("blocks", [])
        return rows

    def queue(self) -> dict[str, str]:
        """States by id of its blocks, in Slurm's words."""
        return queue(self.home.directory)

    def stays(self) -> list[Stay]:
        """Its blocks that have run."""
        return stays(self.home.directory)

    def only(self, state: str) -> str:
        """Wait for its only block to have this state and return its id."""

        def one() -> str | None:
            present = self.queue()
            return next(iter(present)) if list(present.values()) == [state] else None

        return str(wait_for(f"one block that is {state}", one))

    def wait_started(self, jobs: int) -> None:
        """Wait until so many jobs have started."""
        wait_for(f"{jobs} jobs to start", lambda: len(self.small.recorded("started")) >= jobs)

    def check(self, run: str, jobs: int) -> None:
        """See that all is done, once at a time, and that nothing stays in the queue."""
        assert self.home.wait_end(run) == "RUN_SUCCEEDED"
        assert set(self.small.recorded("done")) == {f"j{number}" for number in range(jobs)}
        self.small.check_alone()
        self.check_empty()

    def check_empty(self) -> None:
        """See that no block stays in the queue once there is no work."""
        wait_for("an empty queue", lambda: not self.queue(), EMPTY_SECONDS)

    def kill_daemon(self) -> None:
        """Kill it as the kernel would, and start another."""
        killed = self.home.daemon_pid()
        os.kill(killed, signal.SIGKILL)
        self.home.run("interchange", "start")
        assert self.home.daemon_pid() != killed

    def adopted(self) -> list[str]:
        """Ids of all blocks that its daemons have ever asked for."""
        logs = "".join(log.read_text() for log in sorted((self.home.directory / "log").glob("*.log")))
        # One may be told twice: by its submission, and by a look for it.
        return list(dict.fromkeys(re.findall(r"Block \d+ is (\S+) in its batch system", logs)))

    def submitted(self) -> list[str]:
        """Ids of all that Slurm has ever had of it."""
        return list(queue(self.home.directory, "--states=all"))

    def log(self, batch_id: str) -> str:
        """What a block's script said."""
        lines = slurm("squeue", "-h", "-t", "all", "-j", batch_id, "-o", "%Z")
        return (Path(lines) / "block.log").read_text()


class Controller:
    """The controller of the cluster, which can be stopped."""

    def __init__(self) -> None:
        conf = Path(os.environ["SLURM_CONF"]).read_text()
        found = re.search(r"^SlurmctldPidFile=(.*)$", conf, re.MULTILINE)
        assert found, conf
        self._pid_file = Path(found[1])

    @contextlib.contextmanager
    def stopped(self, seconds: float) -> Iterator[None]:
        """Be away for at least so long."""
        pid = int(self._pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
        wait_for("the end of slurmctld", lambda: not Path(f"/proc/{pid}/cwd").exists())
        until = time.monotonic() + seconds
        try:
            yield
            time.sleep(max(0.0, until - time.monotonic()))
        finally:
            slurm("slurmctld")
            wait_for("slurmctld", lambda: slurm("scontrol", "ping", check=False).endswith("UP"))
