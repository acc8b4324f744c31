"""What the tests on a real Slurm share: a daemon for each, and a queue that is empty afterwards."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from cluster import CONFIG, Cluster, queue, slurm
from living import living_home


def pytest_configure() -> None:
    if "SLURM_CONF" not in os.environ:
        pytest.exit("no SLURM_CONF: run scripts/test --slurm, or scripts/slurm-cluster up DIR first", 2)


@pytest.fixture(scope="session")
def startup_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what makes programs start faster is made once for all daemons, since that takes a while."""
    return tmp_path_factory.mktemp("cache")


def living_cluster(directory: Path, startup_cache: Path) -> Iterator[Cluster]:
    """Give a daemon whose blocks are gone afterwards, whatever happens."""
    home = directory / "home"
    home.mkdir(mode=0o700)
    (home / "config.yaml").write_text(CONFIG)
    variables = {"SLURM_CONF": os.environ["SLURM_CONF"], "INTERCHANGE_CACHE": str(startup_cache)}
    try:
        with living_home(home, **variables) as living:
            yield Cluster(living, directory / "work")
    finally:
        if left := queue(home):
            slurm("scancel", *left, check=False)


@pytest.fixture
def cluster(tmp_path: Path, startup_cache: Path) -> Iterator[Cluster]:
    yield from living_cluster(tmp_path, startup_cache)


@pytest.fixture(scope="session")
def other_cluster(tmp_path_factory: pytest.TempPathFactory, startup_cache: Path) -> Iterator[Cluster]:
    """For what takes minutes and goes on beside the other tests."""
    yield from living_cluster(tmp_path_factory.mktemp("other"), startup_cache)


LOG_LINES = 60


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a failure what Slurm, the daemon and its blocks said."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for one in item.funcargs.values():
            if isinstance(one, Cluster):
                report.sections += told(one.home.directory)
    return report


def told(home: Path) -> Iterator[tuple[str, str]]:
    """Titles and texts: all jobs of the cluster, and the ends of logs."""
    yield "squeue", slurm("squeue", "--states=all", "--format=%i %j %T %r %N %S %e %Z", check=False)
    yield "sinfo", slurm("sinfo", "--Node", "--long", check=False)
    logs = [*home.glob("log/*.log"), home / "daemon.err", *sorted(home.glob("blocks/*/*.log"))]
    for log in logs:
        if log.exists():
            lines = log.read_text(errors="replace").splitlines()
            yield str(log), "\n".join(line[:400] for line in lines[-LOG_LINES:])
