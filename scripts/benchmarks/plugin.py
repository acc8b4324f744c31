"""What the plugin adds to BPS's own work on large workflows, and how quickly large runs are reported."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .daemon import Daemon
from .programs import bare_java, seconds_of
from .samples import Samples, interleaved, merged, say
from .workshop import HERE, Workshop, checked

__all__ = ["plugin", "reports"]

JOBS = 100_000
ROUNDS = 3
MILLION = 1_000_000
REPORTS = 5
LABELS = ("isr", "calibrate", "makeWarp", "coadd")


def plugin(workshop: Workshop) -> dict[str, float]:
    """Measure `prepare` and `submit` of a large workflow over the building of it."""
    rounds: list[dict[str, float]] = []
    with Daemon(workshop) as daemon:
        daemon.warm_up()
        for number in range(1, ROUNDS + 1):
            rounds.append(_phases(workshop, daemon))
            say(f"  round {number} of {ROUNDS}: {json.dumps(rounds[-1])}")

    def samples(*phases: str) -> Samples:
        return Samples(tuple(sum(each[phase] for phase in phases) for each in rounds))

    return merged(
        [
            samples("prepare", "submit").over(samples("build")).flat("plugin_100k_vs_build"),
            samples("peak_mib").flat("plugin_100k_mib"),
            *(samples(phase).flat(f"plugin_100k_{phase}_s") for phase in ("build", "prepare", "submit")),
        ]
    )


def _phases(workshop: Workshop, daemon: Daemon) -> dict[str, float]:
    directory = workshop.directory("plugin")
    printed = checked(
        [sys.executable, HERE / "plugin_phases.py", directory, str(JOBS)], directory, daemon.environment
    )
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    daemon.ask("cancel", str(answer.pop("run")), "--force")
    workshop.discard(directory)
    return answer


def reports(workshop: Workshop) -> dict[str, float]:
    """Measure reports on a run of a million jobs, while it goes on and after it has ended."""
    with Daemon(workshop) as daemon:
        daemon.warm_up()
        directory = workshop.directory("million")
        file = directory / "workflow.jsonl"
        _write_million(file, directory)
        say("  submitting it")
        run = str(daemon.ask("submit", file)["run"])
        live = _reported(daemon, run, directory)
        daemon.ask("cancel", run, "--force")
        daemon.follow(run)
        ended = _reported(daemon, run, directory)
    return merged(
        [
            *(samples.flat(f"{name}_s") for name, samples in live.items()),
            *(samples.flat(f"{name}_ended_s") for name, samples in ended.items()),
        ]
    )


def _write_million(file: Path, directory: Path) -> None:
    header = {
        "format": 1,
        "submission": "bench-million",
        "name": "million",
        "submitDirectory": str(directory),
        "site": "here",
        "sites": {"here": {"provider": "local", "cores": 2, "memory": 8192}},
        "labels": LABELS,
        "attributes": {"isjob": "True", "run": "million"},
    }
    with file.open("w") as out:
        out.write(json.dumps({"header": header}) + "\n")
        for number in range(MILLION):
            # One in a hundred fails, so that there is something to be told of.
            job = {
                "name": f"j{number}",
                "label": LABELS[number % len(LABELS)],
                "command": "true" if number % 100 else "exit 3",
            }
            out.write(json.dumps({"job": job}) + "\n")
        out.write(json.dumps({"trailer": {"jobs": MILLION}}) + "\n")


def _reported(daemon: Daemon, run: str, directory: Path) -> dict[str, Samples]:
    def command(*line: str) -> Callable[[], float]:
        return lambda: seconds_of(["interchange", *line], daemon.environment)

    return interleaved(
        {
            "report_million": command("report", run),
            "report_million_usage": command("report", run, "--usage"),
            "report_million_plugin": lambda: _by_plugin(daemon, run, directory),
            "java": bare_java,
        },
        REPORTS,
    )


def _by_plugin(daemon: Daemon, run: str, directory: Path) -> float:
    program = (
        "import sys, time; from lsst.ctrl.bps import BpsConfig;"
        "from lsst.ctrl.bps.interchange import InterchangeService;"
        "service = InterchangeService(BpsConfig({})); begin = time.monotonic();"
        "reports, message = service.report(sys.argv[1], return_exit_codes=True);"
        "assert reports[0].total_number_jobs == 1000000, message; print(time.monotonic() - begin)"
    )
    return float(checked([sys.executable, "-c", program, run], directory, daemon.environment))
