"""Reads the numbers of a BPS configuration, which arrive as numbers or as text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import Any

__all__ = ["exit_codes", "walltime_seconds", "whole_number"]

# Longer is a mistake of units.
WALLTIME_MAX_DAYS = 400
NUMBER_CHARACTERS_MAX = 20

_CLOCK = re.compile(
    r"(?:(?P<days>\d{1,4})-)?(?P<hours>\d{1,5}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?", re.ASCII
)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)


def walltime_seconds(value: Any) -> int:
    """Return a walltime in seconds, rounded up.

    BPS does not say in which unit ``requestWalltime`` is; here a bare number means minutes. The daemon reads
    the walltimes of sites by the same rules.

    Parameters
    ----------
    value : `typing.Any`
        Minutes as a number or as text of one, or ``[D-]HH:MM[:SS]``.

    Returns
    -------
    seconds : `int`
        At least 1.

    Raises
    ------
    ValueError
        Raised if the value is anything else.
    """
    seconds: int | None = None
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        text = str(value).strip()
        seconds = _clock_seconds(text) if ":" in text else _minutes_as_seconds(text)
    if seconds is None or not 1 <= seconds <= WALLTIME_MAX_DAYS * 86400:
        raise ValueError(
            f"{value!r} is no time: give minutes, or '[D-]HH:MM[:SS]' in quotes "
            f"(without them YAML reads 1:30:00 as a number), up to {WALLTIME_MAX_DAYS} days"
        )
    return seconds


def _clock_seconds(text: str) -> int | None:
    clock = _CLOCK.fullmatch(text)
    # 1-30:00 is more likely a slip than two days.
    if clock is None or (clock["days"] is not None and int(clock["hours"]) > 23):
        return None
    part = {name: int(number or 0) for name, number in clock.groupdict().items()}
    return ((part["days"] * 24 + part["hours"]) * 60 + part["minutes"]) * 60 + part["seconds"]


def _minutes_as_seconds(text: str) -> int | None:
    if len(text) > NUMBER_CHARACTERS_MAX or not _NUMBER.fullmatch(text):
        return None
    minutes = Decimal(text)
    # Before it is multiplied: an exponent may be huge.
    if not 0 < minutes <= WALLTIME_MAX_DAYS * 24 * 60:
        return None
    return int((minutes * 60).to_integral_value(ROUND_CEILING))


def whole_number(value: Any, least: int | None = None) -> int:
    """Return a whole number that may have been written as text.

    Parameters
    ----------
    value : `typing.Any`
        An `int`, a `float` without fraction, or text of one.
    least : `int`, optional
        The smallest number that makes sense.

    Returns
    -------
    number : `int`
        The number.

    Raises
    ------
    ValueError
        Raised if it is none, or too small.
    """
    number: int | None = None
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?\d+\s*", value, re.ASCII):
        number = int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, float) and value.is_integer():
        number = int(value)
    if number is None:
        raise ValueError(f"{value!r} is no whole number")
    if least is not None and number < least:
        raise ValueError(f"{value!r} is less than {least}")
    return number


def exit_codes(value: Any) -> list[int]:
    """Return exit codes from BPS's ``retryUnlessExit``.

    Parameters
    ----------
    value : `typing.Any`
        A number, a list of numbers, text of either (``"1,2"``), or `None`.

    Returns
    -------
    codes : `list` [`int`]
        In the order given.

    Raises
    ------
    ValueError
        Raised if one of them is no exit code.
    """
    if value is None:
        return []
    if isinstance(value, str):
        parts: Iterable[Any] = [part for part in re.split(r"[,\s]+", value.strip(" []")) if part]
    elif isinstance(value, Iterable):
        parts = value
    else:
        parts = [value]
    codes = [whole_number(part, least=0) for part in parts]
    if any(code > 255 for code in codes):
        raise ValueError(f"{value!r} has a number above 255, which no process exits with")
    return codes
