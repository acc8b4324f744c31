"""BPS's own test workflows, made so small that they can be run."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from living import Home
from lsst.ctrl.bps.tests import gw_test_utils

from lsst.ctrl.bps import (
    BpsConfig,
    GenericWorkflow,
    GenericWorkflowExec,
    GenericWorkflowGroup,
    GenericWorkflowJob,
    GenericWorkflowNode,
)
from lsst.ctrl.bps.interchange import InterchangeWorkflow
from lsst.ctrl.bps.interchange.nodes import all_nodes


@dataclasses.dataclass(frozen=True)
class Fixture:
    """One workflow, and what is known of it and of its lines; all numbers leave the final job out."""

    make: str
    options: dict[str, Any]
    nodes: int
    edges: int
    jobs: int
    noops: int = 0
    joins: int = 0
    needs: int = 0

    def __str__(self) -> str:
        return "-".join([self.make.removeprefix("make_"), *self.options])

    def workflow(self, final: bool = True) -> GenericWorkflow:
        """Make it anew."""
        made: GenericWorkflow = getattr(gw_test_utils, self.make)("u_ann_run", final=final, **self.options)
        return made


def _uneven(make: str, *numbers: int) -> Fixture:
    return Fixture(make, {"uneven": True}, *numbers)


def _blocking(make: str, *numbers: int) -> Fixture:
    return Fixture(make, {"blocking": True}, *numbers)


# Nodes and edges are those of the workflow itself, a group counting as one.
FIXTURES = [
    Fixture("make_3_label_workflow", {}, 19, 18, 19, needs=18),
    Fixture("make_3_label_workflow_noop_sort", {}, 21, 26, 19, 2, needs=26),
    Fixture("make_3_label_workflow_groups_sort", {}, 10, 11, 19, 6, 2, 37),
    Fixture("make_5_label_workflow", {}, 46, 45, 46, needs=45),
    _uneven("make_5_label_workflow", 33, 32, 33, 0, 0, 32),
    Fixture("make_5_label_workflow_2_groups", {}, 16, 19, 46, 12, 4, 97),
    _blocking("make_5_label_workflow_2_groups", 16, 19, 46, 12, 0, 73),
    _uneven("make_5_label_workflow_2_groups", 13, 16, 33, 10, 3, 69),
    Fixture("make_5_label_workflow_middle_groups", {}, 22, 29, 46, 6, 2, 92),
    _blocking("make_5_label_workflow_middle_groups", 22, 29, 46, 6, 0, 74),
]


def labels_of(workflow: GenericWorkflow) -> Counter[str]:
    """How many jobs there are of each label, in groups and at the end, too."""
    return Counter(node.label for node, _ in all_nodes(workflow) if isinstance(node, GenericWorkflowJob))


def make_runnable(workflow: GenericWorkflow, failing: Collection[str] = ()) -> GenericWorkflow:
    """Let every job write down its name and succeed, or fail with 1 for good."""
    shell = GenericWorkflowExec("sh", "/bin/sh")
    for node, _ in all_nodes(workflow):
        if isinstance(node, GenericWorkflowJob):
            node.executable = shell
            end = "false" if node.name in failing else "true"
            node.arguments = f"-c 'echo \"$INTERCHANGE_JOB\" >>order; {end}'"
            node.retry_unless_exit = [1]
    return workflow


def submit(home: Home, config: BpsConfig, workflow: GenericWorkflow, directory: Path) -> str:
    """Hand a workflow over and return the id of the run."""
    made = InterchangeWorkflow.from_generic_workflow(config, workflow, str(directory), "")
    made.write(str(directory))
    return str(home.run_json("submit", str(made.path), cwd=directory)["run"])


def lines_of(workflow: InterchangeWorkflow) -> list[dict[str, Any]]:
    """Return all lines of a workflow that was written."""
    assert workflow.path is not None
    return [json.loads(line) for line in workflow.path.read_text().splitlines()]


def check_order(workflow: GenericWorkflow, order: list[str]) -> None:
    """See that no job began before those that it needs, over the borders of groups, too."""
    place = {name: index for index, name in enumerate(order)}
    assert len(place) == len(order), "a job ran twice"
    for one, other in _edges(workflow):
        before = [place[name] for name in _jobs_in(one) if name in place]
        after = [place[name] for name in _jobs_in(other) if name in place]
        if before and after:
            assert max(before) < min(after), (one.name, other.name)


def _edges(workflow: GenericWorkflow) -> Iterator[tuple[GenericWorkflowNode, GenericWorkflowNode]]:
    for one, other in workflow.edges:
        yield workflow.get_job(one), workflow.get_job(other)
    for name in workflow.nodes:
        node = workflow.get_job(name)
        if isinstance(node, GenericWorkflowGroup):
            yield from _edges(node)


def _jobs_in(node: GenericWorkflowNode) -> Iterator[str]:
    if isinstance(node, GenericWorkflowGroup):
        yield from (inner.name for inner, _ in all_nodes(node) if isinstance(inner, GenericWorkflowJob))
    elif isinstance(node, GenericWorkflowJob):
        yield node.name
