"""Blocks from PBS and LSF, in each dialect, of stand-ins with their words which really run what they get."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from living import RUN_SECONDS, Home, living_home, processes_with, wait_for
from small import Small, guarded

STANDINS = Path(__file__).parent / "standins"
sys.path.insert(0, str(STANDINS))

from cluster import OVER, Cluster, Job  # noqa: E402

pytestmark = pytest.mark.end_to_end

DIALECTS = {"pbs": "pbs", "torque": "pbs", "lsf": "lsf", "openlava": "lsf"}
CONFIG = "heartbeatInterval: 500 ms\nleaseMargin: 5 s\nblockEndWait: 2 s\n"
SITE: dict[str, Any] = {
    "nodesPerBlock": 2,
    "cores": 2,
    "memory": 512,
    "walltime": "00:20:00",
    "pollInterval": "1 s",
    "submitCommandTimeout": "5 s",
    "idleTimeout": "1 s",
    "killGrace": "1 s",
    "disconnectGrace": "60 s",
    "retries": 0,
}


@dataclass
class Site:
    """A daemon beside a stand-in."""

    dialect: str
    home: Home
    small: Small
    cluster: Cluster

    @property
    def provider(self) -> str:
        return DIALECTS[self.dialect]

    def submit(self, jobs: list[dict[str, Any]], **site: Any) -> str:
        return self.small.submit(jobs, **{"provider": self.provider, **SITE, **site})

    def batch(self) -> list[Job]:
        """Jobs of the stand-in."""
        return self.cluster.jobs()

    def open_batch(self) -> list[Job]:
        """Those that are not over."""
        return [job for job in self.batch() if job["state"] not in OVER]

    def running(self) -> list[Job]:
        """Those that run."""
        return [job for job in self.open_batch() if job["state"] == job["running"]]

    def delete(self, job: Job) -> None:
        """End a job by the batch system's own command."""
        name = "qdel" if self.provider == "pbs" else "bkill"
        subprocess.run([self.cluster.commands / name, job["number"]], check=True, env=self.home.environment)

    def flag(self, name: str, there: bool) -> None:
        file = self.cluster.state / name
        file.touch() if there else file.unlink()

    def workers(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.home.ask("workers")["workers"]
        return [row for row in found if row["state"] == "connected"]

    def check_nothing_left(self) -> None:
        """See that the queue is empty and nothing of the blocks lives."""
        wait_for("the end of all batch jobs", lambda: not self.open_batch())
        tokens = [job["name"] for job in self.batch()]
        for token in tokens:
            wait_for("the end of its processes", lambda token=token: not left_of(token))


def left_of(token: str) -> dict[int, str]:
    """Return processes of any start of a block."""
    found: dict[int, str] = {}
    for start in range(3):
        found |= processes_with(f"INTERCHANGE_BLOCK_TOKEN={token}.{start}.")
    return found


# What the commands' words decide is tried with all of them; the rest with one of each kind.
each_kind = pytest.mark.parametrize("site", ["pbs", "openlava"], indirect=True)


@pytest.fixture(params=DIALECTS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    cluster = Cluster(tmp_path / "cluster")
    cluster.commands.mkdir(parents=True)
    cluster.state.mkdir()
    for command in (STANDINS / request.param).iterdir():
        if command.is_file():
            (cluster.commands / command.name).symlink_to(command)
    (cluster.state / "nodes").write_text("n1 4\nn2 4\nn3 4\n")
    (cluster.state / "queues").write_text("workq long\n")
    directory = tmp_path / "a home"
    directory.mkdir(mode=0o700)
    (directory / "config.yaml").write_text(CONFIG)
    path = f"{cluster.commands}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    with living_home(directory, PATH=path, SECRET_OF_THE_SHELL="not for the batch system") as home:
        yield Site(request.param, home, Small(home, tmp_path / "work"), cluster)
        # Whatever a failed test has left.
        for flag in ("down", "closed"):
            (cluster.state / flag).unlink(missing_ok=True)
        for job in cluster.jobs():
            if job["state"] not in OVER:
                cluster.cancel(job)


def jobs(command: str, count: int = 4) -> list[dict[str, Any]]:
    return [{"name": f"j{number}", "command": command} for number in range(count)]


# Ends when the test says so, if it did not begin before.
LONG = guarded('[ -e "again.$INTERCHANGE_JOB" ] || { echo >"again.$INTERCHANGE_JOB"; sleep 600; }')
UNTIL_GO = guarded("until [ -e go ]; do sleep 0.1; done")


def all_started(site: Site, count: int = 4) -> Callable[[], bool]:
    return lambda: len(site.small.recorded("started")) == count


def test_a_block_of_two_nodes_runs_jobs_and_leaves_nothing(site: Site) -> None:
    run = site.submit(jobs(UNTIL_GO), queue="long", account="acct")
    wait_for("all jobs to run", all_started(site))
    assert sorted(row["host"] for row in site.workers()) == ["n1", "n2"]
    assert [row["cores"] for row in site.workers()] == [2, 2]
    [block] = site.running()
    assert (block["queue"], len(block["hosts"])) == ("long", 2)
    (site.small.directory / "go").touch()
    assert site.home.wait_end(run) == "RUN_SUCCEEDED"
    site.check_nothing_left()
    assert len(site.batch()) == 1
    kept = [file for file in site.cluster.state.rglob("*") if file.is_file()]
    assert not [file for file in kept if b"SECRET_OF_THE_SHELL" in file.read_bytes()]


def test_a_block_that_is_deleted_costs_no_retry(site: Site) -> None:
    run = site.submit(jobs(LONG))
    wait_for("all jobs to run", all_started(site))
    [first] = site.running()
    site.delete(first)
    assert site.home.wait_end(run) == "RUN_SUCCEEDED"
    assert site.small.recorded("started") == {f"j{number}": 2 for number in range(4)}
    site.small.check_alone()
    site.check_nothing_left()
    assert len(site.batch()) == 2


@each_kind
def test_a_server_that_does_not_answer_for_a_while_loses_nothing(site: Site) -> None:
    run = site.submit(jobs(UNTIL_GO))
    wait_for("all jobs to run", all_started(site))
    site.flag("down", True)
    log = site.home.directory / "log" / "interchange.log"
    wait_for("a poll that fails", lambda: "can't be looked at" in log.read_text())
    wait_for("another", lambda: log.read_text().count("can't be looked at") > 1)
    assert len(site.workers()) == 2
    (site.small.directory / "go").touch()
    assert site.home.wait_end(run) == "RUN_SUCCEEDED"
    site.flag("down", False)
    site.check_nothing_left()
    assert len(site.batch()) == 1


@each_kind
def test_a_block_that_waits_is_adopted_by_the_next_daemon(site: Site) -> None:
    site.flag("closed", True)
    run = site.submit(jobs(guarded("true")))
    [waiting] = wait_for("a block in the queue", site.open_batch)
    os.kill(site.home.daemon_pid(), signal.SIGKILL)
    site.home.run("interchange", "ensure")
    site.flag("closed", False)
    assert site.home.wait_end(run) == "RUN_SUCCEEDED"
    site.check_nothing_left()
    assert [job["name"] for job in site.batch()] == [waiting["name"]]


def test_a_refused_block_breaks_the_site_in_the_words_of_the_batch_system(site: Site) -> None:
    run = site.submit(jobs("true"), queue="nosuch", maxBlockFailures=1)
    words = {"pbs": "Unknown queue", "lsf": "nosuch: No such queue. Job not submitted."}[site.provider]

    def broken() -> bool:
        rows = site.home.ask("sites")["sites"]
        return any(row["state"] == "broken" and words in row["message"] for row in rows)

    wait_for("the site to be broken", broken)
    site.home.run("interchange", "cancel", run)
    assert site.home.wait_end(run) == "RUN_DELETED"
    assert not site.batch()


@pytest.mark.long
@each_kind
def test_a_walltime_ends_a_block_in_the_ordinary_way(site: Site) -> None:
    # LSF counts minutes, so that its blocks end by themselves before it ends them.
    run = site.submit(jobs(LONG), walltime="00:01:00", drainBefore="1 s", minRemaining="5 s")
    assert site.home.wait_end(run) == "RUN_SUCCEEDED"
    assert len(site.batch()) > 1
    site.small.check_alone()
    site.check_nothing_left()
    assert site.home.ask("sites")["sites"][0]["state"] == "ok"


def test_the_limit_of_the_batch_system_costs_no_retry_and_leaves_nothing(site: Site) -> None:
    run = site.submit(jobs(LONG))
    wait_for("all jobs to run", all_started(site))
    [first] = site.running()
    # Earlier than the block knows of.
    site.flag(f"{first['number']}.late", True)
    assert site.home.wait_end(run) == "RUN_SUCCEEDED"
    assert site.small.recorded("started") == {f"j{number}": 2 for number in range(4)}
    site.small.check_alone()
    site.check_nothing_left()
    assert len(site.batch()) == 2
    assert site.home.ask("sites")["sites"][0]["state"] == "ok"


@pytest.mark.parametrize("site", ["pbs"], indirect=True)
def test_blocks_that_fail_without_a_record_break_the_site_in_time(site: Site) -> None:
    site.flag("nohistory", True)
    run = site.submit(jobs("true"), nodesPerBlock=1, commandPrefix="exit 9", maxBlockFailures=1)
    wait_for(
        "the site to be broken",
        lambda: any(row["state"] == "broken" for row in site.home.ask("sites")["sites"]),
    )
    assert len(site.batch()) <= 2
    site.home.run("interchange", "cancel", run)
    assert site.home.wait_end(run) == "RUN_DELETED"


@each_kind
def test_a_block_that_is_put_back_starts_anew(site: Site) -> None:
    run = site.submit(jobs(LONG))
    wait_for("all jobs to run", all_started(site))
    [block] = site.running()
    site.cluster.requeue(block)
    assert site.home.wait_end(run) == "RUN_SUCCEEDED"
    site.small.check_alone()
    site.check_nothing_left()
    assert [job["runs"] for job in site.batch()] == [2]


@each_kind
def test_a_stop_ends_all_blocks(site: Site) -> None:
    site.submit(jobs(UNTIL_GO), nodesPerBlock=1, maxBlocks=2)
    wait_for("all jobs to run", all_started(site), RUN_SECONDS)
    assert len(site.open_batch()) == 2
    site.home.run("interchange", "stop", "--now")
    site.check_nothing_left()


@each_kind
def test_a_host_that_the_batch_system_does_not_reach_is_reached_by_ssh(site: Site) -> None:
    for name in ("pbsdsh", "lsrun"):
        command = site.cluster.commands / name
        command.unlink(missing_ok=True)
        command.write_text('#!/bin/sh\necho "$0: tm_init failed, rc = TM_ESYSTEM (17000)" >&2\nexit 1\n')
        command.chmod(0o755)
    (site.cluster.commands / "ssh").symlink_to(STANDINS / "ssh")
    run = site.submit(jobs(LONG))
    wait_for("all jobs to run", all_started(site))
    assert sorted(row["host"] for row in site.workers()) == ["n1", "n2"]
    [first] = site.running()
    site.delete(first)
    assert site.home.wait_end(run) == "RUN_SUCCEEDED"
    site.small.check_alone()
    site.check_nothing_left()
