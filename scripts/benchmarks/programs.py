"""How quickly our programs start, and how light a worker is."""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import time
from pathlib import Path

from .daemon import SITE, Daemon, wait_for
from .samples import Samples, merged, repeated, say
from .workshop import Workshop

__all__ = ["command_line", "worker"]

WORKERS = 5
CALLS = 10
# A worker that has just connected is not idle yet.
SETTLING_SECONDS = 5.0


def command_line(workshop: Workshop) -> dict[str, float]:
    """Measure `interchange list` with a daemon running, with the ahead-of-time caches and without."""
    with Daemon(workshop) as daemon:
        daemon.warm_up()
        without = {**daemon.environment, "INTERCHANGE_CACHE": str(daemon.home / "none"), "INTERCHANGE_AOT": "0"}
        warm = repeated("list", lambda: _seconds_of_list(daemon.environment), CALLS)
        cold = repeated("list without caches", lambda: _seconds_of_list(without), CALLS)
    return merged([warm.flat("cli_s"), cold.flat("cli_cold_s")])


def _seconds_of_list(environment: dict[str, str]) -> float:
    begin = time.monotonic()
    subprocess.run(["interchange", "list"], env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin


def worker(workshop: Workshop) -> dict[str, float]:
    """Measure new workers, each on a site of its own: from the start of the process to its being connected, and its memory."""
    with Daemon(workshop) as daemon:
        daemon.warm_up()
        seconds = repeated("worker", lambda: _new_worker(workshop, daemon), WORKERS)
        say(f"  letting the workers be idle for {SETTLING_SECONDS:g} s")
        time.sleep(SETTLING_SECONDS)
        processes = [int(row["pid"]) for row in daemon.ask("workers")["workers"]]
        resident = Samples(tuple(_mib(process, "VmRSS") for process in processes))
        private = Samples(tuple(_mib(process, "RssAnon") for process in processes))
    return merged(
        [
            seconds.flat("worker_connect_s"),
            resident.flat("worker_rss_mib"),
            private.flat("worker_rss_anonymous_mib"),
        ]
    )


def _new_worker(workshop: Workshop, daemon: Daemon) -> float:
    before = _processes(daemon)
    directory = workshop.directory("worker")
    file = directory / "workflow.yaml"
    # Another content is another site, and so another block.
    site = json.dumps({**SITE, "memory": 1024 + len(before)})
    file.write_text(f"name: worker\nsite: {site}\njobs:\n- {{name: a, command: 'true'}}\n")
    daemon.run_to_the_end(file, directory)
    wait_for("a new worker", lambda: _processes(daemon) - before)
    (new,) = _processes(daemon) - before
    return _connected(daemon.home / "log" / "interchange.log") - _started(new)


def _processes(daemon: Daemon) -> set[int]:
    return {int(row["pid"]) for row in daemon.ask("workers")["workers"]}


def _started(process: int) -> float:
    """When a process began, by the wall clock; the kernel counts in hundredths of a second."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    since_boot = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + since_boot


def _connected(log: Path) -> float:
    """When the daemon wrote that the newest worker is connected."""
    lines = re.findall(r"^(\S+[ T]\S+) .*Worker \d+ is connected", log.read_text(), re.MULTILINE)
    return datetime.datetime.fromisoformat(lines[-1].replace(",", ".")).timestamp()


def _mib(process: int, field: str) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(rf"^{field}:\s*(\d+) kB", status, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"no {field} of process {process}")
    return int(found[1]) / 1024
