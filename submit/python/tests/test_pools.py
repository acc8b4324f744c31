"""One run on two sites, of which one has blocks of two shapes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from living import Home, living_home
from small import Small

pytestmark = pytest.mark.end_to_end

WORKFLOW = """
name: pooled
site: cluster
sites:
  cluster:
    provider: local
    cores: 1
    pools:
      large: {memory: 8192, cores: 2}
      small: {memory: 1024}
  beside: {class: lsst.ctrl.bps.parsl.sites.Local, cores: 1, run_dir: here}
jobs:
  - {name: little, command: sleep 2, memory: 1024}
  - {name: much, command: sleep 2, memory: 1025}
  - {name: wide, command: sleep 2, memory: 1, cpus: 2}
  - {name: elsewhere, command: sleep 2, site: beside}
"""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    with living_home(tmp_path / "home") as home:
        yield Small(home, tmp_path / "work")


def blocks_of_sites(home: Home) -> dict[str, int]:
    return {row["site"]: int(row["jobsDone"]) for row in home.ask("blocks")["blocks"]}


def test_each_job_runs_in_the_smallest_pool_that_holds_it_and_on_its_own_site(small: Small) -> None:
    file = small.directory / "workflow.yaml"
    file.write_text(WORKFLOW)
    done = small.home.run("interchange", "submit", "--wait", str(file), cwd=small.directory)
    assert "site 'beside': run_dir has no effect here" in done.stdout + done.stderr
    assert blocks_of_sites(small.home) == {"cluster.small": 1, "cluster.large": 2, "beside": 1}
    assert {row["name"] for row in small.home.ask("sites")["sites"]} == {
        "cluster.small",
        "cluster.large",
        "beside",
    }
    small.home.run("interchange", "sites", "--resume", "cluster")
    assert small.home.run("interchange", "sites", "--resume", "clust", check=False).returncode == 2
