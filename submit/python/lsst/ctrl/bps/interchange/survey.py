"""Looks at a whole generic workflow before a line of it is written."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Iterable
from typing import Any

from lsst.daf.butler import Config

from lsst.ctrl.bps import (
    BpsConfig,
    GenericWorkflow,
    GenericWorkflowGroup,
    GenericWorkflowJob,
    GenericWorkflowNode,
    GenericWorkflowNodeType,
)

from .labels import ordered_labels
from .nodes import Names, all_nodes, collect_names
from .problems import Problems, some
from .settings import Settings
from .sites import site_section

__all__ = ["Survey", "survey"]

# Settings that are read and change nothing: field of a job, setting of BPS, what to do.
_NOT_ACTED_ON = (
    ("accounting_group", "accountingGroup", "the account of blocks is a key of the site"),
    ("accounting_user", "accountingUser", "the account of blocks is a key of the site"),
    ("mail_to", "mailTo", "nobody is mailed"),
    ("queue", "queue", "the queue of blocks is a key of the site"),
    ("category", "category", "maxJobs limits the jobs of a label"),
)

_LOOKED_AT = operator.attrgetter(
    "label", "compute_site", "preemptible", *(field for field, _, _ in _NOT_ACTED_ON)
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

    max_jobs: dict[str, int]
    """By label, how many may run at a time."""

    notes: list[str]
    """What the report should say."""

    names: Names
    """Of all nodes."""


def survey(config: BpsConfig, settings: Settings, workflow: GenericWorkflow, problems: Problems) -> Survey:
    """Look at all jobs once.

    Parameters
    ----------
    config : `lsst.ctrl.bps.BpsConfig`
        Configuration of the submission.
    settings : `Settings`
        The same, by label.
    workflow : `lsst.ctrl.bps.GenericWorkflow`
        The workflow.
    problems : `Problems`
        Receives what can't be run.

    Returns
    -------
    found : `Survey`
        Of use only if there are no problems.
    """
    seen = _Seen(config, settings, problems)
    nodes = list(all_nodes(workflow))
    for node, final in nodes:
        seen.add(node, final)
    names = collect_names((node for node, _ in nodes), problems)
    _check_final(workflow, problems)
    site = str(config["computeSite"] or "")
    sites = dict.fromkeys([*([site] if site else []), *seen.sites])
    if not site and sites:
        site = next(iter(sites))
    if not site:
        problems.add("no site: set 'computeSite' and describe it under 'site' (bps.yaml)")
    return Survey(
        site,
        _sections(config, sites, problems),
        list(sites),
        ordered_labels(workflow),
        _max_jobs(settings, seen.labels, problems),
        [*seen.notes(), *_root_notes(config)],
        names,
    )


class _Seen:
    """What all jobs together name.

    Parameters
    ----------
    config : `lsst.ctrl.bps.BpsConfig`
        Configuration of the submission.
    settings : `Settings`
        The same, by label.
    problems : `Problems`
        Receives what can't be run.
    """

    def __init__(self, config: BpsConfig, settings: Settings, problems: Problems) -> None:
        self._config = config
        self._settings = settings
        self._problems = problems
        self.labels: dict[str, None] = {}
        self.sites: dict[str, None] = {}
        # Jobs of a label rarely differ in what is looked at.
        self._known: set[str] = set()
        # Labels by note.
        self._ignored: dict[str, dict[str, None]] = {}

    def add(self, node: GenericWorkflowNode, final: bool) -> None:
        """Look at a node."""
        match node.node_type:
            case GenericWorkflowNodeType.PAYLOAD:
                self._add_job(node)
            case GenericWorkflowNodeType.LAZY_GROUP:
                self._add_job(node)
                self._check_lazy(node, final)
            case GenericWorkflowNodeType.GROUP:
                self._check_group(node)
            case GenericWorkflowNodeType.NOOP:
                pass
            case other:
                self._problems.add(
                    f"'{node.name}' (label '{node.label}') is of a kind that is not known here: {other!r}"
                )

    def notes(self) -> list[str]:
        """Return what changes nothing, with some of the labels that have it."""
        return [f"{note} ({some(labels)})" for note, labels in self._ignored.items()]

    def _add_job(self, job: GenericWorkflowJob) -> None:
        # As text, since nobody says of what types these are.
        looked_at = repr(_LOOKED_AT(job))
        if looked_at in self._known:
            return
        self._known.add(looked_at)
        is_new = job.label not in self.labels
        self.labels.setdefault(job.label)
        if job.compute_site:
            self.sites.setdefault(str(job.compute_site))
        for field, setting, instead in _NOT_ACTED_ON:
            value = getattr(job, field)
            if value not in (None, "") and not self._is_of_site(job, setting, value):
                self._note(f"{setting} changes nothing: {instead}", job.label)
        if job.preemptible is False or str(job.preemptible).lower() == "false":
            self._note(
                "preemptible: false changes nothing: a job ends with its block, and runs again", job.label
            )
        if is_new:
            self._look_at_label(job.label)

    def _look_at_label(self, label: str) -> None:
        if self._settings.plain(label, "bpsMakeCommand") in (None, True) and self._settings.has(
            label, "payloadCommand"
        ):
            self._note("payloadCommand changes nothing without 'bpsMakeCommand: false'", label)
        butler = str(self._config["butlerConfig"] or "")
        if butler.startswith(("/", "file:")) and not self._is_shared(label):
            self._note(
                f"bpsUseShared: false, but nodes must see butlerConfig {butler} under that path", label
            )

    def _is_shared(self, label: str) -> bool:
        try:
            return self._settings.is_set(label, "bpsUseShared", default=True)
        except ValueError:
            # Said when the jobs of the label are translated.
            return True

    def _is_of_site(self, job: GenericWorkflowJob, setting: str, value: Any) -> bool:
        # BPS takes keys of a site section that are named like its own for settings of jobs.
        path = ("site", str(job.compute_site or self._config["computeSite"] or ""), setting)
        return Config.__contains__(self._config, path) and str(Config.__getitem__(self._config, path)) == str(
            value
        )

    def _check_lazy(self, job: GenericWorkflowJob, final: bool) -> None:
        what = f"'{job.name}' (label '{job.label}') makes more of the workflow while it runs"
        if final:
            self._problems.add(f"{what}, which a final job can't: whatever it brings would come too late")
        if not self._is_shared(job.label):
            self._problems.add(
                f"{what}, and writes it into the submit directory, but 'bpsUseShared: false' hides that: "
                "set 'bpsUseShared: true', or 'bpsBatchSubmission: false' (bps.yaml)"
            )

    def _check_group(self, group: GenericWorkflowGroup) -> None:
        if group.get_final() is not None:
            self._problems.add(
                f"group '{group.name}' (label '{group.label}') has a final job of its own, which is not "
                "supported: a run has one, after all groups"
            )

    def _note(self, note: str, label: str) -> None:
        self._ignored.setdefault(note, {}).setdefault(label)


def _check_final(workflow: GenericWorkflow, problems: Problems) -> None:
    final = workflow.get_final()
    if isinstance(final, GenericWorkflow) and final.get_final() is not None:
        problems.add(f"final workflow '{final.name}' has a final job of its own, which is not supported")


def _max_jobs(settings: Settings, labels: Iterable[str], problems: Problems) -> dict[str, int]:
    found: dict[str, int] = {}
    for label in labels:
        try:
            number = settings.max_jobs(label)
        except ValueError as fault:
            problems.add_to_label(label, str(fault))
            continue
        if number is not None:
            found[label] = number
    return found


def _root_notes(config: BpsConfig) -> list[str]:
    if Config.__contains__(config, ("maxJobs",)):
        return [
            "maxJobs outside of sections changes nothing: set it in pipetask.LABEL, cluster.LABEL or the site"
        ]
    return []


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
