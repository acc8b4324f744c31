"""Looks at a whole generic workflow before a line of it is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from lsst.ctrl.bps import (
    BpsConfig,
    GenericWorkflow,
    GenericWorkflowJob,
    GenericWorkflowNode,
    GenericWorkflowNodeType,
)

from .problems import Problems
from .sites import site_section

__all__ = ["Survey", "survey"]

_NODES_REFUSED = {
    GenericWorkflowNodeType.NOOP: "is an ordering node (NOOP), which is not supported yet: remove 'ordering'",
    GenericWorkflowNodeType.GROUP: "is an ordering group, which is not supported yet: remove 'ordering'",
    GenericWorkflowNodeType.LAZY_GROUP: (
        "is made while the workflow runs, which is not supported yet: set 'bpsBatchSubmission: false'"
    ),
}

# Settings that are read and kept but change nothing yet: field of a job, setting of BPS.
_NOT_ACTED_ON = (
    ("memory_multiplier", "memoryMultiplier"),
    ("concurrency_limit", "concurrencyLimit"),
    ("request_disk", "requestDisk"),
    ("abort_on_value", "abortOnValue"),
    ("pre_cmdline", "preCmdline"),
    ("post_cmdline", "postCmdline"),
    ("accounting_group", "accountingGroup"),
    ("accounting_user", "accountingUser"),
    ("mail_to", "mailTo"),
    ("queue", "queue"),
    ("category", "category"),
    ("compute_cloud", "computeCloud"),
)


@dataclasses.dataclass(frozen=True)
class Survey:
    """What the header of a workflow file needs to know about all jobs."""

    site: str
    """The site of jobs that name none."""

    sites: dict[str, dict[str, Any]]
    """Sections of the configuration by site, of those sites that are used and have one."""

    site_names: list[str]
    """All sites that are used."""

    labels: list[str]
    """In pipeline order, the final job's last."""

    notes: list[str]
    """What the report should say."""

    final: GenericWorkflowJob | None
    """The job that runs after all others."""


def survey(config: BpsConfig, workflow: GenericWorkflow, problems: Problems) -> Survey:
    """Look at all jobs once.

    Parameters
    ----------
    config : `lsst.ctrl.bps.BpsConfig`
        Configuration of the submission.
    workflow : `lsst.ctrl.bps.GenericWorkflow`
        The workflow.
    problems : `Problems`
        Receives what can't be run.

    Returns
    -------
    found : `Survey`
        Of use only if there are no problems.
    """
    labels: dict[str, None] = {}
    sites: dict[str, None] = {}
    ignored: dict[str, dict[str, None]] = {}
    site = str(config["computeSite"] or "")
    if site:
        sites.setdefault(site)
    final = _final_job(workflow, problems)
    for job in _jobs(workflow, final, problems):
        labels.setdefault(job.label)
        if job.compute_site:
            sites.setdefault(str(job.compute_site))
        for field, setting in _NOT_ACTED_ON:
            if getattr(job, field) not in (None, ""):
                ignored.setdefault(setting, {}).setdefault(job.label)
    if not site and sites:
        site = next(iter(sites))
    if not site:
        problems.add("no site: set 'computeSite' and describe it under 'site' (bps.yaml)")
    _check_shared(config, sites, problems)
    notes = [f"{setting} is not acted on yet ({_some(of)})" for setting, of in ignored.items()]
    notes += _transfer_notes(workflow)
    sections = _sections(config, sites, problems)
    # Where nodes are refused, BPS may be unable to order the labels.
    ordered = list(labels) if problems else _in_order(workflow, labels)
    return Survey(site, sections, list(sites), ordered, notes, final)


def _final_job(workflow: GenericWorkflow, problems: Problems) -> GenericWorkflowJob | None:
    final = workflow.get_final()
    if isinstance(final, GenericWorkflow):
        problems.add(
            f"final '{final.name}' is a workflow of its own, which is not supported: "
            "set 'finalJob.implementation: JOB' (bps.yaml)"
        )
        return None
    return final


def _jobs(
    workflow: GenericWorkflow, final: GenericWorkflowJob | None, problems: Problems
) -> Iterator[GenericWorkflowJob]:
    for name in workflow.nodes:
        node = workflow.get_job(name)
        if isinstance(node, GenericWorkflowJob) and node.node_type == GenericWorkflowNodeType.PAYLOAD:
            yield node
        else:
            problems.add(_node_problem(node))
    if final is not None:
        yield final


def _node_problem(node: GenericWorkflowNode) -> str:
    reason = _NODES_REFUSED.get(node.node_type, f"is of a kind that is not supported: {node.node_type!r}")
    return f"'{node.name}' (label '{node.label}') {reason} (bps.yaml)"


def _check_shared(config: BpsConfig, sites: Iterable[str], problems: Problems) -> None:
    for name in sites:
        options = {"curvals": {"curr_site": name}, "default": True}
        _, shared = config.search("bpsUseShared", opt=options)
        if str(shared).strip().lower() in ("false", "no", "off", "0"):
            problems.add(
                f"site '{name}': 'bpsUseShared: false' is not supported yet: jobs read the quantum graph "
                "and the butler in place, on a file system shared by submit host and nodes (bps.yaml)"
            )


def _transfer_notes(workflow: GenericWorkflow) -> list[str]:
    transferred = workflow.get_files(data=False, transfer_only=True)
    return [f"files are used in place, not copied ({_some(transferred)})"] if transferred else []


def _sections(config: BpsConfig, sites: Iterable[str], problems: Problems) -> dict[str, dict[str, Any]]:
    sections: dict[str, dict[str, Any]] = {}
    for name in sites:
        try:
            section = site_section(config, name)
        except ValueError as fault:
            problems.add(str(fault))
            continue
        if section:
            sections[name] = section
    return sections


def _in_order(workflow: GenericWorkflow, labels: dict[str, None]) -> list[str]:
    ordered = dict.fromkeys(label for label in workflow.labels if label in labels)
    return [*ordered, *(label for label in labels if label not in ordered)]


def _some(names: Iterable[str], most: int = 3) -> str:
    listed = list(names)
    rest = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {rest} more" if rest > 0 else "")
