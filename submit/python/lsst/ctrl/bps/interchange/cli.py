"""Calls the command line, which alone knows how to talk to the daemon."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import Any

from interchange_runtime.launcher import command as java_command

__all__ = ["ExitCode", "InterchangeError", "run"]


class ExitCode:
    """Exit codes of the command line."""

    FINE = 0
    REFUSED = 1
    USER = 2
    UNREACHABLE = 3
    NOT_FOUND = 4
    OTHER = 5


class InterchangeError(RuntimeError):
    """What the command line refused or could not do, in its words.

    Parameters
    ----------
    message : `str`
        For the user.
    exit_code : `int`
        One of `ExitCode`.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def run(*arguments: str) -> dict[str, Any]:
    """Run ``interchange ARGUMENTS --json``.

    Parameters
    ----------
    *arguments : `str`
        Command and arguments.

    Returns
    -------
    answer : `dict` [`str`, `typing.Any`]
        What it printed.

    Raises
    ------
    InterchangeError
        Raised if it ended with another exit code than 0, or printed something else.
    """
    line = [*_command([*arguments, "--json"])]
    # The environment is the submitter's: the command line takes the jobs' environment from there.
    done = subprocess.run(
        line, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace"
    )
    if done.returncode != ExitCode.FINE:
        raise InterchangeError(_complaint(done, arguments), done.returncode)
    return _parsed(done, arguments)


def _command(arguments: list[str]) -> list[str]:
    # Another command line than the one beside this module, such as one under test.
    named = os.environ.get("INTERCHANGE_CLI")
    if named:
        return [*shlex.split(named), *arguments]
    try:
        return java_command(arguments)
    except LookupError as problem:
        raise InterchangeError(str(problem), ExitCode.OTHER) from problem


def _complaint(done: subprocess.CompletedProcess[str], arguments: tuple[str, ...]) -> str:
    said = done.stderr.strip() or done.stdout.strip()
    if said:
        return said.removeprefix("interchange: ")
    how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
    return f"'interchange {' '.join(arguments)}' ended with {how} and said nothing"


def _parsed(done: subprocess.CompletedProcess[str], arguments: tuple[str, ...]) -> dict[str, Any]:
    try:
        answer = json.loads(done.stdout or "{}")
    except json.JSONDecodeError as fault:
        what = f"'interchange {' '.join(arguments)}' printed no JSON ({fault}): {done.stdout[:200]!r}"
        raise InterchangeError(what, ExitCode.OTHER) from fault
    if not isinstance(answer, dict):
        what = f"'interchange {' '.join(arguments)}' printed {type(answer).__name__}, not an object"
        raise InterchangeError(what, ExitCode.OTHER)
    return answer
