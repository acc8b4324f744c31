"""Knows whether this process is a job that brings more jobs into its run, and where it is to write them."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from .problems import WorkflowRefusedError

__all__ = ["FOLDER", "VARIABLE", "Brought", "brought", "payload_file"]

# Below the submit directory.
FOLDER = "interchange"

# Set for such a job alone: the file that it is to write.
VARIABLE = "INTERCHANGE_BRINGS"
_ATTEMPT = "INTERCHANGE_ATTEMPT"


@dataclasses.dataclass(frozen=True)
class Brought:
    """A workflow file that becomes part of the run of this job."""

    path: Path
    """What the daemon reads when the job has succeeded."""

    attempt: int
    """Which attempt of the job this is, from 0."""

    @property
    def partial(self) -> Path:
        """Where it is written until it is whole; an attempt that was thought dead may still write its own."""
        return self.path.with_suffix(f".{self.attempt}.partial")


def payload_file(number: int) -> str:
    """Return the file that a job of a workflow brings, relative to the submit directory.

    Parameters
    ----------
    number : `int`
        Which of these jobs it is, from 1.

    Returns
    -------
    path : `str`
        The path.
    """
    return f"{FOLDER}/payload.jsonl" if number == 1 else f"{FOLDER}/payload-{number}.jsonl"


def brought(submit_path: str) -> Brought | None:
    """Return what this process is to write, if it is the job of a run that brings jobs into it.

    Other preparations may happen inside of such a job; what they prepare has another submit directory.

    Parameters
    ----------
    submit_path : `str`
        The submit directory of what is prepared.

    Returns
    -------
    brought : `Brought` or `None`
        `None` for all other processes.

    Raises
    ------
    WorkflowRefusedError
        Raised if the number of the attempt is missing.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    path = Path(named)
    # The node may see the directory under another path.
    if not _is_same(path.parent, Path(submit_path, FOLDER)):
        return None
    attempt = os.environ.get(_ATTEMPT, "")
    if not attempt.isdecimal():
        raise WorkflowRefusedError(
            f"{_ATTEMPT} is '{attempt}', not the number of an attempt, although {VARIABLE} is set: "
            "to prepare a workflow by hand, unset it"
        )
    return Brought(path, int(attempt))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
