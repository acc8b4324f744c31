from __future__ import annotations

from typing import Any

import pytest

from lsst.ctrl.bps.interchange.units import exit_codes, walltime_seconds, whole_number


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (10, 600),
        (1.5, 90),
        ("10", 600),
        (" 90 ", 5400),
        ("1:30", 5400),
        ("01:30:00", 5400),
        ("00:00:30", 30),
        ("2-00:00", 172800),
        ("1-12:30:15", 131415),
        ("72:00:00", 259200),
    ],
)
def test_a_walltime_is_minutes_or_a_clock(value: Any, seconds: int) -> None:
    assert walltime_seconds(value) == seconds


@pytest.mark.parametrize(
    "value", ["", "soon", "10m", "1:75", "-5", -5, 0, "0", True, None, [10], "1:2:3:4", "\u0661"]
)
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
