from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lsst.ctrl.bps.interchange.units import exit_codes, walltime_seconds, whole_number

# The same cases are read by the tests of the daemon.
WALLTIMES = Path(__file__).parents[3] / "interchange/src/test/resources/interchange/settings/walltimes.tsv"


def walltimes() -> list[list[str]]:
    lines = WALLTIMES.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


@pytest.mark.parametrize(("written", "seconds"), walltimes())
def test_a_walltime_is_minutes_or_a_clock(written: str, seconds: str) -> None:
    value = json.loads(written)
    if seconds != "refused":
        assert walltime_seconds(value) == int(seconds)
        return
    with pytest.raises(ValueError, match="is no time: give minutes, or"):
        walltime_seconds(value)


@pytest.mark.parametrize("value", [True, None, [10], float("nan"), float("inf"), "1e999999999"])
def test_anything_else_is_no_walltime(value: Any) -> None:
    with pytest.raises(ValueError, match="is no time"):
        walltime_seconds(value)


@pytest.mark.parametrize(("value", "number"), [(3, 3), ("3", 3), ("-7", -7), (2.0, 2), (" 4 ", 4)])
def test_a_whole_number_may_be_text(value: Any, number: int) -> None:
    assert whole_number(value) == number


@pytest.mark.parametrize("value", ["high", 1.5, True, None, "1.5", [1]])
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is no whole number"):
        whole_number(value)


def test_a_number_below_the_least_is_refused() -> None:
    with pytest.raises(ValueError, match="less than 1"):
        whole_number(0, least=1)


@pytest.mark.parametrize(
    ("value", "codes"),
    [(2, [2]), ([1, 2], [1, 2]), (None, []), ("1, 2", [1, 2]), ("[1,2]", [1, 2]), (["3"], [3])],
)
def test_exit_codes_are_a_number_or_a_list(value: Any, codes: list[int]) -> None:
    assert exit_codes(value) == codes


@pytest.mark.parametrize("value", ["never", [1, "x"], 256, [-1]])
def test_what_no_process_exits_with_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"is no whole number|above 255|less than 0"):
        exit_codes(value)
