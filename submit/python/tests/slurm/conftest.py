"""What the tests on a real Slurm share: a daemon for each, and a queue that is empty afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import CONFIG, Cluster, queue, slurm
from living import living_home


def pytest_configure() -> None:
    if "SLURM_CONF" not in os.environ:
        pytest.exit("no SLURM_CONF: run scripts/test --slurm, or scripts/slurm-cluster up DIR first", 2)


def living_cluster(directory: Path) -> Iterator[Cluster]:
    """Give a daemon whose blocks are gone afterwards, whatever happens."""
    home = directory / "home"
    home.mkdir(mode=0o700)
    (home / "config.yaml").write_text(CONFIG)
    try:
        with living_home(home, SLURM_CONF=os.environ["SLURM_CONF"]) as living:
            yield Cluster(living, directory / "work")
    finally:
        if left := queue(home):
            slurm("scancel", *left, check=False)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    yield from living_cluster(tmp_path)


@pytest.fixture(scope="session")
def other_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """For what takes minutes and goes on beside the other tests."""
    yield from living_cluster(tmp_path_factory.mktemp("other"))
