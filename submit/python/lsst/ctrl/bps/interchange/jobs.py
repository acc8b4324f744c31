"""Translates one node of a generic workflow into one line of a workflow file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from lsst.ctrl.bps import GenericWorkflow, GenericWorkflowJob

from .bringing import VARIABLE, payload_file
from .commands import all_exports, filled, split_environment
from .files import Files, JobFiles
from .lines import encoded, fields
from .nodes import COMMAND, Node
from .problems import Problems
from .settings import Settings
from .traits import Traits
from .wrapping import PAYLOAD_EXPORTS, around, payload

__all__ = ["JobTranslator"]


class JobTranslator:
    """Turns nodes into the JSON mapping of ``interchange.workflow.Job``.

    Parameters
    ----------
    settings : `Settings`
        Of the configuration.
    workflow : `lsst.ctrl.bps.GenericWorkflow`
        The whole workflow.
    submit_path : `str`
        The submit directory.
    site : `str`
        The site of jobs that name none.
    problems : `Problems`
        Receives what can't be translated, by label, and warnings.
    """

    def __init__(
        self,
        settings: Settings,
        workflow: GenericWorkflow,
        submit_path: str,
        site: str,
        problems: Problems,
    ) -> None:
        self._settings = settings
        self._workflow = workflow
        self._submit_path = submit_path
        self._problems = problems
        self._traits = Traits(settings, site, problems)
        self._files = Files(workflow)
        self._bringing = 0
        # What many jobs share is made once.
        self._environments: dict[str, tuple[dict[str, str], str, str]] = {}
        self._log_templates: dict[str, str] = {}
        self._log_directories: dict[str, str] = {}
        self._labels: dict[str, _LabelSettings] = {}

    def translate(self, node: Node) -> str:
        """Return the line of a node.

        Parameters
        ----------
        node : `Node`
            The node.

        Returns
        -------
        line : `str`
            Without what is at its default, and without the end of the line.
        """
        needs = f',"needs":[{",".join(map(encoded, node.needs))}]' if node.needs else ""
        final = ',"final":true' if node.final else ""
        kind = "" if node.kind == COMMAND else fields({"kind": node.kind})
        job = "" if node.job is None else self._job(node, node.job)
        begin = f'"name":{encoded(node.name)},"label":{encoded(node.label)}'
        return f'{{"job":{{{begin}{needs}{final}{kind}{job}}}}}'

    def _job(self, node: Node, job: GenericWorkflowJob) -> str:
        return self._what_runs(node, job) + self._traits.of(job) + self._logs(job)

    def _what_runs(self, node: Node, job: GenericWorkflowJob) -> str:
        try:
            settings = self._of_label(job.label)
            files = self._files.of(node.owner or self._workflow, job, settings.shared)
            for fault in files.faults:
                self._problems.add_to_label(job.label, fault)
            if not settings.shared and not files.fields:
                self._problems.warn(
                    f"label '{job.label}': bpsUseShared: false, but no file of some jobs travels: they run "
                    "in the submit directory, which their nodes must see"
                )
            command = self._command(job, files)
            if settings.template is not None and PAYLOAD_EXPORTS in settings.template:
                command = payload(settings.template, command, all_exports(job.environment or {}))
                values: dict[str, str] = {}
                environment = ""
            else:
                values, exports, environment = self._environment(job)
                if settings.template is not None:
                    command = payload(settings.template, command, "")
                command = exports + command
            brings = ""
            if node.lazy:
                brings, environment = self._brings(values)
            return f',"command":{encoded(command)}{environment}{files.fields}{brings}'
        except ValueError as fault:
            self._problems.add_to_label(job.label, str(fault))
            return ""

    def _of_label(self, label: str) -> _LabelSettings:
        known = self._labels.get(label)
        if known is None:
            known = self._labels[label] = _LabelSettings(
                self._settings.is_set(label, "bpsUseShared", default=True), self._payload_template(label)
            )
        return known

    def _brings(self, environment: dict[str, str]) -> tuple[str, str]:
        self._bringing += 1
        file = payload_file(self._bringing)
        values = {**environment, VARIABLE: str(Path(self._submit_path, file))}
        return fields({"brings": file}), fields({"environment": values})

    def _environment(self, job: GenericWorkflowJob) -> tuple[dict[str, str], str, str]:
        """Return values, commands for what are none, and the field with the values."""
        key = repr(job.environment)
        known = self._environments.get(key)
        if known is None:
            divided = split_environment(job.environment or {})
            text = fields({"environment": divided.values}) if divided.values else ""
            known = self._environments[key] = (divided.values, divided.exports, text)
        return known

    def _command(self, job: GenericWorkflowJob, files: JobFiles) -> str:
        def lookup(key: str) -> str | None:
            return self._settings.variable(job, key)

        def other(line: str | None) -> str:
            return filled("", str(line).strip(), job.cmdvals or {}, files.names, lookup) if line else ""

        command = filled(files.program, job.arguments or "", job.cmdvals or {}, files.names, lookup)
        if not job.pre_cmdline and not job.post_cmdline:
            return command
        return around(command, other(job.pre_cmdline), other(job.post_cmdline))

    def _payload_template(self, label: str) -> str | None:
        if self._settings.is_set(label, "bpsMakeCommand", default=True):
            return None
        template = self._settings.payload_command(label)
        if template is None:
            raise ValueError(
                "'bpsMakeCommand: false' wants a payloadCommand with {gwjobExports} and {gwjobCommand}: "
                "set it, or leave bpsMakeCommand out"
            )
        return template

    def _logs(self, job: GenericWorkflowJob) -> str:
        template = self._settings.log_template(job.label)
        try:
            directory = (
                template.format_map(_Tags({"label": job.label, **(job.tags or {})})) if template else ""
            )
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
            self._problems.add_to_label(job.label, f"subDirTemplate: {fault}")
            return ""
        begin = self._log_directories.get(directory)
        if begin is None:
            # Empty parts of the template are no directories, and no part leads out of logs/.
            parts = [part for part in directory.split("/") if part not in ("", ".", "..")]
            begin = self._log_directories[directory] = "/".join(["logs", *parts, ""])
        path = begin + job.name.replace("/", "_")
        return f',"stdout":{encoded(path + ".stdout")},"stderr":{encoded(path + ".stderr")}'


class _LabelSettings(NamedTuple):
    """What the configuration says of the jobs of a label."""

    shared: bool
    """Whether nodes see the file system of the submit host."""

    template: str | None
    """What goes around the command."""


class _Tags(dict[str, Any]):
    """Tags of a job; those that it lacks are empty."""

    def __missing__(self, key: str) -> str:
        return ""
