"""Runs on a real Slurm of three nodes: whatever befalls blocks, nothing is lost, doubled or left behind."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from cluster import Cluster, Controller, node_up, slurm
from living import wait_for

pytestmark = pytest.mark.end_to_end

# More than the minute that a block of the partition `short` has, on its two cores.
LONG_JOBS = 14
LONG_SECONDS = 10


@pytest.mark.long
def test_a_block_that_its_limit_ends_loses_nothing(cluster: Cluster) -> None:
    run = cluster.submit(LONG_JOBS, LONG_SECONDS, partition="short", walltime=1)
    cluster.check(run, LONG_JOBS)
    assert len(cluster.adopted()) >= 2


def test_a_workflow_runs_on_both_nodes_of_a_block(cluster: Cluster) -> None:
    run = cluster.submit_waiting(4, nodesPerBlock=2)
    cluster.wait_started(4)
    hosts = {row["host"] for row in cluster.home.ask("workers")["workers"]}
    [block] = cluster.blocks()
    assert len(hosts) == 2
    assert set(block["nodeNames"]) == hosts
    assert block["batchId"] == cluster.only("RUNNING")
    cluster.let_go()
    cluster.check(run, 4)
    assert set(cluster.small.tries(run).values()) == {1}


def test_a_block_that_is_cancelled_costs_no_retry(cluster: Cluster) -> None:
    run = cluster.submit_waiting(4)
    cluster.wait_started(2)
    slurm("scancel", cluster.only("RUNNING"))
    wait_for("another block", lambda: len(cluster.submitted()) == 2)
    cluster.let_go()
    cluster.check(run, 4)
    assert max(cluster.small.tries(run).values()) == 2


def test_a_block_that_is_requeued_starts_anew(cluster: Cluster) -> None:
    run = cluster.submit(4, 5)
    cluster.wait_started(2)
    block = cluster.only("RUNNING")
    slurm("scontrol", "requeue", block)
    cluster.only("PENDING")
    # Slurm lets it wait for two minutes.
    slurm("scontrol", "update", f"JobId={block}", "StartTime=now")
    cluster.wait_started(4)
    assert "start 1 of block" in cluster.log(block)
    cluster.check(run, 4)


def test_a_node_that_goes_down_costs_no_retry(cluster: Cluster) -> None:
    run = cluster.submit(4, 5)
    cluster.wait_started(2)
    block = cluster.only("RUNNING")
    node = slurm("squeue", "-h", "-j", block, "-o", "%N")
    try:
        slurm("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
        wait_for("the block to be queued again", lambda: cluster.queue().get(block) != "RUNNING")
        # Its node has a moment to see that the first start is over.
        slurm("scontrol", "update", f"JobId={block}", "StartTime=now+6", check=False)
        cluster.check(run, 4)
    finally:
        node_up(node)


def test_a_daemon_that_is_killed_finds_its_queued_block_again(cluster: Cluster) -> None:
    run = cluster.submit(2, 1, schedulerOptions="#SBATCH --begin=now+300")
    block = cluster.only("PENDING")
    cluster.kill_daemon()
    wait_for("the block to be known", lambda: [row["batchId"] for row in cluster.blocks()] == [block])
    slurm("scontrol", "update", f"JobId={block}", "StartTime=now")
    cluster.check(run, 2)
    assert [block] == cluster.adopted()


def test_a_daemon_that_is_killed_finds_its_running_block_again(cluster: Cluster) -> None:
    run = cluster.submit_waiting(4)
    cluster.wait_started(2)
    block = cluster.only("RUNNING")
    cluster.kill_daemon()
    cluster.let_go()
    cluster.check(run, 4)
    assert set(cluster.small.tries(run).values()) == {1}
    assert [block] == cluster.adopted()


# Waits for the look that comes with each submission, hands it on, and says nothing of it for a long time.
SLOW_SBATCH = """#!/bin/sh
sleep 2
echo "$({sbatch} "$@") $$" >>{heard}
exec sleep 300
"""


def test_a_daemon_that_is_killed_before_sbatch_answers_finds_the_block_by_its_token(
    cluster: Cluster, tmp_path: Path
) -> None:
    heard = tmp_path / "heard"
    slow = tmp_path / "bin" / "sbatch"
    slow.parent.mkdir()
    slow.write_text(SLOW_SBATCH.format(sbatch=shutil.which("sbatch"), heard=heard))
    slow.chmod(0o755)
    cluster.home.environment["PATH"] = f"{slow.parent}:{cluster.home.environment['PATH']}"
    # No other look before the kill: it would find the block, too.
    run = cluster.submit(2, 1, schedulerOptions="#SBATCH --begin=now+300", pollInterval="60 s")
    wait_for("sbatch to have heard of the block", lambda: heard.exists() and heard.read_text())
    [(block, pid)] = [line.split() for line in heard.read_text().splitlines()]
    try:
        assert cluster.adopted() == []
        cluster.kill_daemon()
    finally:
        os.kill(int(pid), signal.SIGKILL)
    wait_for("the block to be known", lambda: [row["batchId"] for row in cluster.blocks()] == [block])
    slurm("scontrol", "update", f"JobId={block}", "StartTime=now")
    cluster.check(run, 2)
    assert cluster.adopted() == cluster.submitted() == [block]
    assert len(heard.read_text().splitlines()) == 1


def test_a_site_that_slurm_refuses_is_broken_until_it_is_resumed(cluster: Cluster) -> None:
    run = cluster.submit(2, 1, partition="later", maxBlockFailures=2)

    def broken() -> str | None:
        text = cluster.home.run("interchange", "sites").stdout
        return text if "invalid partition specified: later" in text and "broken" in text else None

    wait_for("the site to be broken", broken)
    assert cluster.home.state(run) == "RUN_READY"
    slurm("scontrol", "create", "PartitionName=later", "Nodes=n[1-3]", "MaxTime=INFINITE", "State=UP")
    try:
        cluster.home.run("interchange", "sites", "--resume", "tiny")
        cluster.check(run, 2)
    finally:
        wait_for("the partition to be free", lambda: not slurm("squeue", "-h", "-p", "later"))
        slurm("scontrol", "delete", "PartitionName=later")


def test_a_controller_that_is_away_for_a_while_is_waited_for(cluster: Cluster) -> None:
    run = cluster.submit(4, 4)
    cluster.wait_started(2)
    with Controller().stopped(8):
        assert cluster.home.wait_end(run) == "RUN_SUCCEEDED"
    cluster.check(run, 4)
    assert set(cluster.small.tries(run).values()) == {1}


def test_blocks_follow_the_work_to_three_and_to_none(cluster: Cluster) -> None:
    run = cluster.submit(9, 5, cpus=2, maxBlocks=3)
    wait_for("three blocks", lambda: list(cluster.queue().values()) == ["RUNNING"] * 3)
    cluster.check(run, 9)
    assert len(cluster.adopted()) == 3
