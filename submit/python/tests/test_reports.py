from __future__ import annotations

import io
from typing import Any

import pytest
from lsst.ctrl.bps.bps_reports import compile_code_summary, compile_job_summary
from lsst.ctrl.bps.report import display_report

from lsst.ctrl.bps import WmsStates
from lsst.ctrl.bps.interchange.reports import detailed_report, run_state, summary_report

SUMMARY: dict[str, Any] = {
    "id": 12,
    "globalId": "host#1#12",
    "name": "u_ann_run",
    "state": "RUN_FAILED",
    "submitDirectory": "/submit/run",
    "attributes": {
        "operator": "ann",
        "project": "tiny",
        "campaign": "drp",
        "payload": "pay",
        "isjob": "True",
    },
    "jobs": "6",
    # 64-bit integers are text in the JSON mapping, and what is 0 may be absent.
    "counts": [
        {"state": "SUCCEEDED", "count": "4"},
        {"state": "FAILED", "count": "1"},
        {"state": "PRUNED", "count": "1"},
    ],
    "site": "here",
}
ANSWER: dict[str, Any] = {
    "summary": SUMMARY,
    "labels": [
        {"label": "pipetaskInit", "expected": "1", "counts": [{"state": "SUCCEEDED", "count": "1"}]},
        {
            "label": "label1",
            "expected": "3",
            "counts": [{"state": "SUCCEEDED", "count": "2"}, {"state": "FAILED", "count": "1"}],
            "exitCodes": [1],
        },
        {"label": "label2", "expected": "1", "counts": [{"state": "PRUNED", "count": "1"}]},
        {"label": "finalJob", "expected": "1", "counts": [{"state": "SUCCEEDED", "count": "1"}]},
    ],
    "messages": ["site 'here' is broken: {\"why\"}", "second"],
}


def printed(reports: list[Any], **options: bool) -> str:
    out = io.StringIO()
    display_report(reports, [], file=out, **options)
    return out.getvalue()


def test_every_field_of_a_detailed_report_is_filled() -> None:
    report = detailed_report(ANSWER)
    assert report.wms_id == "12"
    assert report.global_wms_id == "host#1#12"
    assert report.path == "/submit/run"
    assert report.run == "u_ann_run"
    assert (report.operator, report.project, report.campaign, report.payload) == (
        "ann",
        "tiny",
        "drp",
        "pay",
    )
    assert report.site == "here"
    assert report.state == WmsStates.FAILED
    assert report.total_number_jobs == 6
    assert report.run_summary == "pipetaskInit:1;label1:3;label2:1;finalJob:1"
    assert report.job_state_counts is not None and set(report.job_state_counts) == set(WmsStates)
    assert sum(report.job_state_counts.values()) == 6
    assert report.job_summary is not None
    assert all(set(counts) == set(WmsStates) for counts in report.job_summary.values())
    assert report.exit_code_summary == {"pipetaskInit": [], "label1": [1], "label2": [], "finalJob": []}


def test_labels_add_up_to_the_total() -> None:
    report = detailed_report(ANSWER)
    assert report.job_summary is not None and report.job_state_counts is not None
    for state in WmsStates:
        of_labels = sum(counts[state] for counts in report.job_summary.values())
        assert of_labels == report.job_state_counts[state]


def test_bps_has_nothing_to_complain_about() -> None:
    report = detailed_report(ANSWER)
    assert compile_job_summary(report) == []
    assert compile_code_summary(report) == []
    text = printed([report], is_detailed=True, return_exit_codes=True)
    assert "WARNING" not in text
    assert "-1" not in text
    assert "site 'here' is broken: {\"why\"}" in text
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line[:1].isalpha()}
    assert rows["TOTAL"][-1] == "6"
    assert [line.split()[0] for line in text.splitlines() if line.startswith(("pipe", "label", "final"))] == [
        "pipetaskInit",
        "label1",
        "label2",
        "finalJob",
    ] * 2


def test_a_list_of_runs_can_be_printed() -> None:
    running = {**SUMMARY, "id": 9, "state": "RUN_RUNNING", "counts": [], "jobs": 0, "attributes": {}}
    text = printed([summary_report(SUMMARY), summary_report(running)])
    assert "u_ann_run" in text
    failed = next(line for line in text.splitlines() if "FAILED" in line)
    assert failed.split()[:3] == ["FAILED", "66", "12"]
    going = next(line for line in text.splitlines() if "RUNNING" in line)
    assert going.split()[:3] == ["RUNNING", "UNK", "9"]


def test_a_running_run_with_failures_is_flagged() -> None:
    assert " F RUNNING" in printed([summary_report({**SUMMARY, "state": "RUN_RUNNING"})])


def test_separators_of_bps_in_a_label_do_no_harm() -> None:
    labels = [{"label": "a:b;c", "expected": 1, "counts": [{"state": "READY", "count": 1}]}]
    report = detailed_report({"summary": SUMMARY, "labels": labels})
    assert report.run_summary == "a_b_c:1"
    assert "a_b_c" in printed([report], is_detailed=True)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("RUN_READY", WmsStates.READY),
        ("RUN_RUNNING", WmsStates.RUNNING),
        ("RUN_SUCCEEDED", WmsStates.SUCCEEDED),
        ("RUN_FAILED", WmsStates.FAILED),
        ("RUN_DELETED", WmsStates.DELETED),
        ("RUN_HELD", WmsStates.HELD),
        ("RUN_OF_THE_FUTURE", WmsStates.UNKNOWN),
        (None, WmsStates.UNKNOWN),
    ],
)
def test_states_of_runs(state: str | None, expected: WmsStates) -> None:
    assert run_state({"state": state}) == expected
