"""A real pipeline by `bps submit` on a real Slurm: on two nodes, and on two sites of which one has pools."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from cluster import SITE, Cluster
from living import SERVICE, TINYDRP, Tinydrp

pytestmark = pytest.mark.end_to_end

# What the keys of Parsl's classes have no word for.
PATIENCE = {
    key: SITE[key] for key in ("pollInterval", "idleTimeout", "killGrace", "disconnectGrace", "drainBefore")
}
# The jobs of tinydrp ask for 512 and 1024 MiB.
TRIPLE = {
    "class": "lsst.ctrl.bps.parsl.sites.TripleSlurm",
    "nodes": 1,
    "cores_per_node": 2,
    "mem_per_node": 2,
    "small_memory": 0.5,
    "medium_memory": 1.0,
    "large_memory": 2.0,
    "walltime": "00:10:00",
    "scheduler_options": "#SBATCH --partition=debug",
    **PATIENCE,
}
HERE = {"class": "lsst.ctrl.bps.parsl.sites.Local", "cores": 1, **PATIENCE}


def make(cluster: Cluster, directory: Path, **settings: Any) -> Tinydrp:
    """Make a repository, and a submission with sites of Slurm."""
    tinydrp = Tinydrp(cluster.home, directory, exposures=2, detectors=2)
    tinydrp.make()
    lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())
    (directory / "bps.yaml").write_text(
        f"wmsServiceClass: {SERVICE}\n{lines}includeConfigs: ['{TINYDRP / 'bps.yaml'}']\n"
    )
    return tinydrp


def check(cluster: Cluster, tinydrp: Tinydrp, run: str) -> None:
    """See that all quanta ran once and that nothing stays in the queue."""
    assert cluster.home.wait_end(run) == "RUN_SUCCEEDED"
    tinydrp.check_flux()
    tinydrp.check_records()
    assert set(tinydrp.recorded("start").values()) == {1}
    assert len(tinydrp.recorded("end")) == tinydrp.jobs - 1
    cluster.check_empty()


def labels_by_place(cluster: Cluster, run: str) -> dict[tuple[str, str], Counter[str]]:
    """Labels of the jobs that ran in blocks of each name on each node, by the words of Slurm."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    stays = cluster.stays()
    for row in cluster.home.ask("jobs", run)["jobs"]:
        began = int(row["startedEpochMillis"]) / 1000
        names = {stay.name for stay in stays if row["host"] in stay.nodes and stay.begin <= began <= stay.end}
        found[names.pop() if names else "", row["host"]][row["label"]] += 1
        assert not names, "two blocks had a node at the same time"
    return found


def test_the_pipeline_runs_on_both_nodes_of_a_block(cluster: Cluster, tmp_path: Path) -> None:
    site = {**SITE, "nodesPerBlock": 2, "memory": 3000, "maxBlocks": 1}
    tinydrp = make(cluster, tmp_path / "tinydrp", computeSite="tiny", site={"tiny": site})
    run = tinydrp.submit()
    check(cluster, tinydrp, run)
    found = labels_by_place(cluster, run)
    assert {name for name, _ in found} == {"interchange-tiny"}
    assert len(found) == 2
    assert all(labels["isr"] for labels in found.values())
    assert len(cluster.stays()) == 1


@pytest.mark.long
def test_the_pipeline_runs_in_two_pools_and_on_another_site(cluster: Cluster, tmp_path: Path) -> None:
    tinydrp = make(
        cluster,
        tmp_path / "tinydrp",
        computeSite="triple",
        site={"triple": TRIPLE, "here": HERE},
        pipetask={"calibrate": {"computeSite": "here"}},
    )
    run = tinydrp.submit()
    check(cluster, tinydrp, run)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for (name, _), labels in labels_by_place(cluster, run).items():
        found[name] += labels
    assert found == {
        # All pools of a site share one name.
        "interchange-triple": {"pipetaskInit": 1, "isr": 4, "summarize": 1, "finalJob": 1},
        # By no word of Slurm.
        "": {"calibrate": 4},
    }
