"""Ten thousand jobs of a random graph."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from living import Home, living_home
from small import Small

pytestmark = pytest.mark.end_to_end

JOBS = 10_000


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with living_home(tmp_path / "home") as living:
        yield living


def test_every_job_runs_once_and_never_before_what_it_needs(home: Home, tmp_path: Path) -> None:
    chance = random.Random(20261122)
    needs = [chance.sample(range(job), min(job, chance.randrange(4))) for job in range(JOBS)]
    small = Small(home, tmp_path / "work")
    run = small.submit(
        {
            "name": f"j{job}",
            "label": f"label{job % 5}",
            "needs": [f"j{parent}" for parent in needs[job]],
            "command": 'echo "$INTERCHANGE_JOB" >>order',
        }
        for job in range(JOBS)
    )
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    order = (tmp_path / "work" / "order").read_text().split()
    place = {name: index for index, name in enumerate(order)}
    assert len(order) == len(place) == JOBS
    early = [job for job in range(JOBS) if any(place[f"j{p}"] > place[f"j{job}"] for p in needs[job])]
    assert early == []
    assert home.counts(run) == {"SUCCEEDED": JOBS}


def test_a_job_finds_no_descriptor_but_the_usual_three(home: Home, tmp_path: Path) -> None:
    small = Small(home, tmp_path / "work")
    # By the shell itself: a program that lists a directory has that open, too.
    run = small.submit([{"name": f"j{n}", "argv": ["/bin/sh", "-c", "ls -l /proc/$$/fd"]} for n in range(20)])
    assert home.wait_end(run) == "RUN_SUCCEEDED"
    for number in range(20):
        listed = (tmp_path / "work" / "logs" / f"j{number}.stdout").read_text().splitlines()[1:]
        assert [line.split(" -> ")[0].split()[-1] for line in listed] == ["0", "1", "2"]
