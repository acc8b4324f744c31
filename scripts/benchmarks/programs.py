"""How quickly our programs start, and how light a worker is."""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import time
from pathlib import Path

from interchange_runtime.launcher import find_java

from .daemon import SITE, Daemon, wait_for
from .samples import Samples, interleaved, merged, say
from .workshop import Workshop

__all__ = ["bare_java", "command_line", "seconds_of", "worker"]

WORKERS = 5
CALLS = 10
# A worker that has just connected is not idle yet.
SETTLING_SECONDS = 5.0


def command_line(workshop: Workshop) -> dict[str, float]:
    """Measure `interchange list` with a daemon running, with the ahead-of-time caches and without."""
    with Daemon(workshop) as daemon:
        daemon.warm_up()
        without = {
            **daemon.environment,
            "INTERCHANGE_CACHE": str(daemon.home / "none"),
            "INTERCHANGE_AOT": "0",
        }
        found = interleaved(
            {
                "list": lambda: seconds_of(["interchange", "list"], daemon.environment),
                "list without caches": lambda: seconds_of(["interchange", "list"], without),
                "java": bare_java,
            },
            CALLS,
        )
    return merged(
        [
            found["list"].flat("cli_s"),
            found["list without caches"].flat("cli_cold_s"),
            found["list"].over(found["java"]).flat("cli_vs_java"),
            found["java"].flat("cli_java_s"),
        ]
    )


def bare_java() -> float:
    """Start the same runtime with nothing to do: what is measured of our programs is to be seen beside it."""
    java = find_java()
    return seconds_of([java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-version"], dict(os.environ))


def seconds_of(line: list[str], environment: dict[str, str]) -> float:
    """Run a command that must succeed, and return how long it took."""
    begin = time.monotonic()
    subprocess.run(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin


def worker(workshop: Workshop) -> dict[str, float]:
    """Measure new workers, each on a site of its own: from start to connected, and their memory."""
    with Daemon(workshop) as daemon:
        daemon.warm_up()
        found = interleaved({"worker": lambda: _new_worker(workshop, daemon), "java": bare_java}, WORKERS)
        say(f"  letting the workers be idle for {SETTLING_SECONDS:g} s")
        time.sleep(SETTLING_SECONDS)
        processes = [int(row["pid"]) for row in daemon.ask("workers")["workers"]]
        resident = Samples(tuple(_mib(process, "VmRSS") for process in processes))
        private = Samples(tuple(_mib(process, "RssAnon") for process in processes))
    return merged(
        [
            found["worker"].flat("worker_connect_s"),
            found["worker"].over(found["java"]).flat("worker_connect_vs_java"),
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
    lines = re.findall(r"^(\S+) .*Worker \d+ is connected", log.read_text(), re.MULTILINE)
    return datetime.datetime.fromisoformat(lines[-1]).timestamp()


def _mib(process: int, field: str) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(rf"^{field}:\s*(\d+) kB", status, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"no {field} of process {process}")
    return int(found[1]) / 1024
