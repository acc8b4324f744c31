"""Calls the command line, which alone knows how to talk to the daemon."""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
from typing import Any

import click

from interchange_runtime.launcher import command as java_command
from interchange_runtime.launcher import environment

__all__ = ["ExitCode", "InterchangeError", "run"]

_LOG = logging.getLogger(__name__)

SHOWN_CHARACTERS = 200


class ExitCode:
    """Exit codes of the command line."""

    FINE = 0
    REFUSED = 1
    USER = 2
    UNREACHABLE = 3
    NOT_FOUND = 4
    OTHER = 5


class InterchangeError(click.ClickException):
    """What the command line refused or could not do, in its words.

    Some commands of BPS, such as ``bps cancel``, catch nothing: of this, click prints the message alone.

    Parameters
    ----------
    message : `str`
        For the user.
    exit_code : `int`
        One of `ExitCode`.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click declares it for classes alone


def run(*arguments: str, text: str = "") -> dict[str, Any]:
    """Run ``interchange ARGUMENTS --json``.

    Parameters
    ----------
    *arguments : `str`
        Command and arguments.
    text : `str`, optional
        What it reads from standard input.

    Returns
    -------
    answer : `dict` [`str`, `typing.Any`]
        What it printed.

    Raises
    ------
    InterchangeError
        Raised if it ended with another exit code than 0, or printed something else.
    """
    # The environment is the submitter's: the command line takes the jobs' environment from there.
    done = subprocess.run(
        _command([*arguments, "--json"]),
        input=text,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    answer = _parsed(done.stdout)
    if done.returncode != ExitCode.FINE:
        raise InterchangeError(_complaint(done, answer, arguments), done.returncode)
    if answer is None:
        what = (
            f"'interchange {' '.join(arguments)}' printed no JSON object: {done.stdout[:SHOWN_CHARACTERS]!r}"
        )
        raise InterchangeError(what, ExitCode.OTHER)
    # Beside its answer it says what the user should know, such as that the daemon ends with the login.
    for line in done.stderr.splitlines():
        _LOG.warning("%s", line)
    return answer


def _command(arguments: list[str]) -> list[str]:
    # Another command line than the one beside this module, such as one under test.
    named = os.environ.get("INTERCHANGE_CLI")
    if named:
        return [*shlex.split(named), *arguments]
    try:
        return java_command(arguments)
    except LookupError as problem:
        raise InterchangeError(str(problem), ExitCode.OTHER) from problem


def _parsed(printed: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(printed)
    except json.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None


def _complaint(
    done: subprocess.CompletedProcess[str], answer: dict[str, Any] | None, arguments: tuple[str, ...]
) -> str:
    messages = ((answer or {}).get("error") or {}).get("messages")
    if messages:
        return "\n".join(str(message) for message in messages)
    if done.stderr.strip():
        return done.stderr.strip().removeprefix("interchange: ")
    how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
    return f"'interchange {' '.join(arguments)}' ended with {how} and said nothing"
