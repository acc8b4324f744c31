"""Runs within a job of Slurm that is held already: they are steps of it, and leave it as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster, slurm
from living import wait_for

pytestmark = pytest.mark.end_to_end

NODES = 2


@pytest.fixture
def allocation(tmp_path: Path) -> Iterator[str]:
    """Hold two nodes, as a user would by salloc."""
    size = [f"--nodes={NODES}", "--ntasks-per-node=1", "--cpus-per-task=2", "--mem=1000"]
    job = slurm("sbatch", "--parsable", *size, f"--chdir={tmp_path}", "--output=held.log", "--wrap=sleep 600")
    try:
        wait_for("the allocation", lambda: state(job) == "RUNNING")
        yield job
    finally:
        slurm("scancel", job, check=False)


def state(job: str) -> str:
    return slurm("squeue", "-h", "-j", job, "-o", "%T")


def steps(job: str) -> set[str]:
    """Steps of a job that run, but for its own script."""
    return set(slurm("squeue", "--steps", "-h", "-j", job, "-o", "%i").split()) - {f"{job}.batch"}


def test_jobs_run_on_all_nodes_of_a_held_allocation_which_stays(cluster: Cluster, allocation: str) -> None:
    # The shell in it; the test itself needs none of that.
    cluster.home.environment["SLURM_JOB_ID"] = allocation
    run = cluster.submit_waiting(4, provider="srun", nodesPerBlock=NODES)
    cluster.wait_started(4)
    assert steps(allocation) == {f"{allocation}.0"}
    assert not cluster.queue(), "a job of its own"
    cluster.let_go()
    cluster.check(run, 4)
    hosts = {row["host"] for row in cluster.home.ask("jobs", run)["jobs"]}
    assert hosts == set(slurm("scontrol", "show", "hostnames", nodes(allocation)).split())
    assert len(hosts) == NODES
    wait_for("the end of the step", lambda: not steps(allocation))
    assert state(allocation) == "RUNNING"


def nodes(job: str) -> str:
    return slurm("squeue", "-h", "-j", job, "-o", "%N")
