"""What BPS calls: each method of `BaseWmsService` as one call of the command line."""

from __future__ import annotations

import json
import logging
from typing import Any

from lsst.ctrl.bps import BaseWmsService, BpsConfig, GenericWorkflow, WmsRunReport, WmsStates

from . import cli
from .bringing import brought
from .checks import zipfile_warning
from .cli import ExitCode, InterchangeError
from .filters import run_filter
from .problems import WorkflowRefusedError
from .reports import detailed_report, run_state, summary_report
from .workflow import InterchangeWorkflow

__all__ = ["InterchangeService"]

_LOG = logging.getLogger(__name__)

# What HTCondor's users pass to have no final job and no waiting.
FORCE = "-forcex"

# Runs that have ended are not to be cancelled.
_GOING_ON = frozenset({WmsStates.READY, WmsStates.RUNNING, WmsStates.HELD})


class InterchangeService(BaseWmsService):
    """Runs BPS workflows on interchange.

    A run is named by its id, its global id or its submit directory. BPS makes one of these with an empty
    configuration whenever it reads a configuration, so there is nothing to be done in a constructor.
    """

    @property
    def defaults(self) -> None:
        """No settings beyond those of BPS."""
        return None

    @property
    def defaults_uri(self) -> None:
        """No settings beyond those of BPS."""
        return None

    def prepare(
        self, config: BpsConfig, generic_workflow: GenericWorkflow, out_prefix: str | None = None
    ) -> InterchangeWorkflow:
        """Write the workflow file.

        Parameters
        ----------
        config : `lsst.ctrl.bps.BpsConfig`
            Configuration of the submission.
        generic_workflow : `lsst.ctrl.bps.GenericWorkflow`
            The workflow.
        out_prefix : `str`, optional
            The submit directory; by default the configuration's.

        Returns
        -------
        workflow : `InterchangeWorkflow`
            Ready to be submitted.

        Raises
        ------
        WorkflowRefusedError
            Raised if it can't be run; the message lists all reasons.
        """
        prefix = out_prefix if out_prefix is not None else str(config["submitPath"])
        service_class = f"{type(self).__module__}.{type(self).__qualname__}"
        workflow = InterchangeWorkflow.from_generic_workflow(config, generic_workflow, prefix, service_class)
        parent = brought(prefix)
        if parent is None:
            workflow.write(prefix)
            self._check_sites(workflow)
        else:
            # This is a node, where nobody can be asked; the daemon knows the run that this becomes part of.
            workflow.write_for_parent(parent)
        return workflow

    @staticmethod
    def _check_sites(workflow: InterchangeWorkflow) -> None:
        # What a daemon would refuse is said before the user waits for more.
        try:
            answer = cli.run("check", text=json.dumps(workflow.site_settings))
            workflow.warned = [str(warning) for warning in answer.get("warnings", [])]
            for warning in workflow.warned:
                _LOG.warning("%s", warning)
        except InterchangeError as problem:
            if problem.exit_code == ExitCode.USER:
                workflow.discard()
                raise WorkflowRefusedError(f"workflow '{workflow.name}' is refused:\n{problem}") from None
            _LOG.warning("The sites can't be checked before the submission: %s", problem)

    def submit(self, workflow: InterchangeWorkflow, **kwargs: Any) -> InterchangeWorkflow:
        """Hand the workflow to the daemon, starting it where none runs, and return at once.

        Parameters
        ----------
        workflow : `InterchangeWorkflow`
            As prepared; its ``run_id`` is set.
        **kwargs : `typing.Any`
            Not used.

        Returns
        -------
        workflow : `InterchangeWorkflow`
            The same.

        Raises
        ------
        InterchangeError
            Raised if the daemon refuses it or can't be reached.
        """
        if workflow.path is None:
            raise RuntimeError(f"workflow '{workflow.name}' was not prepared")
        answer = cli.run("submit", str(workflow.path))
        for warning in answer.get("warnings", []):
            if warning not in workflow.warned:
                _LOG.warning("%s", warning)
        workflow.run_id = str(answer["run"])
        _LOG.info("Follow it by 'interchange watch %s'", workflow.run_id)
        return workflow

    def restart(self, wms_workflow_id: str | None) -> tuple[str | None, str | None, str]:
        """Run again what has not succeeded, with the environment of this shell.

        Parameters
        ----------
        wms_workflow_id : `str`
            The run.

        Returns
        -------
        wms_id : `str` or `None`
            Its id, which is what it was; `None` if it was refused.
        run_name : `str` or `None`
            Its name, which is what it was.
        message : `str`
            What the user should know.
        """
        if wms_workflow_id is None:
            return None, None, "no run is named: give its id or its submit directory (--id)"
        try:
            answer = cli.run("restart", str(wms_workflow_id))
        except InterchangeError as problem:
            return None, None, str(problem)
        messages = [str(message) for message in answer.get("messages", [])]
        # BPS prints the message of a restart only if it failed.
        for message in messages:
            _LOG.info("%s", message)
        return str(answer["run"]), str(answer["name"]), "\n".join(messages)

    def list_submitted_jobs(
        self,
        wms_id: str | None = None,
        user: str | None = None,
        require_bps: bool = True,
        pass_thru: str | None = None,
        is_global: bool = False,
    ) -> list[str]:
        """List runs for `cancel`.

        Parameters
        ----------
        wms_id : `str`, optional
            One run, ended or not.
        user : `str`, optional
            All runs of this operator that go on.
        require_bps : `bool`, optional
            Whether to leave out runs that were not submitted by BPS.
        pass_thru : `str`, optional
            Not used.
        is_global : `bool`, optional
            Not used.

        Returns
        -------
        ids : `list` [`str`]
            Ids of runs; none without ``wms_id`` or ``user``.
        """
        if wms_id is not None:
            found = _find(str(wms_id))
            runs = [] if found is None else [found]
        elif user is not None:
            runs = [run for run in _list(0, user) if run_state(run) in _GOING_ON]
        else:
            runs = []
        return [str(run["id"]) for run in runs if not require_bps or _is_from_bps(run)]

    def report(
        self,
        wms_workflow_id: str | None = None,
        user: str | None = None,
        hist: float | None = 0,
        pass_thru: str | None = None,
        is_global: bool = False,
        return_exit_codes: bool = False,
    ) -> tuple[list[WmsRunReport], str]:
        """Report on one run, or list runs.

        Parameters
        ----------
        wms_workflow_id : `str`, optional
            The run, however long ago it ended.
        user : `str`, optional
            Only runs of this operator.
        hist : `float`, optional
            Days to look back for ended runs.
        pass_thru : `str`, optional
            Which runs to list, such as ``state=FAILED project=dev*``. Of one run nothing is left out.
        is_global : `bool`, optional
            Not used: the daemon knows all runs.
        return_exit_codes : `bool`, optional
            Not used: they are always there.

        Returns
        -------
        reports : `list` [`lsst.ctrl.bps.WmsRunReport`]
            Of one run with labels, exit codes and messages.
        message : `str`
            Why there is nothing to report, or what was not heeded.
        """
        try:
            if wms_workflow_id is not None:
                ignored = (
                    "--pass-thru changes nothing with --id: it chooses runs to list" if pass_thru else ""
                )
                return [detailed_report(cli.run("report", str(wms_workflow_id)))], ignored
            wanted = run_filter(pass_thru)
            return [summary_report(run) for run in _list(hist or 0, user) if wanted(run)], ""
        except (InterchangeError, ValueError) as problem:
            return [], str(problem)

    def get_status(
        self, wms_workflow_id: str, hist: float = 1, is_global: bool = False
    ) -> tuple[WmsStates, str]:
        """Return the state of a run.

        Parameters
        ----------
        wms_workflow_id : `str`
            The run, however long ago it ended.
        hist : `float`, optional
            Not used.
        is_global : `bool`, optional
            Not used.

        Returns
        -------
        state : `lsst.ctrl.bps.WmsStates`
            UNKNOWN if there is no such run or no daemon.
        message : `str`
            Why it is unknown.
        """
        try:
            return run_state(_summary(str(wms_workflow_id))), ""
        except InterchangeError as problem:
            return WmsStates.UNKNOWN, str(problem)

    def cancel(self, wms_id: str, pass_thru: str | None = None) -> tuple[bool, str]:
        """End the jobs of a run, then run its final job.

        With ``-forcex``, or the second time, it ends at once.

        Parameters
        ----------
        wms_id : `str`
            The run.
        pass_thru : `str`, optional
            May hold ``-forcex``.

        Returns
        -------
        deleted : `bool`
            Whether the daemon is doing so.
        message : `str`
            Why not.
        """
        force = ["--force"] if pass_thru and FORCE in pass_thru else []
        try:
            cli.run("cancel", str(wms_id), *force)
        except InterchangeError as problem:
            return False, str(problem)
        return True, ""

    def run_submission_checks(self) -> None:
        """See that a submission would find a daemon, starting it where none runs.

        It starts while BPS makes the quantum graph.

        Raises
        ------
        InterchangeError
            Raised if there can't be one; the message says why.
        """
        warning = zipfile_warning()
        if warning is not None:
            _LOG.warning("%s", warning)
        cli.run("start")

    def ping(self, pass_thru: str | None = None) -> tuple[int, str]:
        """Ask the daemon whether it is there.

        Parameters
        ----------
        pass_thru : `str`, optional
            Not used.

        Returns
        -------
        status : `int`
            0 if it is and has no troubles.
        message : `str`
            Who answered, or why nobody did.
        """
        try:
            answer = cli.run("info")
        except InterchangeError as problem:
            return problem.exit_code or ExitCode.OTHER, str(problem)
        troubles = [str(trouble) for trouble in answer.get("troubles", [])]
        if troubles:
            return ExitCode.REFUSED, "; ".join(troubles)
        return 0, f"interchange {answer.get('version', '?')} on {answer.get('host', '?')}"


def _list(days: float, user: str | None) -> list[dict[str, Any]]:
    of_user = ["--user", user] if user else []
    return list(cli.run("list", "--hist", f"{days:g}", *of_user).get("runs", []))


def _summary(run: str) -> dict[str, Any]:
    answer: dict[str, Any] = cli.run("report", run)["summary"]
    return answer


def _find(run: str) -> dict[str, Any] | None:
    try:
        return _summary(run)
    except InterchangeError as problem:
        if problem.exit_code == ExitCode.NOT_FOUND:
            return None
        raise


def _is_from_bps(run: dict[str, Any]) -> bool:
    return bool(run.get("attributes", {}).get("isjob") == "True")
