"""The workflow as it is handed to the daemon: a file of JSON lines."""

from __future__ import annotations

import logging
import os
import uuid
from pathlib import Path
from typing import Any, TextIO

from lsst.ctrl.bps import BaseWmsWorkflow, BpsConfig, GenericWorkflow

from .bringing import FOLDER, VARIABLE, Brought
from .jobs import JobTranslator
from .lines import encoded
from .nodes import flatten
from .problems import Problems, WorkflowRefusedError
from .settings import Settings
from .survey import Survey, survey

__all__ = ["InterchangeWorkflow"]

_LOG = logging.getLogger(__name__)

FORMAT = 1
FILE = Path(FOLDER, "workflow.jsonl")

# Run attributes of BPS that reports show or filter by.
_ATTRIBUTES = ("operator", "project", "campaign", "payload", "run", "runsite", "isjob", "iscustom")


class InterchangeWorkflow(BaseWmsWorkflow):
    """A workflow in the format of ``proto/workflow.proto``.

    Parameters
    ----------
    name : `str`
        Name of the run.
    config : `lsst.ctrl.bps.BpsConfig`
        Configuration of the submission.
    """

    def __init__(self, name: str, config: BpsConfig) -> None:
        super().__init__(name, config)
        self.submission = str(uuid.uuid4())
        self.generic_workflow: GenericWorkflow | None = None
        self.path: Path | None = None
        # Where it goes if it is prepared inside of a run that it becomes part of.
        self._brought: Brought | None = None
        # Names of the sites and their sections, for a check before the submission.
        self.site_settings: dict[str, Any] = {}
        # What that check has told the user already.
        self.warned: list[str] = []

    @classmethod
    def from_generic_workflow(
        cls, config: BpsConfig, generic_workflow: GenericWorkflow, out_prefix: str, service_class: str
    ) -> InterchangeWorkflow:
        """Take in a generic workflow.

        Parameters
        ----------
        config : `lsst.ctrl.bps.BpsConfig`
            Configuration of the submission.
        generic_workflow : `lsst.ctrl.bps.GenericWorkflow`
            The workflow; it is read when it is written out, and not copied.
        out_prefix : `str`
            The submit directory.
        service_class : `str`
            Full name of the service.

        Returns
        -------
        workflow : `InterchangeWorkflow`
            Not yet written.
        """
        # A workflow that only prepares another has a name of its own, but the run has that of the other.
        name = generic_workflow.run_attrs.get("bps_run") or generic_workflow.name
        workflow = cls(str(name), config)
        workflow.generic_workflow = generic_workflow
        workflow.service_class = service_class
        workflow.submit_path = str(Path(out_prefix).absolute())
        return workflow

    def write(self, out_prefix: str) -> None:
        """Write the workflow file, readable by its owner alone, or nothing if the workflow is refused.

        Parameters
        ----------
        out_prefix : `str`
            The submit directory.

        Raises
        ------
        WorkflowRefusedError
            Raised if it can't be run; the message lists all reasons.
        """
        path = Path(out_prefix).absolute() / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        try:
            self._write(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        self.path = path

    def write_for_parent(self, brought: Brought) -> None:
        """Write the file that `add_to_parent_workflow` will hand over, inside the job that brings it.

        Parameters
        ----------
        brought : `Brought`
            What this job is to write.

        Raises
        ------
        WorkflowRefusedError
            Raised if it can't be run; the message lists all reasons.
        """
        try:
            self._write(brought.partial, brought.attempt)
        except BaseException:
            brought.partial.unlink(missing_ok=True)
            raise
        self._brought = brought

    def add_to_parent_workflow(self, config: BpsConfig) -> None:
        """Hand the workflow over to the run of this job, which takes it in when the job has succeeded.

        Parameters
        ----------
        config : `lsst.ctrl.bps.BpsConfig`
            Not used.

        Raises
        ------
        WorkflowRefusedError
            Raised if this is no such job.
        """
        if self._brought is None:
            raise WorkflowRefusedError(
                f"workflow '{self.name}' has no run to become part of: 'bps batch-prepare' is for the job "
                f"preparePayloadWorkflow, whose environment names the file to write ({VARIABLE}); "
                "'bps submit' makes that job if 'bpsBatchSubmission: true'"
            )
        self._brought.partial.replace(self._brought.path)
        self.path = self._brought.path

    def discard(self) -> None:
        """Remove the file of a workflow that was refused after all."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            self.path = None

    def _write(self, path: Path, attempt: int | None = None) -> None:
        if self.generic_workflow is None:
            raise RuntimeError("a workflow without a generic workflow can't be written")
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            self._write_lines(out, self.generic_workflow, attempt)

    def _write_lines(self, out: TextIO, generic_workflow: GenericWorkflow, attempt: int | None) -> None:
        problems = Problems()
        settings = Settings(self.config)
        found = survey(self.config, settings, generic_workflow, problems)
        problems.raise_if_any(f"workflow '{self.name}'")
        translator = JobTranslator(settings, generic_workflow, self.submit_path, found.site, problems)
        self.site_settings = {"site": found.site, "sites": found.sites, "names": found.site_names}
        header = self._header(found, generic_workflow)
        if attempt is not None:
            header["writtenByAttempt"] = attempt
        _write_line(out, {"header": header})
        count = 0
        for node in flatten(generic_workflow, found.names, problems):
            out.write(translator.translate(node) + "\n")
            count += 1
        problems.raise_if_any(f"workflow '{self.name}'")
        _write_line(out, {"trailer": {"jobs": str(count)}})
        for warning in problems.warnings:
            _LOG.warning("%s", warning)

    def _header(self, found: Survey, generic_workflow: GenericWorkflow) -> dict[str, Any]:
        attributes = {name: generic_workflow.run_attrs.get(f"bps_{name}") for name in _ATTRIBUTES}
        return {
            "format": FORMAT,
            "submission": self.submission,
            "name": self.name,
            "submitDirectory": self.submit_path,
            "site": found.site,
            "sites": found.sites,
            "attributes": {name: str(value) for name, value in attributes.items() if value not in (None, "")},
            "labels": found.labels,
            "notes": found.notes,
            "maxJobs": found.max_jobs,
        }


def _write_line(out: TextIO, line: dict[str, Any]) -> None:
    out.write(encoded(line) + "\n")
