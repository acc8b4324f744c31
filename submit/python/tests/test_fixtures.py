"""BPS's own test workflows, and outcomes that other plugins have had, run to their ends on a real daemon."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeConfig
from fixtures import FIXTURES, Fixture, check_order, labels_of, make_runnable, submit
from living import RUN_SECONDS, Home, living_home, wait_for
from lsst.ctrl.bps.bps_reports import compile_code_summary, compile_job_summary
from lsst.ctrl.bps.tests import gw_test_utils

from lsst.ctrl.bps import (
    BpsConfig,
    GenericWorkflow,
    GenericWorkflowExec,
    GenericWorkflowFile,
    GenericWorkflowGroup,
    GenericWorkflowJob,
    WmsRunReport,
    WmsStates,
)
from lsst.ctrl.bps.interchange import InterchangeWorkflow
from lsst.ctrl.bps.interchange.bringing import Brought
from lsst.ctrl.bps.interchange.reports import detailed_report

pytestmark = pytest.mark.end_to_end

RUN = GenericWorkflowExec("sh", "/bin/sh")
VALUES = ("val1a", "val1b", "val1c")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with living_home(tmp_path_factory.mktemp("home") / "interchange") as home:
        yield home


@pytest.fixture
def config(make_config: MakeConfig) -> BpsConfig:
    return make_config(site={"here": {"provider": "local", "cores": 2, "memory": 4096}})


def reported(home: Home, run: str) -> WmsRunReport:
    """Return the report of a run, of which BPS has nothing to complain."""
    report = detailed_report(home.ask("report", run))
    assert compile_job_summary(report) == []
    assert report.job_state_counts is not None and report.job_summary is not None
    for state in WmsStates:
        of_labels = sum(counts[state] for counts in report.job_summary.values())
        assert of_labels == report.job_state_counts[state], state
    assert compile_code_summary(report) == []
    return report


def counted(report: WmsRunReport) -> dict[str, int]:
    assert report.job_state_counts is not None
    return {state.name: count for state, count in report.job_state_counts.items() if count}


def states_of(home: Home, run: str) -> dict[str, str]:
    return {row["name"]: row["state"] for row in home.ask("jobs", run)["jobs"]}


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_every_job_runs_once_and_in_its_place(
    home: Home, config: BpsConfig, tmp_path: Path, fixture: Fixture
) -> None:
    workflow = make_runnable(fixture.workflow())
    run = submit(home, config, workflow, tmp_path)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    order = (tmp_path / "order").read_text().split()
    assert len(order) == fixture.jobs + 1
    assert order[-1] == "finalJob"
    check_order(workflow, order)
    report = reported(home, run)
    assert counted(report) == {"SUCCEEDED": fixture.jobs + 1}
    assert report.total_number_jobs == fixture.jobs + 1
    expected = labels_of(workflow)
    assert report.run_summary is not None and report.job_summary is not None
    listed = [part.split(":") for part in report.run_summary.split(";")]
    assert {label: int(count) for label, count in listed} == expected
    assert listed[0][0] == "pipetaskInit" and listed[-1][0] == "finalJob"
    assert report.exit_code_summary == {label: [] for label in expected}
    # Nodes that run nothing are in no list.
    assert set(states_of(home, run)) == set(order)


def tiny(branches: int) -> GenericWorkflow:
    """Make the workflow of which HTCondor's plugin keeps the logs."""
    workflow = GenericWorkflow("tiny")
    workflow.add_job(GenericWorkflowJob("pipetaskInit", "pipetaskInit", executable=RUN))
    for branch in range(branches):
        workflow.add_job(GenericWorkflowJob(f"label1_{branch}", "label1", executable=RUN), "pipetaskInit")
        workflow.add_job(GenericWorkflowJob(f"label2_{branch}", "label2", executable=RUN), f"label1_{branch}")
    workflow.add_final(GenericWorkflowJob("finalJob", "finalJob", executable=RUN))
    return workflow


def test_tiny_success(home: Home, config: BpsConfig, tmp_path: Path) -> None:
    run = submit(home, config, make_runnable(tiny(1)), tmp_path)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    report = reported(home, run)
    assert counted(report) == {"SUCCEEDED": 4}
    assert report.run_summary == "pipetaskInit:1;label1:1;label2:1;finalJob:1"


def test_tiny_problems(home: Home, config: BpsConfig, tmp_path: Path) -> None:
    run = submit(home, config, make_runnable(tiny(2), {"label1_1"}), tmp_path)
    assert home.wait_end(run) == "RUN_FAILED"
    report = reported(home, run)
    assert counted(report) == {"SUCCEEDED": 4, "FAILED": 1, "PRUNED": 1}
    assert report.run_summary == "pipetaskInit:1;label1:2;label2:2;finalJob:1"
    assert report.exit_code_summary == {"pipetaskInit": [], "label1": [1], "label2": [], "finalJob": []}


def test_tiny_running(home: Home, config: BpsConfig, tmp_path: Path) -> None:
    workflow = make_runnable(tiny(1))
    workflow.get_job("label1_0").arguments = "-c 'until [ -e go ]; do sleep 0.1; done'"
    run = submit(home, config, workflow, tmp_path)
    wait_for("its second job", lambda: home.counts(run)["RUNNING"] == 1, RUN_SECONDS)
    report = reported(home, run)
    assert report.state == WmsStates.RUNNING
    assert counted(report) == {"SUCCEEDED": 1, "RUNNING": 1, "UNREADY": 2}
    (tmp_path / "go").touch()
    assert home.wait_end(run) == "RUN_SUCCEEDED"


def ordered(implementation: str, labels: str, blocking: bool = False) -> GenericWorkflow:
    """Make five labels of six jobs each, of which some are ordered by their first value."""
    workflow = GenericWorkflow("ordered")
    workflow.add_job(GenericWorkflowJob("pipetaskInit", "pipetaskInit", executable=RUN))
    for one in VALUES:
        for other in ("val2a", "val2b"):
            for label, parent in (("1", ""), ("2", "1"), ("3", "1"), ("4", "2"), ("5", "2")):
                before = f"label{parent}_{one}_{other}" if parent else "pipetaskInit"
                name = f"label{label}_{one}_{other}"
                tags = {"value": one}
                workflow.add_job(GenericWorkflowJob(name, f"label{label}", executable=RUN, tags=tags), before)
    workflow.add_final(GenericWorkflowJob("finalJob", "finalJob", executable=RUN))
    ordering = {"labels": labels, "dimensions": "value", "implementation": implementation}
    workflow.add_special_job_ordering({"order1": {**ordering, "blocking": blocking}})
    return workflow


def test_noop_failed_1(home: Home, config: BpsConfig, tmp_path: Path) -> None:
    workflow = make_runnable(ordered("noop", "label4"), {"label2_val1b_val2b"})
    run = submit(home, config, workflow, tmp_path)
    assert home.wait_end(run) == "RUN_FAILED"
    report = reported(home, run)
    assert counted(report) == {"SUCCEEDED": 27, "FAILED": 1, "PRUNED": 4}
    assert report.total_number_jobs == 32
    codes = {f"label{number}": [1] if number == 2 else [] for number in range(1, 6)}
    assert report.exit_code_summary == {"pipetaskInit": [], **codes, "finalJob": []}
    check_order(workflow, (tmp_path / "order").read_text().split())


def test_group_failed_1(home: Home, config: BpsConfig, tmp_path: Path) -> None:
    workflow = make_runnable(ordered("group", "label2, label4"), {"label2_val1b_val2b"})
    run = submit(home, config, workflow, tmp_path)
    assert home.wait_end(run) == "RUN_FAILED"
    report = reported(home, run)
    assert counted(report) == {"SUCCEEDED": 28, "FAILED": 1, "PRUNED": 3}
    assert report.total_number_jobs == 32
    states = states_of(home, run)
    pruned = {name for name, state in states.items() if state == "PRUNED"}
    assert pruned == {"label4_val1b_val2b", "label5_val1b_val2a", "label5_val1b_val2b"}
    assert states["label4_val1b_val2a"] == "SUCCEEDED"
    assert all(state == "SUCCEEDED" for name, state in states.items() if "val1c" in name)
    check_order(workflow, (tmp_path / "order").read_text().split())


def test_a_restart_takes_up_a_failed_group_and_what_it_kept_back(
    home: Home, config: BpsConfig, tmp_path: Path
) -> None:
    workflow = make_runnable(ordered("group", "label2, label4"))
    job = workflow.get_job("group_order1_val1b").get_job("label2_val1b_val2b")
    job.arguments = "-c 'echo \"$INTERCHANGE_JOB\" >>order; [ -e mended ]'"
    run = submit(home, config, workflow, tmp_path)
    assert home.wait_end(run) == "RUN_FAILED"
    first = (tmp_path / "order").read_text().split()
    (tmp_path / "mended").touch()
    home.bps("restart", "--id", run)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert counted(reported(home, run)) == {"SUCCEEDED": 32}
    again = (tmp_path / "order").read_text().split()[len(first) :]
    kept_back = {"label4_val1b_val2b", "label5_val1b_val2a", "label5_val1b_val2b"}
    assert Counter(again) == Counter({"label2_val1b_val2b", "finalJob"} | kept_back)


def test_group_failed_that_blocks(home: Home, config: BpsConfig, tmp_path: Path) -> None:
    workflow = make_runnable(ordered("group", "label2, label4", blocking=True), {"label2_val1b_val2b"})
    run = submit(home, config, workflow, tmp_path)
    assert home.wait_end(run) == "RUN_FAILED"
    states = states_of(home, run)
    # The whole of the last group and its followers as well.
    assert counted(reported(home, run)) == {"SUCCEEDED": 22, "FAILED": 1, "PRUNED": 9}
    assert {states[f"label{number}_val1c_val2a"] for number in (2, 4, 5)} == {"PRUNED"}
    assert states["label3_val1c_val2a"] == "SUCCEEDED"


def test_a_group_of_which_nothing_ran_lets_its_next_not_run(
    home: Home, config: BpsConfig, tmp_path: Path
) -> None:
    workflow = make_runnable(ordered("group", "label1, label2, label4"), {"pipetaskInit"})
    run = submit(home, config, workflow, tmp_path)
    assert home.wait_end(run) == "RUN_FAILED"
    assert counted(reported(home, run)) == {"SUCCEEDED": 1, "FAILED": 1, "PRUNED": 30}


def test_a_failure_in_a_group_of_a_group_reaches_what_follows_the_outer(
    home: Home, config: BpsConfig, tmp_path: Path
) -> None:
    def group(name: str, label: str, *jobs: str) -> GenericWorkflowGroup:
        made = GenericWorkflowGroup(name, label)
        for each in jobs:
            made.add_job(GenericWorkflowJob(each, "isr", executable=RUN))
        return made

    outer = GenericWorkflowGroup("outer", "outer")
    outer.add_job(group("in1", "inner", "a"))
    outer.add_job(group("in2", "inner", "b"))
    outer.add_edge("in1", "in2")
    workflow = GenericWorkflow("nested")
    workflow.add_job(outer)
    workflow.add_job(group("next", "outer", "c"), "outer")
    workflow.add_job(GenericWorkflowJob("after", "after", executable=RUN), "outer")
    run = submit(home, config, make_runnable(workflow, {"a"}), tmp_path)
    assert home.wait_end(run) == "RUN_FAILED"
    expected = {"a": "FAILED", "b": "SUCCEEDED", "c": "SUCCEEDED", "after": "PRUNED"}
    assert states_of(home, run) == expected


def test_a_final_workflow_runs_in_its_own_order_after_a_failure(
    home: Home, config: BpsConfig, tmp_path: Path
) -> None:
    workflow = tiny(1)
    last = GenericWorkflow("last")
    for name, parent in (("one", None), ("two", "one"), ("three", "two")):
        last.add_job(GenericWorkflowJob(name, "last", executable=RUN), parent)
    workflow.add_final(last)
    run = submit(home, config, make_runnable(workflow, {"label1_0", "two"}), tmp_path)
    assert home.wait_end(run) == "RUN_FAILED"
    order = (tmp_path / "order").read_text().split()
    assert order == ["pipetaskInit", "label1_0", "one", "two"]
    assert counted(reported(home, run)) == {"SUCCEEDED": 2, "FAILED": 2, "PRUNED": 2}


def bring(config: BpsConfig, payload: GenericWorkflow, directory: Path, attempt: int = 0) -> Path:
    """Write a payload as a job would, in another place."""
    target = Brought(directory / "ready.jsonl", attempt)
    made = InterchangeWorkflow.from_generic_workflow(config, payload, str(directory), "")
    made.write_for_parent(target)
    made.add_to_parent_workflow(config)
    return target.path


def test_the_payload_of_a_lazy_job_runs_before_what_needs_that(
    home: Home, config: BpsConfig, tmp_path: Path
) -> None:
    payload = make_runnable(FIXTURES[2].workflow())
    ready = bring(config, payload, tmp_path)
    control = make_runnable(gw_test_utils.make_lazy_workflow("u_ann_run_ctrl", final=False))
    control.run_attrs["bps_run"] = "u_ann_run"
    lazy = control.get_job("lazy2")
    lazy.arguments = f'-c \'cp {ready} "$INTERCHANGE_BRINGS"; echo "$INTERCHANGE_JOB" >>order\''
    run = submit(home, config, control, tmp_path)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    order = (tmp_path / "order").read_text().split()
    assert order[:2] == ["job1", "lazy2"]
    assert order[-2:] == ["job3", "finalJob"]
    check_order(payload, order)
    report = reported(home, run)
    assert report.run == "u_ann_run"
    assert counted(report) == {"SUCCEEDED": 3 + 20}
    # Labels of the payload come after those of the control jobs; here they share three.
    assert report.run_summary == "label1:7;label2:7;label3:7;pipetaskInit:1;finalJob:1"


def test_a_lazy_job_that_brings_nothing_has_failed(home: Home, config: BpsConfig, tmp_path: Path) -> None:
    control = make_runnable(gw_test_utils.make_lazy_workflow("w", final=False))
    for name in ("job1", "lazy2", "job3"):
        control.get_job(name).number_of_retries = 0
    run = submit(home, config, control, tmp_path)
    assert home.wait_end(run) == "RUN_FAILED"
    states = states_of(home, run)
    assert (states["lazy2"], states["job3"]) == ("FAILED", "PRUNED")
    assert any("payload.jsonl" in str(message) for message in home.ask("report", run)["messages"])


@pytest.mark.parametrize(("returned", "end"), [(None, "RUN_FAILED"), (0, "RUN_SUCCEEDED")])
def test_a_job_may_abort_its_run(
    home: Home, config: BpsConfig, tmp_path: Path, returned: int | None, end: str
) -> None:
    workflow = make_runnable(tiny(2))
    job = workflow.get_job("label1_1")
    job.arguments = "-c 'exit 77'"
    job.abort_on_value, job.abort_return_value = 77, returned
    workflow.get_job("label1_0").arguments = "-c 'exec sleep 600'"
    run = submit(home, config, workflow, tmp_path)
    assert home.wait_end(run) == end
    assert (tmp_path / "order").read_text().split() == ["pipetaskInit", "finalJob"]


def test_files_travel_to_a_job_and_back(home: Home, make_config: MakeConfig, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("text\n")
    (tmp_path / "tool.sh").write_text('#!/bin/sh\npwd >"$2"; cat "$1" >>"$2"; ls >>"$2"; echo said\n')
    workflow = GenericWorkflow("travelling")
    tool = GenericWorkflowExec("tool.sh", str(tmp_path / "tool.sh"), transfer_executable=True)
    job = GenericWorkflowJob("a", "isr", executable=tool, arguments="<FILE:in> <FILE:out>")
    workflow.add_job(job)
    workflow.add_job_inputs("a", GenericWorkflowFile("in", str(tmp_path / "in.txt"), wms_transfer=True))
    out = GenericWorkflowFile("out", str(tmp_path / "below" / "out.txt"), wms_transfer=True)
    workflow.add_job_outputs("a", [out])
    site = {"provider": "local", "cores": 2, "memory": 4096, "bpsUseShared": False}
    run = submit(home, make_config(site={"here": site}), workflow, tmp_path)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    directory, *rest = (tmp_path / "below" / "out.txt").read_text().splitlines()
    assert not directory.startswith(str(tmp_path))
    assert rest[0] == "text" and {"in.txt", "tool.sh"} <= set(rest)
    assert (tmp_path / "logs" / "isr" / "a.stdout").read_text() == "said\n"
    assert not Path(directory).exists()


def test_no_more_jobs_of_a_label_run_at_a_time_than_it_says(
    home: Home, make_config: MakeConfig, tmp_path: Path
) -> None:
    workflow = GenericWorkflow("limited")
    for number in range(6):
        arguments = "-c 'echo + >>marks; sleep 0.3; echo - >>marks'"
        workflow.add_job(GenericWorkflowJob(f"j{number}", "isr", executable=RUN, arguments=arguments))
    config = make_config(
        site={"here": {"provider": "local", "cores": 2, "memory": 4096}}, pipetask={"isr": {"maxJobs": 1}}
    )
    run = submit(home, config, workflow, tmp_path)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    assert (tmp_path / "marks").read_text().split() == ["+", "-"] * 6


def test_the_workflow_file_of_a_lazy_job_is_read_once(home: Home, config: BpsConfig, tmp_path: Path) -> None:
    payload = make_runnable(tiny(1))
    ready = bring(config, payload, tmp_path)
    header: dict[str, Any] = json.loads(ready.read_text().splitlines()[0])["header"]
    assert header["writtenByAttempt"] == 0
    control = make_runnable(gw_test_utils.make_lazy_workflow("w", final=False))
    control.get_job("lazy2").arguments = f"-c 'cp {ready} \"$INTERCHANGE_BRINGS\"'"
    control.get_job("job3").arguments = "-c 'echo \"$INTERCHANGE_JOB\" >>order; [ -e mended ]'"
    run = submit(home, config, control, tmp_path)
    assert home.wait_end(run) == "RUN_FAILED"
    (tmp_path / "mended").touch()
    home.bps("restart", "--id", run)
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    again = Counter((tmp_path / "order").read_text().split())
    # The payload's jobs had succeeded, so the restart adds none of them again.
    assert again["label1_0"] == 1 and again["job3"] == 2
    assert sum(counted(reported(home, run)).values()) == 3 + 4
