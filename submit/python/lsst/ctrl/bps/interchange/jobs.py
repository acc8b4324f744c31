"""Translates one node of a generic workflow into one line of a workflow file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsst.ctrl.bps import GenericWorkflow, GenericWorkflowJob

from .bringing import VARIABLE, payload_file
from .commands import all_exports, command_line, filled, split_environment
from .files import JobFiles, job_files
from .nodes import COMMAND, Node
from .problems import Problems
from .settings import Settings
from .units import exit_code, exit_codes, limits, multiplier, walltime_seconds, whole_number
from .wrapping import PAYLOAD_EXPORTS, around, payload

__all__ = ["JobTranslator"]

PRIORITY_MAX = 2**31 - 1


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
        Receives what can't be translated, by label.
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
        self._site = site
        self._problems = problems
        self._bringing = 0
        self._warnings: dict[str, None] = {}

    @property
    def warnings(self) -> list[str]:
        """What the user should know of the lines, each once."""
        return list(self._warnings)

    def translate(self, node: Node) -> dict[str, Any]:
        """Return the line of a node.

        Parameters
        ----------
        node : `Node`
            The node.

        Returns
        -------
        line : `dict` [`str`, `typing.Any`]
            Without what is at its default.
        """
        line: dict[str, Any] = {"name": node.name, "label": node.label, "needs": node.needs}
        if node.final:
            line["final"] = True
        if node.kind != COMMAND:
            line["kind"] = node.kind
        if node.job is not None:
            self._add_job(node, node.job, line)
        return {key: value for key, value in line.items() if value not in ("", [], {})}

    def _add_job(self, node: Node, job: GenericWorkflowJob, line: dict[str, Any]) -> None:
        self._add_command(node, job, line)
        if node.lazy:
            self._bringing += 1
            line["brings"] = payload_file(self._bringing)
            line["environment"][VARIABLE] = str(Path(self._submit_path, line["brings"]))
        self._add_resources(job, line)
        self._add_retries(job, line)
        self._add_abort(job, line)
        self._add_logs(job, line)
        if job.compute_site and job.compute_site != self._site:
            line["site"] = str(job.compute_site)

    def _add_command(self, node: Node, job: GenericWorkflowJob, line: dict[str, Any]) -> None:
        line["environment"] = {}
        try:
            shared = self._settings.is_set(job.label, "bpsUseShared", default=True)
            files = job_files(self._workflow, node.owner or self._workflow, job, shared)
            command = self._command(job, files)
            template = self._payload_template(job)
            if template is not None and PAYLOAD_EXPORTS in template:
                line["command"] = payload(template, command, all_exports(job.environment or {}))
            else:
                environment = split_environment(job.environment or {})
                line["environment"] = environment.values
                inner = command if template is None else payload(template, command, "")
                line["command"] = environment.exports + inner
            line["files"] = files.lines
            for fault in files.faults:
                self._refuse(job, fault)
        except ValueError as fault:
            self._refuse(job, str(fault))

    def _command(self, job: GenericWorkflowJob, files: JobFiles) -> str:
        def lookup(key: str) -> str | None:
            return self._settings.variable(job, key)

        def other(line: str | None) -> str:
            return filled("", str(line).strip(), job.cmdvals or {}, files.names, lookup) if line else ""

        if job.executable is None or not job.executable.src_uri:
            raise ValueError("it has no executable")
        command = command_line(job, files.add_executable(job.executable), files.names, lookup)
        return around(command, other(job.pre_cmdline), other(job.post_cmdline))

    def _payload_template(self, job: GenericWorkflowJob) -> str | None:
        if self._settings.is_set(job.label, "bpsMakeCommand", default=True):
            return None
        template = self._settings.payload_command(job.label)
        if template is None:
            raise ValueError(
                "'bpsMakeCommand: false' wants a payloadCommand with {gwjobExports} and {gwjobCommand}: "
                "set it, or leave bpsMakeCommand out"
            )
        return template

    def _add_resources(self, job: GenericWorkflowJob, line: dict[str, Any]) -> None:
        def add(
            key: str, setting: str, value: Any, read: Callable[[Any], Any], json: Callable[[Any], Any]
        ) -> None:
            self._add(job, line, key, setting, value, read, json)

        # 64-bit integers are strings in the JSON mapping.
        add("cpus", "requestCpus", job.request_cpus, lambda value: whole_number(value, 1), int)
        add("memoryMib", "requestMemory", job.request_memory, _from_zero, str)
        add("memoryMaxMib", "requestMemoryMax", job.request_memory_max, _from_zero, str)
        add(
            "memoryMultiplier",
            "memoryMultiplier",
            job.memory_multiplier,
            multiplier,
            lambda value: value or "",
        )
        self._limit_memory(job, line)
        for key, setting, value, read in (
            ("diskMib", "requestDisk", job.request_disk, _from_zero),
            ("walltimeSeconds", "requestWalltime", job.request_walltime, walltime_seconds),
        ):
            if self._is_joined_text(job, setting, value):
                self._refuse(
                    job,
                    f"{setting}: BPS adds what the quanta of a cluster ask for, and puts text behind text "
                    f"({value!r}): give a number without quotes, or set cluster.{job.label}.{setting}",
                )
            else:
                add(key, setting, value, read, str)
        add("priority", "priority", job.priority, _priority, int)
        add("concurrencyLimit", "concurrencyLimit", job.concurrency_limit or None, limits, str)

    def _limit_memory(self, job: GenericWorkflowJob, line: dict[str, Any]) -> None:
        """Let the memory of a job, also the first that it asks for, not exceed what its site can give."""
        if not line.get("memoryMultiplier") and "memoryMaxMib" not in line:
            return
        limit: dict[str, Any] = {}
        self._add(
            job, limit, "mib", "memoryLimit", self._settings.plain(job.label, "memoryLimit"), _from_zero, int
        )
        known = [int(most) for most in (line.get("memoryMaxMib"), limit.get("mib")) if most and int(most) > 0]
        if not known:
            return
        line["memoryMaxMib"] = str(min(known))
        if int(line.get("memoryMib", 0)) > min(known):
            what = f"label '{job.label}': requestMemory {line['memoryMib']} is above the most that is allowed"
            self._warnings.setdefault(f"{what} (requestMemoryMax, memoryLimit): {min(known)} is asked for")
            line["memoryMib"] = line["memoryMaxMib"]

    def _is_joined_text(self, job: GenericWorkflowJob, setting: str, value: Any) -> bool:
        quanta = sum((job.quanta_counts or {}).values())
        return isinstance(value, str) and quanta > 1 and self._settings.of_cluster(job.label, setting) is None

    def _add_retries(self, job: GenericWorkflowJob, line: dict[str, Any]) -> None:
        retries = job.number_of_retries
        none = (0, "0")
        # BPS takes a 0 for nothing: that of a final job is lost, that of a cluster gives way to the tasks'.
        if self._settings.of_cluster(job.label, "numberOfRetries") in none or (
            retries is None and self._settings.plain(job.label, "numberOfRetries") in none
        ):
            retries = 0
        self._add(job, line, "retries", "numberOfRetries", retries, _from_zero, int)
        self._add(job, line, "retryUnlessExit", "retryUnlessExit", job.retry_unless_exit, exit_codes, list)

    def _add_abort(self, job: GenericWorkflowJob, line: dict[str, Any]) -> None:
        self._add(job, line, "abortOnExit", "abortOnValue", job.abort_on_value, exit_code, int)
        returned = job.abort_return_value
        # As in other systems: without one of its own, the run ends with the value that aborted it.
        self._add(
            job,
            line,
            "abortReturn",
            "abortReturnValue",
            job.abort_on_value if returned in (None, "") else returned,
            exit_code,
            int,
        )
        if returned not in (None, "") and job.abort_on_value in (None, ""):
            self._refuse(job, "abortReturnValue says nothing without abortOnValue: set both, or neither")

    def _add_logs(self, job: GenericWorkflowJob, line: dict[str, Any]) -> None:
        values: defaultdict[str, Any] = defaultdict(str)
        values["label"] = job.label
        values.update(job.tags or {})
        try:
            directory = self._settings.log_template(job.label).format_map(values)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
            self._refuse(job, f"subDirTemplate: {fault}")
            return
        # Empty parts of the template are no directories, and no part leads out of logs/.
        parts = [part for part in directory.split("/") if part not in ("", ".", "..")]
        path = "/".join(["logs", *parts, job.name.replace("/", "_")])
        line["stdout"] = path + ".stdout"
        line["stderr"] = path + ".stderr"

    def _add(
        self,
        job: GenericWorkflowJob,
        line: dict[str, Any],
        key: str,
        setting: str,
        value: Any,
        read: Callable[[Any], Any],
        json: Callable[[Any], Any],
    ) -> None:
        if value is None or value == "":
            return
        try:
            line[key] = json(read(value))
        except ValueError as fault:
            self._refuse(job, f"{setting}: {fault}")

    def _refuse(self, job: GenericWorkflowJob, fault: str) -> None:
        # Jobs of one label share their settings, so their faults are said once.
        self._problems.add(f"label '{job.label}': {fault}")


def _from_zero(value: Any) -> int:
    return whole_number(value, 0)


def _priority(value: Any) -> int:
    number = whole_number(value)
    if abs(number) > PRIORITY_MAX:
        raise ValueError(f"{value!r} is beyond {PRIORITY_MAX}")
    return number
