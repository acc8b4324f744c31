"""Reads what ``bps report --pass-thru`` says about which runs to list."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from typing import Any

from .reports import run_state

__all__ = ["run_filter"]

# By key: how a run spells it.
_KEYS: dict[str, Callable[[dict[str, Any]], str]] = {
    "state": lambda run: run_state(run).name,
    "name": lambda run: str(run.get("name", "")),
    "site": lambda run: str(run.get("site", "")),
    "operator": lambda run: str(run.get("attributes", {}).get("operator", "")),
    "project": lambda run: str(run.get("attributes", {}).get("project", "")),
    "campaign": lambda run: str(run.get("attributes", {}).get("campaign", "")),
    "payload": lambda run: str(run.get("attributes", {}).get("payload", "")),
}


def run_filter(text: str | None) -> Callable[[dict[str, Any]], bool]:
    """Return a function that tells whether a run is wanted.

    Parameters
    ----------
    text : `str` or `None`
        Such as ``"state=FAILED project=dev*"``: all of them must fit, case apart.

    Returns
    -------
    wanted : `~collections.abc.Callable`
        Takes a ``RunSummary``.

    Raises
    ------
    ValueError
        Raised if the text is none of that.
    """
    conditions: list[tuple[str, str]] = []
    for part in (text or "").split():
        key, equals, pattern = part.partition("=")
        if not equals or key not in _KEYS:
            raise ValueError(
                f"--pass-thru: '{part}' can't be read; give KEY=PATTERN with blanks between, such as "
                f"'state=FAILED project=dev*'; keys are {', '.join(_KEYS)}"
            )
        conditions.append((key, pattern.lower()))

    def wanted(run: dict[str, Any]) -> bool:
        return all(fnmatch.fnmatchcase(_KEYS[key](run).lower(), pattern) for key, pattern in conditions)

    return wanted
