"""Translates one job of a generic workflow into one line of a workflow file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lsst.ctrl.bps import BpsConfig, GenericWorkflow, GenericWorkflowJob

from .commands import command_line, split_environment
from .problems import Problems
from .units import exit_codes, walltime_seconds, whole_number

__all__ = ["JobTranslator"]

PRIORITY_MAX = 2**31 - 1


class JobTranslator:
    """Turns jobs into the JSON mapping of ``interchange.workflow.Job``.

    What depends on the label alone is looked up once: a search of the configuration takes longer than all
    else.

    Parameters
    ----------
    config : `lsst.ctrl.bps.BpsConfig`
        Configuration of the submission.
    workflow : `lsst.ctrl.bps.GenericWorkflow`
        Knows the files and the order.
    site : `str`
        The site of jobs that name none.
    problems : `Problems`
        Receives what can't be translated, by label.
    """

    def __init__(self, config: BpsConfig, workflow: GenericWorkflow, site: str, problems: Problems) -> None:
        self._config = config
        self._workflow = workflow
        self._site = site
        self._problems = problems
        self._options: dict[str, dict[str, Any]] = {}
        self._templates: dict[str, str] = {}

    def translate(self, job: GenericWorkflowJob, final: bool = False) -> dict[str, Any]:
        """Return the line of a job.

        Parameters
        ----------
        job : `lsst.ctrl.bps.GenericWorkflowJob`
            The job.
        final : `bool`
            Whether it runs after all others, whatever their end.

        Returns
        -------
        line : `dict` [`str`, `typing.Any`]
            Without what is at its default.
        """
        line: dict[str, Any] = {"name": job.name, "label": job.label}
        if final:
            line["final"] = True
        else:
            line["needs"] = sorted(self._workflow.predecessors(job.name))
        self._add_command(job, line)
        self._add_resources(job, line)
        self._add_retries(job, line)
        self._add_logs(job, line)
        if job.compute_site and job.compute_site != self._site:
            line["site"] = str(job.compute_site)
        if job.concurrency_limit:
            line["concurrencyLimit"] = str(job.concurrency_limit)
        return {key: value for key, value in line.items() if value not in ("", [], {})}

    def _add_command(self, job: GenericWorkflowJob, line: dict[str, Any]) -> None:
        try:
            environment = split_environment(job.environment or {})
            line["environment"] = environment.values
            command = command_line(job, self._files(job), lambda key: self._value(job.label, key))
            line["command"] = environment.exports + command
        except ValueError as fault:
            self._refuse(job, str(fault))

    def _add_resources(self, job: GenericWorkflowJob, line: dict[str, Any]) -> None:
        def add(
            key: str, setting: str, value: Any, read: Callable[[Any], Any], json: Callable[[Any], Any]
        ) -> None:
            if value is None or value == "":
                return
            try:
                line[key] = json(read(value))
            except ValueError as fault:
                self._refuse(job, f"{setting}: {fault}")

        # 64-bit integers are strings in the JSON mapping.
        add("cpus", "requestCpus", job.request_cpus, lambda value: whole_number(value, 1), int)
        add("memoryMib", "requestMemory", job.request_memory, lambda value: whole_number(value, 0), str)
        add(
            "memoryMaxMib",
            "requestMemoryMax",
            job.request_memory_max,
            lambda value: whole_number(value, 0),
            str,
        )
        add("memoryMultiplier", "memoryMultiplier", job.memory_multiplier, float, float)
        add("diskMib", "requestDisk", job.request_disk, lambda value: whole_number(value, 0), str)
        add("walltimeSeconds", "requestWalltime", job.request_walltime, walltime_seconds, str)
        add("priority", "priority", job.priority, _priority, int)

    def _add_retries(self, job: GenericWorkflowJob, line: dict[str, Any]) -> None:
        try:
            if job.number_of_retries is not None:
                line["retries"] = whole_number(job.number_of_retries, 0)
        except ValueError as fault:
            self._refuse(job, f"numberOfRetries: {fault}")
        try:
            line["retryUnlessExit"] = exit_codes(job.retry_unless_exit)
        except ValueError as fault:
            self._refuse(job, f"retryUnlessExit: {fault}")

    def _add_logs(self, job: GenericWorkflowJob, line: dict[str, Any]) -> None:
        values: defaultdict[str, Any] = defaultdict(str)
        values["label"] = job.label
        values.update(job.tags or {})
        try:
            directory = self._log_template(job.label).format_map(values)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
            self._refuse(job, f"subDirTemplate: {fault}")
            return
        # Empty parts of the template are no directories, and no part leads out of logs/.
        parts = [part for part in directory.split("/") if part not in ("", ".", "..")]
        path = "/".join(["logs", *parts, job.name.replace("/", "_")])
        line["stdout"] = path + ".stdout"
        line["stderr"] = path + ".stderr"

    def _files(self, job: GenericWorkflowJob) -> Mapping[str, str]:
        files = [*self._workflow.get_job_inputs(job.name), *self._workflow.get_job_outputs(job.name)]
        return {file.name: _absolute(file.src_uri) for file in files if file.src_uri}

    def _label_options(self, label: str) -> dict[str, Any]:
        if label not in self._options:
            self._options[label] = self._config.get_search_opts(label)
        options = self._options[label]
        return {**options, "curvals": dict(options["curvals"])}

    def _log_template(self, label: str) -> str:
        if label not in self._templates:
            options = self._label_options(label) | {"replaceVars": False, "default": ""}
            _, template = self._config.search("subDirTemplate", opt=options)
            if isinstance(template, Mapping):
                template = template.get(label, "")
            self._templates[label] = str(template)
        return self._templates[label]

    def _value(self, label: str, key: str) -> str | None:
        options = self._label_options(label) | {"expandEnvVars": False, "replaceEnvVars": True}
        found, value = self._config.search(key, opt=options)
        return str(value) if found and not isinstance(value, Mapping) else None

    def _refuse(self, job: GenericWorkflowJob, fault: str) -> None:
        # Jobs of one label share their settings, so their faults are said once.
        self._problems.add(f"label '{job.label}': {fault}")


def _priority(value: Any) -> int:
    number = whole_number(value)
    if abs(number) > PRIORITY_MAX:
        raise ValueError(f"{value!r} is beyond {PRIORITY_MAX}")
    return number


def _absolute(path: str) -> str:
    # A URI or a path that the job's own environment completes is left alone.
    return path if "://" in path or path.startswith(("/", "<", "$")) else str(Path(path).absolute())
