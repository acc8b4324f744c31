from __future__ import annotations

import os
from pathlib import Path

import click
import pytest
from conftest import SERVICE, FakeCli, MakeConfig
from lsst.ctrl.bps.cancel import cancel
from lsst.ctrl.bps.ping import ping
from lsst.ctrl.bps.report import retrieve_report
from lsst.ctrl.bps.restart import restart
from lsst.ctrl.bps.status import status
from test_reports import ANSWER, SUMMARY

from lsst.ctrl.bps import GenericWorkflow, GenericWorkflowExec, GenericWorkflowJob, WmsStates
from lsst.ctrl.bps.interchange import InterchangeService, InterchangeWorkflow
from lsst.ctrl.bps.interchange.cli import InterchangeError
from lsst.ctrl.bps.interchange.problems import WorkflowRefusedError


@pytest.fixture
def prepared(make_config: MakeConfig, tmp_path: Path, fake_cli: FakeCli) -> InterchangeWorkflow:
    generic_workflow = GenericWorkflow("u_ann_run")
    generic_workflow.add_job(GenericWorkflowJob("a", "isr", executable=GenericWorkflowExec("t", "/bin/true")))
    config = make_config()
    fake_cli.answers("check", {"messages": []})
    return InterchangeService(config).prepare(config, generic_workflow, str(tmp_path))


def test_submit_sets_the_run_id_as_text(fake_cli: FakeCli, prepared: InterchangeWorkflow) -> None:
    fake_cli.answers("submit", {"run": 12, "globalId": "g", "warnings": ["a is alone"]})
    InterchangeService({}).submit(prepared, config=prepared.config, bps_option="x")
    assert prepared.run_id == "12"
    assert fake_cli.calls == [["check", "--json"], ["submit", str(prepared.path), "--json"]]


def test_warnings_of_a_submission_are_logged(
    fake_cli: FakeCli, prepared: InterchangeWorkflow, caplog: pytest.LogCaptureFixture
) -> None:
    fake_cli.answers("submit", {"run": 12, "warnings": ["finalJob runs alone"]})
    InterchangeService({}).submit(prepared)
    assert "finalJob runs alone" in caplog.text


def test_a_refused_submission_raises_in_the_words_of_the_daemon(
    fake_cli: FakeCli, prepared: InterchangeWorkflow
) -> None:
    fake_cli.refuses("submit", 2, "site 'here': unknown key 'coers'")
    with pytest.raises(InterchangeError, match=r"^site 'here': unknown key 'coers'$"):
        InterchangeService({}).submit(prepared)
    assert prepared.run_id is None


def test_a_wrong_site_is_refused_when_it_is_prepared(
    fake_cli: FakeCli, make_config: MakeConfig, tmp_path: Path
) -> None:
    fake_cli.refuses("check", 2, "site 'here': unknown key 'coers'", "site 'here': cores: -1 is less than 1")
    generic_workflow = GenericWorkflow("u_ann_run")
    generic_workflow.add_job(GenericWorkflowJob("a", "isr", executable=GenericWorkflowExec("t", "/bin/true")))
    with pytest.raises(WorkflowRefusedError, match="'coers'\nsite 'here': cores: -1"):
        InterchangeService({}).prepare(make_config(), generic_workflow, str(tmp_path))
    assert list((tmp_path / "interchange").iterdir()) == []


def test_what_a_site_warns_of_is_logged_when_it_is_prepared_and_not_again(
    fake_cli: FakeCli, make_config: MakeConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fake_cli.answers("check", {"warnings": ["run_dir has no effect here"]})
    fake_cli.answers("submit", {"run": 12, "warnings": ["run_dir has no effect here", "finalJob runs alone"]})
    generic_workflow = GenericWorkflow("u_ann_run")
    generic_workflow.add_job(GenericWorkflowJob("a", "isr", executable=GenericWorkflowExec("t", "/bin/true")))
    service = InterchangeService({})
    workflow = service.prepare(make_config(), generic_workflow, str(tmp_path))
    assert caplog.text.count("run_dir has no effect here") == 1
    service.submit(workflow)
    assert caplog.text.count("run_dir has no effect here") == 1
    assert "finalJob runs alone" in caplog.text


def test_a_workflow_can_be_prepared_without_a_daemon(
    fake_cli: FakeCli, make_config: MakeConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fake_cli.refuses("check", 3, "no daemon answers")
    generic_workflow = GenericWorkflow("u_ann_run")
    generic_workflow.add_job(GenericWorkflowJob("a", "isr", executable=GenericWorkflowExec("t", "/bin/true")))
    assert InterchangeService({}).prepare(make_config(), generic_workflow, str(tmp_path)).path is not None
    assert "no daemon answers" in caplog.text


def test_a_workflow_that_was_not_prepared_is_not_submitted(fake_cli: FakeCli) -> None:
    with pytest.raises(RuntimeError, match="was not prepared"):
        InterchangeService({}).submit(InterchangeWorkflow("x", {}))
    assert fake_cli.calls == []


def test_report_of_one_run_is_detailed(fake_cli: FakeCli) -> None:
    fake_cli.answers("report", ANSWER)
    reports, messages = retrieve_report(SERVICE, run_id="12", hist=2)
    assert messages == []
    assert reports[0].job_summary is not None
    assert fake_cli.calls == [["report", "12", "--json"]]


def test_report_without_an_id_lists_runs(fake_cli: FakeCli) -> None:
    fake_cli.answers("list", {"runs": [SUMMARY]})
    reports, messages = retrieve_report(SERVICE, user="ann", hist=1.5)
    assert [report.wms_id for report in reports] == ["12"]
    assert messages == []
    assert fake_cli.calls[0][0] == "list"
    assert "1.5" in fake_cli.calls[0] and "ann" in fake_cli.calls[0]


def test_report_says_why_there_is_none(fake_cli: FakeCli) -> None:
    fake_cli.refuses("report", 3, "no daemon runs")
    assert retrieve_report(SERVICE, run_id="12") == ([], ["no daemon runs"])


def test_status_is_that_of_the_run(fake_cli: FakeCli) -> None:
    fake_cli.answers("report", ANSWER)
    assert status(SERVICE, "12") == (WmsStates.FAILED, "")


def test_status_of_no_run_is_unknown(fake_cli: FakeCli) -> None:
    fake_cli.refuses("report", 4, "no run '99'")
    assert status(SERVICE, "99") == (WmsStates.UNKNOWN, "no run '99'")


def test_cancel_of_one_run(fake_cli: FakeCli, capsys: pytest.CaptureFixture[str]) -> None:
    fake_cli.answers("report", ANSWER)
    fake_cli.answers("cancel", {"messages": []})
    cancel(SERVICE, "12", pass_thru="")
    assert fake_cli.calls[-1] == ["cancel", "12", "--json"]
    assert "Successfully canceled job with id '12'" in capsys.readouterr().out


def test_cancel_by_force(fake_cli: FakeCli) -> None:
    fake_cli.answers("report", ANSWER)
    fake_cli.answers("cancel", {"messages": []})
    cancel(SERVICE, "12", pass_thru="-forcex")
    assert fake_cli.calls[-1] == ["cancel", "12", "--force", "--json"]


def test_cancel_of_an_ended_run_says_so(fake_cli: FakeCli, capsys: pytest.CaptureFixture[str]) -> None:
    fake_cli.answers("report", ANSWER)
    fake_cli.refuses("cancel", 1, "run 12 has ended (FAILED)")
    cancel(SERVICE, "12")
    assert "Couldn't cancel job with id '12' (run 12 has ended (FAILED))" in capsys.readouterr().out


def test_cancel_of_no_run_finds_none(fake_cli: FakeCli, capsys: pytest.CaptureFixture[str]) -> None:
    fake_cli.refuses("report", 4, "no run '99'")
    cancel(SERVICE, "99")
    assert "No job matches the search criteria" in capsys.readouterr().out


@pytest.mark.parametrize(("chosen", "command"), [({"wms_id": "12"}, "report"), ({"user": "ann"}, "list")])
def test_cancel_without_a_daemon_says_so_as_click_does(
    fake_cli: FakeCli, chosen: dict[str, str], command: str
) -> None:
    fake_cli.refuses(command, 3, "no daemon runs: 'interchange start' starts one")
    with pytest.raises(click.ClickException, match="'interchange start' starts one") as raised:
        cancel(SERVICE, **chosen)
    assert raised.value.exit_code == 3


def test_cancel_by_user_takes_runs_of_bps_that_go_on(fake_cli: FakeCli) -> None:
    def run(number: int, state: str, isjob: str) -> dict[str, object]:
        return {"id": number, "state": state, "attributes": {"isjob": isjob}}

    runs = [run(1, "RUN_RUNNING", "True"), run(2, "RUN_RUNNING", ""), run(3, "RUN_FAILED", "True")]
    fake_cli.answers("list", {"runs": runs})
    service = InterchangeService({})
    assert service.list_submitted_jobs(None, "ann") == ["1"]
    assert service.list_submitted_jobs(None, "ann", False) == ["1", "2"]
    assert service.list_submitted_jobs() == []


def test_restart_keeps_id_and_name(fake_cli: FakeCli) -> None:
    fake_cli.answers("restart", {"run": 12, "name": "u_ann_run", "messages": ["environment of this shell"]})
    assert restart(SERVICE, "12") == ("12", "u_ann_run", "environment of this shell")


def test_a_refused_restart_has_no_id(fake_cli: FakeCli) -> None:
    fake_cli.refuses("restart", 1, "run 12 is still going on")
    assert restart(SERVICE, "12") == (None, None, "run 12 is still going on")


def test_ping_tells_who_answered(fake_cli: FakeCli) -> None:
    fake_cli.answers("info", {"version": "0.1.0", "host": "submit1"})
    assert ping(SERVICE, "") == (0, "interchange 0.1.0 on submit1")


def test_ping_tells_of_troubles(fake_cli: FakeCli) -> None:
    fake_cli.answers("info", {"version": "0.1.0", "troubles": ["journal: disk is full"]})
    assert ping(SERVICE, "") == (1, "journal: disk is full")


def test_ping_without_a_daemon_fails(fake_cli: FakeCli) -> None:
    fake_cli.refuses("info", 3, "no daemon runs")
    assert ping(SERVICE, "") == (3, "no daemon runs")


def test_submission_checks_start_the_daemon(fake_cli: FakeCli) -> None:
    fake_cli.answers("start", {})
    InterchangeService({}).run_submission_checks()
    assert fake_cli.calls == [["start", "--json"]]


def test_submission_stops_where_there_can_be_no_daemon(fake_cli: FakeCli) -> None:
    fake_cli.refuses("start", 3, "home is held by host other")
    with pytest.raises(InterchangeError, match="held by host other"):
        InterchangeService({}).run_submission_checks()


def test_a_command_line_that_dies_is_told_by_what_it_said(fake_cli: FakeCli) -> None:
    fake_cli.answers("info", "", exit_code=1, says="Error: could not create the Java Virtual Machine\n")
    assert InterchangeService({}).ping("") == (1, "Error: could not create the Java Virtual Machine")
    fake_cli.answers("info", "", exit_code=7)
    assert InterchangeService({}).ping("")[1] == "'interchange info' ended with exit code 7 and said nothing"


def test_what_is_said_beside_an_answer_is_logged(fake_cli: FakeCli, caplog: pytest.LogCaptureFixture) -> None:
    fake_cli.answers("start", {}, says="the daemon ends with this login: loginctl enable-linger\n")
    InterchangeService({}).run_submission_checks()
    assert "enable-linger" in caplog.text


def test_the_command_line_is_told_the_umask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "cli"
    script.write_text('echo "{\\"version\\": \\"$INTERCHANGE_UMASK\\", \\"host\\": \\"h\\"}"\n')
    monkeypatch.setenv("INTERCHANGE_CLI", f"/bin/sh {script}")
    monkeypatch.delenv("INTERCHANGE_UMASK", raising=False)
    before = os.umask(0o027)
    try:
        assert InterchangeService({}).ping("") == (0, "interchange 0027 on h")
    finally:
        os.umask(before)


def test_an_answer_that_is_no_json_is_said(fake_cli: FakeCli) -> None:
    fake_cli.answers("info", "Usage: interchange")
    code, message = InterchangeService({}).ping("")
    assert code == 5
    assert "printed no JSON object" in message and "Usage: interchange" in message


def test_a_constructor_and_defaults_call_nothing(fake_cli: FakeCli, make_config: MakeConfig) -> None:
    service = InterchangeService({})
    assert service.defaults is None
    assert service.defaults_uri is None
    make_config()
    assert fake_cli.calls == []
