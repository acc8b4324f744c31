"""The commands of BPS as a user types them, with a command line of ours that answers as it is told."""

from __future__ import annotations

import dataclasses
import functools
import io
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click.testing
import pytest
from conftest import SERVICE, FakeCli
from lsst.ctrl.bps.cli.bps import cli
from lsst.ctrl.bps.report import display_report
from test_reports import ANSWER, SUMMARY

from lsst.ctrl.bps import drivers


@dataclasses.dataclass(frozen=True)
class Done:
    """What came of a command."""

    exit_code: int
    output: str
    exception: BaseException | None


Bps = Callable[..., Done]


@pytest.fixture
def bps(monkeypatch: pytest.MonkeyPatch, fake_cli: FakeCli, tmp_path: Path) -> Bps:
    """Return a function that runs a command of BPS in an empty directory."""
    monkeypatch.setenv("BPS_WMS_SERVICE_CLASS", SERVICE)
    monkeypatch.setenv("PWD", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    # Else they go to what was the standard output when BPS was imported.
    reports = io.StringIO()
    monkeypatch.setattr(drivers, "display_report", functools.partial(display_report, file=reports))

    def run(*arguments: str) -> Done:
        root = logging.getLogger()
        level, handlers = root.level, list(root.handlers)
        try:
            done = click.testing.CliRunner().invoke(cli, arguments)
            return Done(done.exit_code, done.output + reports.getvalue(), done.exception)
        finally:
            # BPS makes handlers that write into what click captures.
            root.setLevel(level)
            root.handlers[:] = handlers

    return run


def rows(printed: str, first: str) -> list[list[str]]:
    return [line.split() for line in printed.splitlines() if line.split()[:1] == [first]]


def test_report_of_one_run(bps: Bps, fake_cli: FakeCli) -> None:
    fake_cli.answers("report", ANSWER)
    done = bps("report", "--id", "12", "--return-exit-codes", "--global")
    assert done.exit_code == 0, done.output
    assert rows(done.output, "TOTAL")[0][1:] == ["0"] * 8 + ["4", "1", "1", "6"]
    assert "host#1#12" in done.output
    assert rows(done.output, "label1")[1][1:3] == ["1", "1"]
    assert "WARNING" not in done.output
    assert fake_cli.calls == [["report", "12", "--json"]]


def test_report_lists_runs_of_a_user_and_a_time(bps: Bps, fake_cli: FakeCli) -> None:
    fake_cli.answers("list", {"runs": [SUMMARY]})
    done = bps("report", "--user", "ann", "--hist", "2")
    assert rows(done.output, "FAILED")[0][1:3] == ["66", "12"]
    assert fake_cli.calls == [["list", "--hist", "2", "--user", "ann", "--json"]]


def test_report_lists_what_the_passed_text_chooses(bps: Bps, fake_cli: FakeCli) -> None:
    others = [{**SUMMARY, "id": 13, "state": "RUN_RUNNING"}, {**SUMMARY, "id": 14, "name": "u_bob_run"}]
    fake_cli.answers("list", {"runs": [SUMMARY, *others]})
    done = bps("report", "--hist", "1", "--pass-thru", "state=FAILED name=*Ann*")
    assert [row[2] for row in rows(done.output, "FAILED")] == ["12"]
    assert rows(done.output, "RUNNING") == []


@pytest.mark.parametrize("text", ["failed", "status=failed"])
def test_report_says_what_may_be_passed(bps: Bps, fake_cli: FakeCli, text: str) -> None:
    done = bps("report", "--pass-thru", text)
    assert f"'{text}' can't be read; give KEY=PATTERN" in done.output
    assert "keys are state, name, site, operator, project, campaign, payload" in done.output
    assert fake_cli.calls == []


def test_report_of_one_run_says_that_it_heeds_no_passed_text(bps: Bps, fake_cli: FakeCli) -> None:
    fake_cli.answers("report", ANSWER)
    done = bps("report", "--id", "12", "--pass-thru", "state=FAILED")
    assert rows(done.output, "TOTAL") and "--pass-thru changes nothing with --id" in done.output


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("RUN_READY", 13),
        ("RUN_RUNNING", 15),
        ("RUN_DELETED", 16),
        ("RUN_HELD", 17),
        ("RUN_SUCCEEDED", 0),
        ("RUN_FAILED", 19),
    ],
)
def test_status_ends_with_the_state(bps: Bps, fake_cli: FakeCli, state: str, code: int) -> None:
    fake_cli.answers("report", {"summary": {**SUMMARY, "state": state}})
    assert bps("status", "--id", "12").exit_code == code


@pytest.mark.parametrize(("kind", "message"), [(4, "no run '99'"), (3, "no daemon answers")])
def test_status_of_what_nobody_knows_is_unknown(bps: Bps, fake_cli: FakeCli, kind: int, message: str) -> None:
    fake_cli.refuses("report", kind, message)
    assert bps("status", "--id", "99").exit_code == 10


def test_cancel_of_all_runs_of_a_user(bps: Bps, fake_cli: FakeCli) -> None:
    runs = [{**SUMMARY, "id": number, "state": "RUN_RUNNING"} for number in (3, 4)]
    fake_cli.answers("list", {"runs": [*runs, {**SUMMARY, "id": 5}]})
    fake_cli.answers("cancel", {})
    done = bps("cancel", "--user", "ann", "--pass-thru", "-forcex")
    assert done.output.count("Successfully canceled") == 2
    assert [call[:3] for call in fake_cli.calls[1:]] == [
        ["cancel", "3", "--force"],
        ["cancel", "4", "--force"],
    ]


def test_cancel_by_submit_directory_and_of_what_bps_has_not_submitted(bps: Bps, fake_cli: FakeCli) -> None:
    fake_cli.answers("report", {"summary": {**SUMMARY, "attributes": {}}})
    fake_cli.answers("cancel", {})
    assert "No job matches" in bps("cancel", "--id", "/submit/run").output
    done = bps("cancel", "--id", "/submit/run", "--skip-require-bps")
    assert "Successfully canceled job with id '12'" in done.output
    assert ["cancel", "12", "--json"] in fake_cli.calls


def test_cancel_of_nothing_cancels_nothing(bps: Bps, fake_cli: FakeCli) -> None:
    assert "No job matches" in bps("cancel").output
    assert fake_cli.calls == []


def test_restart(bps: Bps, fake_cli: FakeCli) -> None:
    fake_cli.answers("restart", {"run": 12, "name": "u_ann_run", "messages": []})
    done = bps("restart", "--id", "12")
    assert "Run Id: 12" in done.output and "Run Name: u_ann_run" in done.output


def test_restart_by_submit_directory_finds_the_configuration_there(
    bps: Bps, fake_cli: FakeCli, tmp_path: Path
) -> None:
    (tmp_path / "u_ann_run_config.yaml").write_text(f"wmsServiceClass: {SERVICE}\n")
    fake_cli.answers("restart", {"run": 12, "name": "u_ann_run", "messages": []})
    done = bps("restart", "--id", str(tmp_path))
    assert done.exit_code == 0, done.exception
    assert "Run Id: 12" in done.output
    assert (tmp_path / "u_ann_run.env.info.yaml").exists()


def test_a_refused_restart_says_why(bps: Bps, fake_cli: FakeCli) -> None:
    fake_cli.refuses("restart", 1, "run 12 goes on")
    assert "Restart failed: run 12 goes on" in bps("restart", "--id", "12").output
    assert "Restart failed: no run is named" in bps("restart").output


def test_ping_ends_with_what_it_found(bps: Bps, fake_cli: FakeCli) -> None:
    fake_cli.answers("info", {"version": "1", "host": "h", "troubles": []})
    assert bps("ping").exit_code == 0
    fake_cli.refuses("info", 3, "no daemon answers")
    assert bps("ping").exit_code == 3
    fake_cli.answers("info", {"troubles": ["the disk is full"]})
    assert bps("ping").exit_code == 1


CUSTOM = """
wmsServiceClass: {service}
computeSite: here
site: {{here: {{provider: local, cores: 2}}}}
project: tiny
campaign: drp
operator: ann
payload: {{payloadName: custom}}
outputRun: u/ann/custom
submitPath: {path}/submit
customJob:
  executable: {path}/tool.sh
  arguments: "{{project}} {{table}} {{result}} {{wmsAttemptNum}} {{environmentLess}}"
  environmentLess: x
  environment: {{MODE: fast, GONE: BPS_NONE}}
  inputs: {{table: {path}/table.txt}}
  outputs: {{result: below/result.txt}}
  requestCpus: 2
"""


@pytest.fixture
def custom(tmp_path: Path, fake_cli: FakeCli) -> Path:
    (tmp_path / "tool.sh").write_text("#!/bin/sh\n")
    (tmp_path / "tool.sh").chmod(0o755)
    (tmp_path / "table.txt").write_text("1\n")
    (tmp_path / "custom.yaml").write_text(CUSTOM.format(service=SERVICE, path=tmp_path))
    fake_cli.answers("check", {})
    fake_cli.answers("submit", {"run": 12})
    return tmp_path / "submit"


def written(submit: Path) -> list[dict[str, Any]]:
    lines = (submit / "interchange" / "workflow.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_submitcmd_runs_one_command_with_its_files(bps: Bps, fake_cli: FakeCli, custom: Path) -> None:
    done = bps("submitcmd", "custom.yaml")
    assert done.exit_code == 0, done.exception
    assert "Run Id: 12" in done.output
    header, job, _ = written(custom)
    assert header["header"]["attributes"]["iscustom"] == "True"
    line = job["job"]
    assert (line["name"], line["label"], line["cpus"]) == ("tool.sh", "customJob", 2)
    assert line["command"] == (f"{custom}/tool.sh tiny table.txt result.txt ${{INTERCHANGE_ATTEMPT}} x")
    assert line["environment"] == {"MODE": "fast"}
    assert line["files"] == [
        {"path": f"{custom}/table.txt"},
        {"path": f"{custom}/below/result.txt", "output": True},
    ]
    # No checks before it, as BPS makes none.
    assert [call[0] for call in fake_cli.calls] == ["check", "submit"]


def test_submitcmd_may_be_tried_dry(bps: Bps, fake_cli: FakeCli, custom: Path) -> None:
    done = bps("submitcmd", "--dry-run", "custom.yaml")
    assert done.exit_code == 0, done.exception
    assert "Run Id" not in done.output
    assert len(written(custom)) == 3
    assert [call[0] for call in fake_cli.calls] == ["check"]


def test_submitcmd_without_a_shared_file_system_sends_the_command_along(
    bps: Bps, custom: Path, tmp_path: Path
) -> None:
    with (tmp_path / "custom.yaml").open("a") as config:
        config.write("bpsUseShared: false\n")
    assert bps("submitcmd", "custom.yaml").exit_code == 0
    line = written(custom)[1]["job"]
    assert line["command"].startswith("./tool.sh tiny table.txt result.txt")
    assert {"path": f"{custom}/tool.sh", "executable": True} in line["files"]
