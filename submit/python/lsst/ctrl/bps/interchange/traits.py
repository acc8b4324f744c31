"""Translates what a job asks for and how it may fail, which the jobs of a label have in common."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from lsst.ctrl.bps import GenericWorkflowJob

from .lines import fields
from .problems import Problems
from .settings import Settings
from .units import exit_code, exit_codes, limits, multiplier, walltime_seconds, whole_number

__all__ = ["Traits"]

PRIORITY_MAX = 2**31 - 1

# All of a job that its traits are made of; but for these, the jobs of a label rarely differ.
_TRAITS = operator.attrgetter(
    "label",
    "compute_site",
    "request_cpus",
    "request_memory",
    "request_memory_max",
    "memory_multiplier",
    "request_disk",
    "request_walltime",
    "priority",
    "concurrency_limit",
    "number_of_retries",
    "retry_unless_exit",
    "abort_on_value",
    "abort_return_value",
)


class Traits:
    """Fields of ``interchange.workflow.Job`` for resources, retries, aborts and the site.

    Each kind of job is translated once, since there may be a million that differ in nothing but their
    commands.

    Parameters
    ----------
    settings : `Settings`
        Of the configuration.
    site : `str`
        The site of jobs that name none.
    problems : `Problems`
        Receives what can't be translated, by label, and warnings.
    """

    def __init__(self, settings: Settings, site: str, problems: Problems) -> None:
        self._settings = settings
        self._site = site
        self._problems = problems
        self._known: dict[str, str] = {}

    def of(self, job: GenericWorkflowJob) -> str:
        """Return the fields of a job.

        Parameters
        ----------
        job : `lsst.ctrl.bps.GenericWorkflowJob`
            The job.

        Returns
        -------
        text : `str`
            As `fields` returns them, without what is at its default.
        """
        # As text, since some of it may be a list; and a number is not what is written in quotes.
        key = repr((_TRAITS(job), _is_cluster(job)))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = fields(self._translated(job))
        return known

    def _translated(self, job: GenericWorkflowJob) -> dict[str, Any]:
        line: dict[str, Any] = {}
        self._add_resources(job, line)
        self._add_retries(job, line)
        self._add_abort(job, line)
        if job.compute_site and job.compute_site != self._site:
            line["site"] = str(job.compute_site)
        return {key: value for key, value in line.items() if value not in ("", [])}

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
                self._problems.add_to_label(
                    job.label,
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
            self._problems.warn(f"{what} (requestMemoryMax, memoryLimit): {min(known)} is asked for")
            line["memoryMib"] = line["memoryMaxMib"]

    def _is_joined_text(self, job: GenericWorkflowJob, setting: str, value: Any) -> bool:
        return (
            isinstance(value, str)
            and _is_cluster(job)
            and self._settings.of_cluster(job.label, setting) is None
        )

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
            self._problems.add_to_label(
                job.label, "abortReturnValue says nothing without abortOnValue: set both, or neither"
            )

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
            self._problems.add_to_label(job.label, f"{setting}: {fault}")


def _is_cluster(job: GenericWorkflowJob) -> bool:
    """Whether it is made of several quanta."""
    return bool(sum((job.quanta_counts or {}).values()) > 1)


def _from_zero(value: Any) -> int:
    return whole_number(value, 0)


def _priority(value: Any) -> int:
    number = whole_number(value)
    if abs(number) > PRIORITY_MAX:
        raise ValueError(f"{value!r} is beyond {PRIORITY_MAX}")
    return number
