"""The workflow as it is handed to the daemon: a file of JSON lines."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from lsst.ctrl.bps import BaseWmsWorkflow, BpsConfig, GenericWorkflow, GenericWorkflowJob

from .jobs import JobTranslator
from .problems import Problems
from .survey import Survey, survey

__all__ = ["InterchangeWorkflow"]

# One for all lines: `json.dumps` would make another for each.
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

FORMAT = 1
FILE = Path("interchange", "workflow.jsonl")

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
        workflow = cls(generic_workflow.name, config)
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
        if self.generic_workflow is None:
            raise RuntimeError("a workflow without a generic workflow can't be written")
        path = Path(out_prefix).absolute() / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                self._write_lines(out, self.generic_workflow)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        self.path = path

    def discard(self) -> None:
        """Remove the file of a workflow that was refused after all."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            self.path = None

    def _write_lines(self, out: TextIO, generic_workflow: GenericWorkflow) -> None:
        problems = Problems()
        found = survey(self.config, generic_workflow, problems)
        problems.raise_if_any(f"workflow '{self.name}'")
        translator = JobTranslator(self.config, generic_workflow, found.site, problems)
        self.site_settings = {"site": found.site, "sites": found.sites, "names": found.site_names}
        _write_line(out, {"header": self._header(found, generic_workflow)})
        count = 0
        for job, final in _jobs(generic_workflow, found.final):
            _write_line(out, {"job": translator.translate(job, final)})
            count += 1
        problems.raise_if_any(f"workflow '{self.name}'")
        _write_line(out, {"trailer": {"jobs": str(count)}})

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
        }


def _jobs(
    generic_workflow: GenericWorkflow, final: GenericWorkflowJob | None
) -> Iterator[tuple[GenericWorkflowJob, bool]]:
    for name in generic_workflow:
        node = generic_workflow.get_job(name)
        if isinstance(node, GenericWorkflowJob):
            yield node, False
    if final is not None:
        yield final, True


def _write_line(out: TextIO, line: dict[str, Any]) -> None:
    out.write(_JSON.encode(line))
    out.write("\n")
