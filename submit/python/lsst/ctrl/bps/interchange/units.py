"""Reads the numbers of a BPS configuration, which arrive as numbers or as text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

__all__ = ["exit_codes", "walltime_seconds", "whole_number"]

_CLOCK = re.compile(r"(?:(?P<days>\d+)-)?(?P<hours>\d+):(?P<minutes>[0-5]?\d)(?::(?P<seconds>[0-5]?\d))?")


def walltime_seconds(value: Any) -> int:
    """Return a walltime in seconds.

    BPS does not say in which unit ``requestWalltime`` is; here a bare number means minutes.

    Parameters
    ----------
    value : `typing.Any`
        Minutes as a number or as digits, or ``[D-]HH:MM[:SS]``.

    Returns
    -------
    seconds : `int`
        At least 1.

    Raises
    ------
    ValueError
        Raised if the value is anything else.
    """
    seconds: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value * 60
    elif isinstance(value, str):
        text = value.strip()
        if text.isascii() and text.isdigit():
            seconds = int(text) * 60
        elif clock := _CLOCK.fullmatch(text):
            part = {name: int(number or 0) for name, number in clock.groupdict().items()}
            seconds = ((part["days"] * 24 + part["hours"]) * 60 + part["minutes"]) * 60 + part["seconds"]
    if seconds is None or not 1 <= seconds < 2**53:
        raise ValueError(
            f"{value!r} is no time: give minutes, or '[D-]HH:MM[:SS]' in quotes "
            "(without them YAML reads 1:30:00 as a number)"
        )
    return int(seconds)


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
