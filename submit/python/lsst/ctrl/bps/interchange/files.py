"""Tells which files of a job travel to its node and back, and by which name its command knows each."""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path
from typing import Any

from lsst.ctrl.bps import GenericWorkflow, GenericWorkflowExec, GenericWorkflowFile, GenericWorkflowJob

from .commands import program_text
from .lines import fields

__all__ = ["Files", "JobFiles"]

_VARIABLE = re.compile(r"<ENV:([^>]+)>")
_FILE_SCHEME = "file://"


class JobFiles:
    """The files of one job.

    Parameters
    ----------
    shared : `bool`
        Whether nodes see the file system of the submit host.
    """

    def __init__(self, shared: bool) -> None:
        self._shared = shared
        # What the command is to run.
        self.program = ""
        # By logical name: what the command calls it.
        self.names: dict[str, str] = {}
        # Lines of those that travel, by their name in the job's directory and whether they are outputs.
        self._travelling: dict[tuple[str, bool], dict[str, Any]] = {}
        self.faults: list[str] = []

    @functools.cached_property
    def fields(self) -> str:
        """The field with those that travel, as text; to be asked for when all files are there."""
        return fields({"files": list(self._travelling.values())}) if self._travelling else ""

    def add(self, file: GenericWorkflowFile, output: bool) -> None:
        """Take in an input or an output.

        It is used in place if BPS does not ask to transfer it, or if it may be shared and can be; else it
        travels, and the job finds it in its own directory.

        Parameters
        ----------
        file : `lsst.ctrl.bps.GenericWorkflowFile`
            The file.
        output : `bool`
            Which of both.
        """
        uri = str(file.src_uri or "")
        if not uri:
            return
        path = _local_path(uri)
        # Also of what can't travel: that is to be said, and not that the command names it.
        self.names[file.name] = uri
        if (
            not file.wms_transfer
            or (self._shared and file.job_shared)
            or (file.job_access_remote and path is None)
        ):
            self.names[file.name] = uri if path is None or uri.startswith(_FILE_SCHEME) else path
            if not self._shared and path is not None and not file.job_access_remote:
                self.faults.append(
                    f"file '{file.name}' ({uri}) is neither transferred nor readable from afar, and "
                    "'bpsUseShared: false' says that nodes don't see it: set 'bpsUseShared: true' if they do"
                )
            return
        if path is None:
            self.faults.append(
                f"file '{file.name}' ({uri}) can't travel, as it has no path on the submit host: "
                "let jobs read it from afar (job_access_remote), or give a path"
            )
        elif uri.endswith("/") or Path(path).is_dir():
            self.faults.append(
                f"{'output' if output else 'input'} '{file.name}' ({uri}) is a directory; it can't travel: "
                "pack it into one file, or use it in place ('bpsUseShared: true' and job_shared)"
            )
        else:
            # A script that comes as an input is to be run, perhaps.
            executable = not output and os.access(path, os.X_OK)
            self.names[file.name] = self._travel(path, f"file '{file.name}'", output, executable)

    def add_executable(self, executable: GenericWorkflowExec) -> None:
        """Take in what the job runs.

        Parameters
        ----------
        executable : `lsst.ctrl.bps.GenericWorkflowExec`
            The executable.
        """
        uri = str(executable.src_uri)
        self.program = program_text(uri)
        if self._shared or not executable.transfer_executable:
            return
        # It comes from the submit host, so the variables of that count.
        expanded = os.path.expandvars(_VARIABLE.sub(r"${\1}", uri))
        path = _local_path(expanded)
        if path is None or "$" in expanded:
            self.faults.append(
                f"executable '{executable.name}' ({uri}) can't travel: give a path on the submit host"
            )
        else:
            self.program = program_text(
                "./" + self._travel(path, f"executable '{executable.name}'", executable=True)
            )

    def _travel(self, path: str, what: str, output: bool = False, executable: bool = False) -> str:
        name = Path(path).name
        # What is read and written under one name is no clash.
        for other in (self._travelling.get((name, False)), self._travelling.get((name, True))):
            if other is not None and other["path"] != path:
                self.faults.append(
                    f"{what} ({path}) and {other['path']} would both be '{name}' in the job's directory: "
                    "rename one"
                )
                return name
        line = self._travelling.setdefault((name, output), {"path": path})
        if output:
            line["output"] = True
        if executable:
            line["executable"] = True
        return name


class Files:
    """The files of all jobs of a workflow.

    Parameters
    ----------
    workflow : `lsst.ctrl.bps.GenericWorkflow`
        The whole workflow.
    """

    def __init__(self, workflow: GenericWorkflow) -> None:
        self._workflow = workflow
        # Of the last job by label: most have the same files as that before them.
        self._last: dict[str, tuple[object, JobFiles]] = {}

    def of(self, owner: GenericWorkflow, job: GenericWorkflowJob, shared: bool) -> JobFiles:
        """Return the files of a job.

        Parameters
        ----------
        owner : `lsst.ctrl.bps.GenericWorkflow`
            That part of the workflow which has the job.
        job : `lsst.ctrl.bps.GenericWorkflowJob`
            The job.
        shared : `bool`
            Whether nodes see the file system of the submit host.

        Returns
        -------
        files : `JobFiles`
            All of them; not to be changed.

        Raises
        ------
        ValueError
            Raised if it has nothing to run.
        """
        if job.executable is None or not job.executable.src_uri:
            raise ValueError("it has no executable")
        inputs = owner.get_job_inputs(job.name)
        outputs = owner.get_job_outputs(job.name)
        if owner is not self._workflow:
            # BPS copies files into its groups and leaves them in the workflow; others may do one of both.
            inputs = _both(inputs, self._workflow.get_job_inputs(job.name))
            outputs = _both(outputs, self._workflow.get_job_outputs(job.name))
        program = (job.executable.src_uri, job.executable.transfer_executable)
        # The workflow holds the files, so none takes the place of another.
        key = (shared, program, [*map(id, inputs)], [*map(id, outputs)])
        last = self._last.get(job.label)
        if last is not None and last[0] == key:
            return last[1]
        files = JobFiles(shared)
        for file in inputs:
            files.add(file, output=False)
        for file in outputs:
            files.add(file, output=True)
        files.add_executable(job.executable)
        self._last[job.label] = (key, files)
        return files


def _both(own: list[GenericWorkflowFile], others: list[GenericWorkflowFile]) -> list[GenericWorkflowFile]:
    known = {file.name for file in own}
    return [*own, *(file for file in others if file.name not in known)]


def _local_path(uri: str) -> str | None:
    """Return the path of a file on the submit host; `None` for what is elsewhere or depends on the node."""
    if uri.startswith(_FILE_SCHEME):
        uri = uri.removeprefix(_FILE_SCHEME)
    if "://" in uri or uri.startswith(("<", "$")):
        return None
    return uri if uri.startswith("/") else str(Path(uri).absolute())
