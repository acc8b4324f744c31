"""What the tests on a real Slurm share: a daemon for each, and a queue that is empty afterwards."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from cluster import CONFIG, Cluster, queue, slurm
from living import living_home


def pytest_configure() -> None:
    # Those of pytest's workers are called gw0, gw1 and so on; each test has a whole cluster for itself.
    if clusters := os.environ.get("INTERCHANGE_TEST_CLUSTERS"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
        os.environ["SLURM_CONF"] = f"{clusters}/{worker}/slurm.conf"
    if "SLURM_CONF" not in os.environ:
        pytest.exit("no SLURM_CONF: run scripts/test --slurm, or scripts/slurm-cluster up DIR first", 2)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Give a daemon whose blocks are gone afterwards, whatever happens."""
    home = tmp_path / "a home"
    home.mkdir(mode=0o700)
    (home / "config.yaml").write_text(CONFIG)
    try:
        with living_home(home, SLURM_CONF=os.environ["SLURM_CONF"]) as living:
            yield Cluster(living, tmp_path / "work")
    finally:
        if left := queue(home):
            slurm("scancel", *left, check=False)


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
