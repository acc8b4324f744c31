"""Reads the numbers of a BPS configuration, which arrive as numbers or as text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import Any

__all__ = ["exit_code", "exit_codes", "limits", "multiplier", "truth", "walltime_seconds", "whole_number"]

# Longer is a mistake of units.
WALLTIME_MAX_DAYS = 400
NUMBER_CHARACTERS_MAX = 20

_CLOCK = re.compile(
    r"(?:(?P<days>\d{1,4})-)?(?P<hours>\d{1,5}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?", re.ASCII
)
# One pool of a concurrency limit, and how much of it a job takes.
_LIMIT = re.compile(r"(?P<name>[A-Za-z_][\w.-]*)(?::(?P<count>[1-9]\d{0,8}))?", re.ASCII)
EXIT_CODE_MAX = 255

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
    if any(code > EXIT_CODE_MAX for code in codes):
        raise ValueError(f"{value!r} has a number above {EXIT_CODE_MAX}, which no process exits with")
    return codes


def exit_code(value: Any) -> int:
    """Return one exit code.

    Parameters
    ----------
    value : `typing.Any`
        A number, or text of one.

    Returns
    -------
    code : `int`
        From 0 to 255.

    Raises
    ------
    ValueError
        Raised if it is none.
    """
    code = whole_number(value, least=0)
    if code > EXIT_CODE_MAX:
        raise ValueError(f"{value!r} is above {EXIT_CODE_MAX}, which no process exits with")
    return code


def multiplier(value: Any) -> float | None:
    """Return by how much memory grows from try to try.

    Parameters
    ----------
    value : `typing.Any`
        A number, or text of one.

    Returns
    -------
    factor : `float` or `None`
        `None` if it would not grow, which turns growing off, as in BPS.

    Raises
    ------
    ValueError
        Raised if it is no number.
    """
    try:
        factor = float(value)
    except (TypeError, ValueError):
        factor = math.nan
    if not math.isfinite(factor) or isinstance(value, bool):
        raise ValueError(f"{value!r} is no number")
    return factor if factor > 1 else None


def limits(value: Any) -> str:
    """Return concurrency limits in one form.

    Parameters
    ----------
    value : `typing.Any`
        Text such as ``"db_limit"`` or ``"db_limit, disk:2"``, or a list of such.

    Returns
    -------
    limits : `str`
        The same with commas and no blanks.

    Raises
    ------
    ValueError
        Raised if a part is none.
    """
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    texts = [str(part).strip() for part in parts]
    for text in texts:
        if not _LIMIT.fullmatch(text):
            raise ValueError(
                f"{value!r} is no list of limits: give names with commas between, each perhaps with ':N' "
                "for a job that counts as N"
            )
    names = [text.partition(":")[0] for text in texts]
    if len(set(names)) < len(names):
        raise ValueError(f"{value!r} names a limit twice: write NAME:2 for a job that counts as two")
    return ",".join(texts)


def truth(value: Any) -> bool:
    """Return yes or no, which may have been written as text.

    Parameters
    ----------
    value : `typing.Any`
        A `bool`, or text as in YAML.

    Returns
    -------
    truth : `bool`
        Which.

    Raises
    ------
    ValueError
        Raised if it is neither.
    """
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in ("true", "yes", "on", "1"):
        return True
    if text in ("false", "no", "off", "0"):
        return False
    raise ValueError(f"{value!r} is neither true nor false")
