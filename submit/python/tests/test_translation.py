"""What becomes of BPS's own test workflows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeConfig
from fixtures import FIXTURES, Fixture, labels_of, lines_of
from lsst.ctrl.bps.tests import gw_test_utils

from lsst.ctrl.bps import GenericWorkflow
from lsst.ctrl.bps.interchange import InterchangeWorkflow


def translated(config: Any, workflow: GenericWorkflow, directory: Path) -> list[dict[str, Any]]:
    made = InterchangeWorkflow.from_generic_workflow(config, workflow, str(directory), "")
    made.write(str(directory))
    return lines_of(made)


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_lines_and_needs_are_as_many_as_they_should(
    make_config: MakeConfig, tmp_path: Path, fixture: Fixture
) -> None:
    workflow = fixture.workflow()
    assert (len(workflow.nodes), len(workflow.edges)) == (fixture.nodes, fixture.edges)
    lines = translated(make_config(), workflow, tmp_path)
    jobs = [line["job"] for line in lines[1:-1]]
    kinds = Counter(job.get("kind", "") for job in jobs if not job.get("final"))
    assert kinds == Counter({"": fixture.jobs, "NOOP": fixture.noops, "JOIN": fixture.joins})
    assert sum(len(job.get("needs", [])) for job in jobs) == fixture.needs
    assert lines[-1]["trailer"]["jobs"] == str(len(jobs))


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_reports_will_count_jobs_and_nothing_else(
    make_config: MakeConfig, tmp_path: Path, fixture: Fixture
) -> None:
    workflow = fixture.workflow()
    lines = translated(make_config(), workflow, tmp_path)
    labels = lines[0]["header"]["labels"]
    commands = Counter(line["job"]["label"] for line in lines[1:-1] if "kind" not in line["job"])
    assert commands == labels_of(workflow)
    assert sorted(labels) == sorted(commands)
    assert labels[0] == "pipetaskInit" and labels[-1] == "finalJob"
    assert not {"order1", "order2", "mid"} & set(labels)


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_a_line_comes_after_those_that_it_needs(
    make_config: MakeConfig, tmp_path: Path, fixture: Fixture
) -> None:
    seen: set[str] = set()
    for line in translated(make_config(), fixture.workflow(), tmp_path)[1:-1]:
        assert set(line["job"].get("needs", [])) <= seen
        seen.add(line["job"]["name"])


@pytest.mark.parametrize("method", [None, "source", "sink"])
@pytest.mark.parametrize("implementation", ["noop", "group"])
@pytest.mark.parametrize("blocking", [False, True])
def test_orderings_that_bps_makes_itself_are_translated(
    make_config: MakeConfig, tmp_path: Path, implementation: str, method: str | None, blocking: bool
) -> None:
    workflow = gw_test_utils.make_5_label_workflow("w", final=True)
    ordering: dict[str, Any] = {"labels": "T2, T3", "dimensions": "visit", "blocking": blocking}
    ordering |= {"implementation": implementation} | ({"findDependencyMethod": method} if method else {})
    counts = labels_of(workflow)
    workflow.add_special_job_ordering({"mid": ordering})
    lines = translated(make_config(), workflow, tmp_path)
    jobs = [line["job"] for line in lines[1:-1]]
    assert Counter(job["label"] for job in jobs if "kind" not in job) == counts
    kinds = Counter(job["kind"] for job in jobs if "kind" in job)
    if implementation == "noop":
        assert kinds == Counter({"NOOP": 2})
    else:
        assert kinds == Counter({"NOOP": 6, "JOIN": 0 if blocking else 2})
    labels = lines[0]["header"]["labels"]
    # T2b follows T2 alone.
    in_line = [label for label in labels if label != "T2b"]
    assert in_line == ["pipetaskInit", "T1", "T2", "T3", "T4", "finalJob"]
    assert labels.index("T2b") > labels.index("T2")


def test_the_lazy_workflow_brings_its_payload(make_config: MakeConfig, tmp_path: Path) -> None:
    lines = translated(make_config(), gw_test_utils.make_lazy_workflow("w", final=True), tmp_path)
    jobs = {line["job"]["name"]: line["job"] for line in lines[1:-1]}
    assert [job.get("brings") for job in jobs.values()] == [None, "interchange/payload.jsonl", None, None]
    assert jobs["job3"]["needs"] == ["lazy2"]
    assert jobs["lazy2"]["command"] == "${CTRL_BPS_DIR}/python/lsst/ctrl/bps/_make_workflow.sh"
    assert lines[0]["header"]["labels"] == ["label1", "label2", "label3", "finalJob"]
