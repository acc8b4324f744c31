"""Looks up settings of the configuration that belong to a label."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lsst.daf.butler import Config

from lsst.ctrl.bps import BpsConfig, GenericWorkflowJob

from .units import truth, whole_number

__all__ = ["Settings"]

# Sections by label in which BPS looks for settings of jobs.
_SECTIONS = ("cluster", "pipetask")


class Settings:
    """The configuration, by label.

    What depends on the label alone is looked up once: a search of the configuration takes longer than all
    else.

    Parameters
    ----------
    config : `lsst.ctrl.bps.BpsConfig`
        Configuration of the submission.
    """

    def __init__(self, config: BpsConfig) -> None:
        self._config = config
        self._options: dict[str, dict[str, Any]] = {}
        self._known: dict[tuple[str, str], Any] = {}
        # By path from the root.
        self._there: dict[tuple[str, ...], Any] = {}

    def plain(self, label: str, key: str, **options: Any) -> Any:
        """Return a value as BPS finds it for a label.

        Parameters
        ----------
        label : `str`
            The label.
        key : `str`
            The setting.
        **options : `typing.Any`
            More of what `lsst.ctrl.bps.BpsConfig.search` understands; always the same for one key.

        Returns
        -------
        value : `typing.Any`
            `None` where there is none.
        """
        if (label, key) not in self._known:
            found, value = self._config.search(key, opt=self._of_label(label) | options)
            self._known[label, key] = value if found and value != "" else None
        return self._known[label, key]

    def has(self, label: str, key: str) -> bool:
        """Return whether there is a value for a label, whatever it is.

        Parameters
        ----------
        label : `str`
            The label.
        key : `str`
            The setting.

        Returns
        -------
        there : `bool`
            Whether there is.
        """
        return bool(self._config.search(key, opt=self._of_label(label) | {"replaceVars": False})[0])

    def is_set(self, label: str, key: str, default: bool) -> bool:
        """Return whether a setting is on.

        Parameters
        ----------
        label : `str`
            The label.
        key : `str`
            The setting.
        default : `bool`
            Where there is none.

        Returns
        -------
        on : `bool`
            Whether it is.

        Raises
        ------
        ValueError
            Raised if the value is neither yes nor no.
        """
        value = self.plain(label, key)
        try:
            return default if value is None else truth(value)
        except ValueError as fault:
            raise ValueError(f"{key}: {fault}") from None

    def variable(self, job: GenericWorkflowJob, key: str) -> str | None:
        """Return a variable that a command line of a job names.

        Parameters
        ----------
        job : `lsst.ctrl.bps.GenericWorkflowJob`
            The job.
        key : `str`
            The variable.

        Returns
        -------
        value : `str` or `None`
            `None` where there is none.
        """
        options = self._of_label(job.label) | {"expandEnvVars": False, "replaceEnvVars": True}
        options["curvals"] |= {"jobName": job.name, "jobLabel": job.label, **(job.tags or {})}
        found, value = self._config.search(key, opt=options)
        return str(value) if found and not isinstance(value, Mapping) else None

    def log_template(self, label: str) -> str:
        """Return the template for the directory of logs.

        Parameters
        ----------
        label : `str`
            The label.

        Returns
        -------
        template : `str`
            With its variables.
        """
        template = self.plain(label, "subDirTemplate", replaceVars=False, default="")
        if isinstance(template, Mapping):
            template = template.get(label, "")
        return str(template or "")

    def payload_command(self, label: str) -> str | None:
        """Return the shell commands that the configuration wants around those of jobs.

        Parameters
        ----------
        label : `str`
            The label.

        Returns
        -------
        template : `str` or `None`
            With the places for the job's own command and environment; `None` where there is none.

        Raises
        ------
        ValueError
            Raised if its variables can't be replaced.
        """
        # Variables of the shell are those of the node.
        options = {"skipNames": ("gwjobCommand", "gwjobExports"), "expandEnvVars": False}
        try:
            template = self.plain(label, "payloadCommand", **options)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
            raise ValueError(f"payloadCommand: can't replace its variables: {fault}") from fault
        return None if template is None else re.sub(r"<ENV:([^>]+)>", r"${\1}", str(template))

    def of_cluster(self, label: str, key: str) -> Any:
        """Return what the configuration says of a cluster itself.

        Parameters
        ----------
        label : `str`
            The label.
        key : `str`
            The setting.

        Returns
        -------
        value : `typing.Any`
            `None` where it says nothing.
        """
        return self._at(("cluster", label, key))

    def max_jobs(self, label: str) -> int | None:
        """Return how many jobs of a label may run at a time in one run.

        The key of a site section means all jobs of that site, so it is not searched for.

        Parameters
        ----------
        label : `str`
            The label.

        Returns
        -------
        number : `int` or `None`
            `None` where it is not said.

        Raises
        ------
        ValueError
            Raised if it is no number.
        """
        value = self._own(label, "maxJobs")
        try:
            return None if value is None else whole_number(value, 1)
        except ValueError as fault:
            raise ValueError(f"maxJobs: {fault}") from None

    def _own(self, label: str, key: str) -> Any:
        """Return what the section of a label itself says, and no other."""
        paths = [*((section, label, key) for section in _SECTIONS), (label, key)]
        return next((value for path in paths if (value := self._at(path)) is not None), None)

    def _at(self, path: tuple[str, ...]) -> Any:
        if path not in self._there:
            there = Config.__contains__(self._config, path)
            self._there[path] = Config.__getitem__(self._config, path) if there else None
        return self._there[path]

    def _of_label(self, label: str) -> dict[str, Any]:
        if label not in self._options:
            try:
                self._options[label] = self._config.get_search_opts(label)
            except IndexError:
                # BPS can't search with an empty computeSite.
                self._options[label] = {"curvals": {"label": label}}
        options = self._options[label]
        return {**options, "curvals": dict(options["curvals"])}
