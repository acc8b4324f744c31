"""A real pipeline whose jobs are forks of a template: what it leaves is what it leaves cold."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from living import HERE, RUN_SECONDS, SERVICE, TINYDRP, Home, Tinydrp, copied, living_home, wait_for
from small import Small

pytestmark = pytest.mark.end_to_end

# Of two runs of the same these differ: times, names of quanta and runs, places, and what was measured.
DIFFERENT = [
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(\+00:00|Z)?", "TIME"),
    (r"[0-9]{8}T[0-9]{6}Z", "RUN"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
    (r"took [0-9.]+ seconds", "took"),
    (r"0x[0-9a-f]+", "ADDRESS"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with living_home(tmp_path_factory.mktemp("home") / "interchange") as home:
        yield home


@pytest.fixture(scope="module")
def template(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Tinydrp:
    tinydrp = Tinydrp(home, tmp_path_factory.mktemp("template"), exposures=2, detectors=2)
    tinydrp.make()
    return tinydrp


def submitted(tinydrp: Tinydrp, site: str = "", **variables: str) -> str:
    """Submit, without the recorder of other tests."""
    (tinydrp.directory / "bps.yaml").write_text(
        f"computeSite: here\nwmsServiceClass: {SERVICE}\n"
        "site:\n"
        f"  here: {{provider: local, nodesPerBlock: 1, cores: 2, memory: 4096{site}}}\n"
        f"includeConfigs: ['{TINYDRP / 'bps.yaml'}']\n"
    )
    return tinydrp.submit(PATH=tinydrp.home.environment["PATH"], **variables)


def same(tinydrp: Tinydrp, text: str) -> str:
    """Return a text without what differs from run to run."""
    text = text.replace(str(tinydrp.directory), "HERE")
    for pattern, name in DIFFERENT:
        text = re.sub(pattern, name, text)
    return text


def contents(tinydrp: Tinydrp) -> dict[str, Any]:
    """Return what the butler holds."""
    script = str(HERE / "standins" / "contents.py")
    repo = str(tinydrp.directory / "repo")
    done = tinydrp.home.run(sys.executable, script, repo, **tinydrp.variables)
    found: dict[str, Any] = json.loads(same(tinydrp, done.stdout))
    return found


def logs(tinydrp: Tinydrp, run: str) -> dict[str, str]:
    """Return what the jobs of a run have printed, but for the final one, which several threads write to."""
    directory = tinydrp.submit_directory(run)
    return {
        same(tinydrp, str(log.relative_to(directory))): same(tinydrp, log.read_text())
        for log in sorted((directory / "logs").rglob("*.std*"))
        if log.parent.name != "finalJob"
    }


def ends(tinydrp: Tinydrp, run: str) -> dict[str, tuple[str, int | None]]:
    """Return how the jobs of a run have ended."""
    return {
        same(tinydrp, job["name"]): (job["state"], job.get("exitCode"))
        for job in tinydrp.home.ask("jobs", run)["jobs"]
    }


def warm_ones(home: Home, run: str) -> list[str]:
    """Return the labels of the jobs that were started warm."""
    return sorted(job["label"] for job in home.ask("jobs", run)["jobs"] if job["warm"])


@pytest.mark.long
def test_a_run_leaves_the_same_warm_and_cold(home: Home, template: Tinydrp, tmp_path: Path) -> None:
    left = {}
    for way, site in {"cold": ", warm: off", "warm": ""}.items():
        tinydrp = copied(template, home, tmp_path / way)
        run = submitted(tinydrp, site, TINYDRP_FAIL="calibrate:2:0")
        assert home.wait_end(run) == "RUN_FAILED"
        left[way] = (ends(tinydrp, run), logs(tinydrp, run), contents(tinydrp))
        warm = warm_ones(home, run)
        assert warm.count("isr") == (4 if way == "warm" else 0), warm
        assert warm.count("calibrate") >= (3 if way == "warm" else 0), warm

    assert left["warm"][0] == left["cold"][0]
    assert left["warm"][1] == left["cold"][1]
    assert left["warm"][2] == left["cold"][2]
    assert any(name.startswith("tiny_") for name in left["cold"][2])
    assert any("Execution of task" in text for text in left["cold"][1].values())


def templates(home: Home) -> set[int]:
    """Return the processes of templates; a fork shows its job's command."""
    return {pid for pid, line in home.processes().items() if "template_importlib_bootstrap" in line}


def test_a_worker_that_is_killed_takes_templates_and_jobs_along(
    home: Home, template: Tinydrp, tmp_path: Path
) -> None:
    tinydrp = copied(template, home, tmp_path / "killed")
    run = submitted(tinydrp)

    def warm_jobs_run() -> bool:
        return home.counts(run)["SUCCEEDED"] >= 2 and bool(templates(home))

    wait_for("jobs that are forks", warm_jobs_run, RUN_SECONDS)
    before = templates(home)
    for worker in home.worker_pids():
        os.kill(worker, signal.SIGKILL)

    assert home.wait_end(run) == "RUN_SUCCEEDED"
    tinydrp.check_flux()
    assert not before & templates(home)


TOOL = """#!/usr/bin/env python
import os, sys
print("out", sys.argv[1], os.environ["INTERCHANGE_JOB"], len(os.sched_getaffinity(0)))
print("err", sys.argv[1], file=sys.stderr)
sys.exit(sys.argv[1] == "3")
"""


@pytest.mark.parametrize("way", ["files", "pack", "stream"])
def test_forks_print_where_the_site_says_and_keep_to_their_cores(
    home: Home, tmp_path: Path, way: str
) -> None:
    small = Small(home, tmp_path / way)
    tool = small.directory / "tool"
    tool.write_text(TOOL)
    tool.chmod(0o755)
    # One worker of a machine pins, not three.
    pins = way == "files"
    site = {"name": f"{way}-site", "warm": ["tool"], "logs": way, "pin": pins, "idleTimeout": "30 min"}
    cores = 1 if pins else len(os.sched_getaffinity(0))

    def job(number: int) -> dict[str, Any]:
        outputs = {name: f"logs/j{number}.{name}" for name in ("stdout", "stderr")}
        return {"name": f"j{number}", "command": f'"{tool}" {number}', "cpus": 1, "memory": 64, **outputs}

    def has_template() -> bool:
        first = small.submit([job(0)], **site)
        assert home.wait_end(first) == "RUN_SUCCEEDED"
        return warm_ones(home, first) != []

    wait_for("a template", has_template, RUN_SECONDS)
    run = small.submit([job(number) for number in range(1, 5)], **site)
    assert home.wait_end(run) == "RUN_FAILED"
    rows = {row["name"]: row for row in home.ask("jobs", run)["jobs"]}
    assert all(row["warm"] for row in rows.values()), rows
    assert {name: row["exitCode"] for name, row in rows.items()} == {"j1": 0, "j2": 0, "j3": 1, "j4": 0}
    for i in range(1, 5):
        assert home.run("interchange", "logs", run, f"j{i}").stdout == f"out {i} j{i} {cores}\n"
        assert home.run("interchange", "logs", run, f"j{i}", "--stderr").stdout == f"err {i}\n"
