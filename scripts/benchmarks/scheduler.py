"""The scheduler with its journal, on workers in memory: SchedulerBench, among the Java tests."""

from __future__ import annotations

import os
import subprocess

from .workshop import LIMIT_SECONDS, TOP, Workshop

__all__ = ["scheduler"]

# As the daemon is started (interchange.launch.Role).
OPTIONS = (
    "-Xlog:disable",
    "-XX:-UsePerfData",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-XX:+UseG1GC",
    "-Xms64m",
    "-Xmx2g",
)
PARTS = ("costs", "bytes", "turns")
OTHERS = ("interchange-submit-", "interchange-worker-", "slf4j-simple-", "picocli-")


def scheduler(workshop: Workshop) -> dict[str, float]:
    """Run the Java program and read what it prints."""
    jars = [
        jar
        for jar in sorted((TOP / "submit" / "target" / "jars").glob("*.jar"))
        if not jar.name.startswith(OTHERS)
    ]
    classes = [TOP / "interchange" / "target" / "test-classes", *jars]
    line = [f"{os.environ['JAVA_HOME']}/bin/java", *OPTIONS, "-cp", ":".join(map(str, classes))]
    directory = workshop.directory("scheduler")
    # What it says on the way goes to whoever waits.
    done = subprocess.run(
        [*line, "interchange.daemon.SchedulerBench", str(directory), *PARTS],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=LIMIT_SECONDS,
        check=True,
    )
    workshop.discard(directory)
    return {name: float(value) for name, value in (text.split() for text in done.stdout.splitlines())}
