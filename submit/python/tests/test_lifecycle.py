"""Runs and the daemon's beginnings and ends, with real processes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from living import RUN_SECONDS, Home, jobs_of, living_home, wait_for
from small import Small

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with living_home(tmp_path_factory.mktemp("home") / "interchange") as home:
        yield home


def test_the_same_submission_again_is_the_same_run(home: Home, tmp_path: Path) -> None:
    header = {
        "format": 1,
        "submission": "11111111-0000-4000-8000-000000000001",
        "name": "w",
        "submitDirectory": str(tmp_path),
        "site": "here",
        "sites": {"here": {"provider": "local", "cores": 1, "memory": 512}},
    }
    job = {"name": "a", "label": "a", "command": "echo x >> times"}
    lines = [{"header": header}, {"job": job}, {"trailer": {"jobs": "1"}}]
    (tmp_path / "w.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    first = home.run_json("submit", "w.jsonl", cwd=tmp_path)
    again = home.run_json("submit", "w.jsonl", cwd=tmp_path)
    assert (again["run"], again["existed"]) == (first["run"], True)
    assert home.wait_end(str(first["run"])) == "RUN_SUCCEEDED"
    assert (tmp_path / "times").read_text() == "x\n"


def test_a_stop_ends_everything_and_a_start_goes_on(home: Home, tmp_path: Path) -> None:
    small = Small(home, tmp_path)
    slow = {"name": "a", "command": "until [ -e go ]; do sleep 0.1; done; echo a >> finished"}
    run = small.submit([slow, {"name": "b", "needs": ["a"], "command": "echo b >> finished"}])
    wait_for("its first job", lambda: home.counts(run)["RUNNING"] == 1, RUN_SECONDS)
    home.run("interchange", "stop", "--now")
    wait_for("the end of all processes", lambda: not home.processes())
    (tmp_path / "go").touch()
    home.run("interchange", "start")
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert (tmp_path / "finished").read_text() == "a\nb\n"


@pytest.mark.parametrize("export", [True, False, ["LANG"]])
def test_jobs_have_the_umask_of_the_shell_that_submitted(
    home: Home, tmp_path: Path, export: bool | list[str]
) -> None:
    small = Small(home, tmp_path)
    file = small.write([{"name": "a", "command": "umask >mask; >made"}], exportEnvironment=export)
    submit = f"umask 002; exec interchange submit '{file}' --json"
    run = str(json.loads(home.run("sh", "-c", submit, cwd=tmp_path).stdout)["run"])
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert (tmp_path / "mask").read_text() == "0002\n"
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o664


def test_a_second_cancel_ends_the_final_job_of_the_first(home: Home, tmp_path: Path) -> None:
    small = Small(home, tmp_path)
    last = {"name": "last", "final": True, "command": "echo >begun; sleep 600"}
    run = small.submit([{"name": "long", "command": "echo >started; sleep 600"}, last])
    cancel = ("cancel", "--skip-require-bps", "--id", run)
    wait_for("the job", (tmp_path / "started").exists, RUN_SECONDS)
    assert "Successfully canceled" in home.bps(*cancel)
    wait_for("the final job", (tmp_path / "begun").exists, RUN_SECONDS)
    assert jobs_of(home, run)
    assert home.state(run) == "RUN_RUNNING"
    assert "Successfully canceled" in home.bps(*cancel)
    assert home.wait_end(run) == "RUN_DELETED"
    wait_for("the end of all jobs", lambda: not jobs_of(home, run))
    states = {row["name"]: row["state"] for row in home.ask("jobs", run)["jobs"]}
    assert states == {"long": "DELETED", "last": "DELETED"}


def test_a_warning_of_a_submission_is_logged_once(home: Home, tmp_path: Path) -> None:
    file = Small(home, tmp_path).write([{"name": "giant", "cpus": 3, "command": "true"}])
    code = f"""
import logging
from lsst.ctrl.bps.interchange import InterchangeService, InterchangeWorkflow
logging.basicConfig()
workflow = InterchangeWorkflow("small", {{}})
workflow.path = {str(file)!r}
print(InterchangeService({{}}).submit(workflow).run_id)
"""
    done = home.run(sys.executable, "-c", code, cwd=tmp_path)
    assert home.wait_end(done.stdout.strip()) == "RUN_SUCCEEDED"
    assert done.stderr.count("it will run alone on the largest worker") == 1, done.stderr


def test_a_refused_workflow_leaves_nothing_behind(home: Home, tmp_path: Path) -> None:
    small = Small(home, tmp_path)
    file = small.write([{"name": "a", "command": "true", "needs": ["nobody"]}])
    assert home.run("interchange", "submit", str(file), check=False, cwd=tmp_path).returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_bps_says_that_there_is_no_daemon_and_starts_none_to_say_so(tmp_path: Path) -> None:
    with living_home(tmp_path / "interchange", INTERCHANGE_AUTOSTART="0") as home:
        pinged = home.run("bps", "ping", check=False)
        assert pinged.returncode == 3
        assert "interchange start" in pinged.stdout + pinged.stderr
        assert "interchange start" in home.bps("report", check=False)
        assert home.run("bps", "status", "--id", "1", check=False).returncode == 10
        for which in (["--id", "1"], ["--user", "ann"]):
            cancelled = home.run("bps", "cancel", *which, check=False)
            assert cancelled.returncode == 3
            assert cancelled.stderr.splitlines()[-1].startswith("Error: no daemon")
            assert "interchange start" in cancelled.stderr
            assert "Traceback" not in cancelled.stderr
        assert not home.processes()
