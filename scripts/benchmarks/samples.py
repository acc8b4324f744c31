"""Repeated measurements, and what is said of them."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Samples", "interleaved", "repeated", "say"]


def say(words: str) -> None:
    """Tell whoever waits what is being done."""
    print(words, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Samples:
    """Values of one measurement, in the order of the rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """What is reported: an outlier of a shared machine does not move it."""
        return statistics.median(self.values)

    def over(self, other: Samples) -> Samples:
        """Divide round by round: both of a round saw the same weather."""
        return Samples(tuple(mine / its for mine, its in zip(self.values, other.values, strict=True)))

    def minus(self, other: Samples) -> Samples:
        """Subtract round by round."""
        return Samples(tuple(mine - its for mine, its in zip(self.values, other.values, strict=True)))

    def of(self, translate: Callable[[float], float]) -> Samples:
        """Return the same in another unit."""
        return Samples(tuple(translate(value) for value in self.values))

    def flat(self, name: str) -> dict[str, float]:
        """Return the median, and the extremes beside it."""
        return {name: self.median, f"{name}_min": min(self.values), f"{name}_max": max(self.values)}


def interleaved(measures: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Samples]:
    """Measure A B C, A B C, ... so that a slow minute of the machine is everyone's."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(1, rounds + 1):
        for name, measure in measures.items():
            value = measure()
            found[name].append(value)
            say(f"  round {number} of {rounds}: {name} {value:,.4g}")
    return {name: Samples(tuple(values)) for name, values in found.items()}


def repeated(name: str, measure: Callable[[], float], rounds: int) -> Samples:
    """Measure one thing several times."""
    return interleaved({name: measure}, rounds)[name]


def merged(parts: Iterable[dict[str, float]]) -> dict[str, float]:
    """Return all of it in one object."""
    return {name: value for part in parts for name, value in part.items()}
