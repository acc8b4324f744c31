"""Turns answers of the daemon into BPS's reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lsst.ctrl.bps import WmsRunReport, WmsSpecificInfo, WmsStates

__all__ = ["detailed_report", "run_state", "summary_report"]

_RUN_STATES = {
    "RUN_READY": WmsStates.READY,
    "RUN_RUNNING": WmsStates.RUNNING,
    "RUN_SUCCEEDED": WmsStates.SUCCEEDED,
    "RUN_FAILED": WmsStates.FAILED,
    "RUN_DELETED": WmsStates.DELETED,
    "RUN_HELD": WmsStates.HELD,
}

# BPS takes these for separators where it lists labels.
_SEPARATORS = str.maketrans(":;", "__")


def run_state(summary: dict[str, Any]) -> WmsStates:
    """Return the state of a run.

    Parameters
    ----------
    summary : `dict` [`str`, `typing.Any`]
        A ``RunSummary``.

    Returns
    -------
    state : `lsst.ctrl.bps.WmsStates`
        UNKNOWN for one that a newer daemon may have.
    """
    return _RUN_STATES.get(str(summary.get("state")), WmsStates.UNKNOWN)


def summary_report(summary: dict[str, Any]) -> WmsRunReport:
    """Return the report of a run without its labels.

    Parameters
    ----------
    summary : `dict` [`str`, `typing.Any`]
        A ``RunSummary``.

    Returns
    -------
    report : `lsst.ctrl.bps.WmsRunReport`
        Every field that BPS prints in its list of runs.
    """
    attributes = summary.get("attributes", {})
    return WmsRunReport(
        wms_id=str(summary["id"]),
        global_wms_id=summary.get("globalId") or str(summary["id"]),
        path=summary.get("submitDirectory"),
        label=attributes.get("label"),
        # BPS drops the row of a run whose name is not text.
        run=str(summary.get("name", "")),
        project=attributes.get("project"),
        campaign=attributes.get("campaign"),
        payload=attributes.get("payload"),
        operator=attributes.get("operator"),
        site=summary.get("site") or attributes.get("runsite"),
        run_summary="",
        state=run_state(summary),
        jobs=[],
        total_number_jobs=int(summary.get("jobs", 0)),
        job_state_counts=_counts(summary.get("counts", [])),
    )


def detailed_report(answer: dict[str, Any]) -> WmsRunReport:
    """Return the report of a run with its labels, exit codes and messages.

    Parameters
    ----------
    answer : `dict` [`str`, `typing.Any`]
        A ``ReportResponse``.

    Returns
    -------
    report : `lsst.ctrl.bps.WmsRunReport`
        Every field that BPS prints for one run.
    """
    report = summary_report(answer["summary"])
    labels: dict[str, dict[WmsStates, int]] = {}
    expected: dict[str, int] = {}
    codes: dict[str, list[int]] = {}
    for row in answer.get("labels", []):
        label = str(row["label"]).translate(_SEPARATORS)
        labels[label] = _sum(labels.get(label), _counts(row.get("counts", [])))
        expected[label] = expected.get(label, 0) + int(row.get("expected", 0))
        codes.setdefault(label, []).extend(int(code) for code in row.get("exitCodes", []))
    report.job_summary = labels
    report.run_summary = ";".join(f"{label}:{count}" for label, count in expected.items())
    report.exit_code_summary = codes
    report.specific_info = _specific_info(answer.get("messages", []))
    return report


def _counts(rows: Iterable[dict[str, Any]]) -> dict[WmsStates, int]:
    # BPS looks up every state, also those that never occur here.
    counts = dict.fromkeys(WmsStates, 0)
    for row in rows:
        state = WmsStates.__members__.get(str(row.get("state")), WmsStates.UNKNOWN)
        counts[state] += int(row.get("count", 0))
    return counts


def _sum(one: dict[WmsStates, int] | None, other: dict[WmsStates, int]) -> dict[WmsStates, int]:
    return other if one is None else {state: one[state] + other[state] for state in WmsStates}


def _specific_info(messages: Iterable[str]) -> WmsSpecificInfo | None:
    info = WmsSpecificInfo()
    for number, message in enumerate(messages):
        # The text is a value, not a template: it may hold braces. Each has a key of its own.
        info.add_message(f"{{message_{number}}}", {f"message_{number}": str(message)})
    return info if info else None
