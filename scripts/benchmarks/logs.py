"""What many jobs print, in a file each or packed: what is left of it, what it costs, and how it is found."""

from __future__ import annotations

import json
import os
import statistics
from pathlib import Path

from .daemon import SITE, Daemon
from .samples import Samples, interleaved, merged, say
from .workshop import TOP, Workshop, checked

__all__ = ["logs"]

# Of the many, which are packed alone, and of each of a pair.
MANY = int(os.environ.get("INTERCHANGE_BENCH_PACKED_JOBS", "100000"))
PAIRED = 10_000
ROUNDS = 3
LOOKED_FOR = 1_000
# A small heap, as the command line has.
OPTIONS = ("-XX:+UseSerialGC", "-Xmx64m", "-XX:-UsePerfData")


def logs(workshop: Workshop) -> dict[str, float]:
    """Measure pairs of runs, then a large one."""
    with Daemon(workshop) as daemon:
        daemon.warm_up()
        # Each site has a worker of its own: both are there before anything is measured.
        for way in ("files", "pack"):
            _seconds(workshop, daemon, way, 100)
        found = interleaved(
            {
                "files": lambda: _seconds(workshop, daemon, "files", PAIRED),
                "pack": lambda: _seconds(workshop, daemon, "pack", PAIRED),
            },
            ROUNDS,
        )
        rates: dict[str, Samples] = {
            name: samples.of(lambda seconds: PAIRED / seconds) for name, samples in found.items()
        }
        say(f"  packing {MANY:,} jobs")
        left = _packed(workshop, daemon)
    return merged(
        [
            rates["pack"].over(rates["files"]).flat("pack_throughput_vs_files"),
            *(samples.flat(f"logs_{name}_per_s") for name, samples in rates.items()),
            left,
        ]
    )


def _run(daemon: Daemon, directory: Path, way: str, count: int) -> float:
    # The worker of the other site stays while this one works; it costs nothing meanwhile.
    site = json.dumps({**SITE, "name": way, "logs": way, "idleTimeout": "60 min"})
    file = directory / "workflow.yaml"
    with file.open("w") as out:
        out.write(f"name: {way}\nsite: {site}\njobs:\n")
        for number in range(count):
            out.write(f'- {{name: j{number}, label: {way}, command: "echo $INTERCHANGE_JOB"}}\n')
    return daemon.run_to_the_end(file, directory).seconds


def _seconds(workshop: Workshop, daemon: Daemon, way: str, count: int) -> float:
    directory = workshop.directory(way)
    seconds = _run(daemon, directory, way, count)
    files = len(list((directory / "logs").rglob("*.*")))
    if files != (1 if way == "pack" else 2 * count):
        raise RuntimeError(f"{count} jobs left {files} files in {directory / 'logs'}")
    workshop.discard(directory)
    return seconds


def _workers(daemon: Daemon) -> int:
    """How many the packing site has, which has never had another."""
    return sum(row["site"] == "pack" for row in daemon.ask("workers")["workers"])


def _packed(workshop: Workshop, daemon: Daemon) -> dict[str, float]:
    directory = workshop.directory("packed")
    seconds = _run(daemon, directory, "pack", MANY)
    files = [file for file in (directory / "logs").rglob("*") if file.is_file()]
    workers = _workers(daemon)
    jars = [*(TOP / "submit" / "target" / "jars").glob("*.jar"), TOP / "proto" / "target" / "test-classes"]
    printed = checked(
        [
            f"{os.environ['JAVA_HOME']}/bin/java",
            *OPTIONS,
            "-cp",
            ":".join(map(str, jars)),
            "interchange.pack.PackLookup",
            directory / "logs" / "packs",
            str(MANY),
            str(LOOKED_FOR),
        ]
    )
    millis = [float(line) for line in printed.splitlines()]
    if len(millis) != LOOKED_FOR:
        raise RuntimeError(f"{len(millis)} of {LOOKED_FOR} jobs were found")
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    workshop.discard(directory)
    return {
        "pack_files_per_worker": len(files) / workers,
        "pack_files": float(len(files)),
        "pack_lookup_ms": max(millis),
        "pack_lookup_median_ms": statistics.median(millis),
        "pack_megabytes": megabytes,
        "packed_jobs": float(MANY),
        "packed_jobs_per_s": MANY / seconds,
    }
