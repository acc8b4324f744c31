"""Groups, flattened: who needs whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import MakeConfig
from lsst.ctrl.bps.transform import add_final_job_as_sink
from test_workflow import jobs, written

from lsst.ctrl.bps import (
    GenericWorkflow,
    GenericWorkflowExec,
    GenericWorkflowGroup,
    GenericWorkflowJob,
    GenericWorkflowLazyGroup,
    GenericWorkflowNoopJob,
)
from lsst.ctrl.bps.interchange.labels import ordered_labels
from lsst.ctrl.bps.interchange.problems import WorkflowRefusedError

RUN = GenericWorkflowExec("run", "run")


def job(name: str, label: str = "isr") -> GenericWorkflowJob:
    return GenericWorkflowJob(name, label, executable=RUN)


def group(name: str, *names: str, label: str = "order", blocking: bool = False) -> GenericWorkflowGroup:
    made = GenericWorkflowGroup(name, label, blocking=blocking)
    for each in names:
        made.add_job(job(each))
    return made


def workflow(nodes: list[Any], edges: list[tuple[str, str]]) -> GenericWorkflow:
    made = GenericWorkflow("w")
    for node in nodes:
        made.add_job(node)
    made.add_edges_from(edges)
    return made


@pytest.fixture
def needs(make_config: MakeConfig, tmp_path: Path) -> Any:
    """Return a function that gives, by node, its kind and what it needs."""

    def flat(generic_workflow: GenericWorkflow) -> dict[str, tuple[str, list[str]]]:
        lines = jobs(written(make_config(), generic_workflow, tmp_path))
        return {name: (line.get("kind", ""), line.get("needs", [])) for name, line in lines.items()}

    return flat


def test_after_a_group_that_does_not_block_its_next_runs_in_any_case_and_others_if_it_succeeded(
    needs: Any,
) -> None:
    other = group("other", "o", label="another")
    nodes = [group("g1", "a", "b"), group("g2", "c"), other, job("after"), GenericWorkflowNoopJob("n", "n")]
    edges = [("g1", "g2"), ("g1", "other"), ("g1", "after"), ("g1", "n")]
    found = needs(workflow(nodes, edges))
    assert found["g1.check"] == ("NOOP", ["a", "b"])
    assert found["g1.end"] == ("JOIN", ["a", "b"])
    assert found["g2.start"] == ("NOOP", ["g1.end"])
    assert found["other.start"] == found["n"] == ("NOOP", ["g1.check"])
    assert found["after"] == ("", ["g1.check"])
    assert "g2.end" not in found


def test_after_a_group_that_blocks_everything_needs_its_success(needs: Any) -> None:
    nodes = [group("g1", "a", blocking=True), group("g2", "c", blocking=True), job("after")]
    found = needs(workflow(nodes, [("g1", "g2"), ("g1", "after")]))
    assert found["g2.start"] == ("NOOP", ["g1.check"])
    assert found["after"] == ("", ["g1.check"])
    assert not any(kind == "JOIN" for kind, _ in found.values())


def test_a_group_begins_with_its_sources_and_is_checked_at_its_sinks(needs: Any) -> None:
    made = group("g", "a", "b", "c")
    made.add_edges_from([("a", "b"), ("a", "c")])
    found = needs(workflow([job("before"), made], [("before", "g")]))
    assert found["g.start"] == ("NOOP", ["before"])
    assert [found[name][1] for name in "abc"] == [["g.start"], ["a"], ["a"]]
    assert found["g.check"] == ("NOOP", ["b", "c"])


def test_a_group_in_a_group_fails_the_outer_one_even_where_its_next_runs(needs: Any) -> None:
    outer = GenericWorkflowGroup("outer", "outer")
    outer.add_job(group("in1", "a"))
    outer.add_job(group("in2", "b"))
    outer.add_edges_from([("in1", "in2")])
    nodes = [outer, group("next", "n", label="outer"), job("after")]
    found = needs(workflow(nodes, [("outer", "next"), ("outer", "after")]))
    assert found["in1.start"] == ("NOOP", ["outer.start"])
    assert found["in2.start"] == ("NOOP", ["in1.end"])
    # Also the check of the first, although nothing in the group needs it.
    assert found["outer.check"] == ("NOOP", ["in1.check", "in2.check"])
    assert found["outer.end"] == ("JOIN", ["a", "b"])
    assert found["next.start"] == ("NOOP", ["outer.end"])
    assert found["after"] == ("", ["outer.check"])


def test_an_empty_group_lets_others_pass(needs: Any) -> None:
    found = needs(workflow([job("a"), group("g"), group("h", "b")], [("a", "g"), ("g", "h")]))
    assert found == {
        "a": ("", []),
        "g.start": ("NOOP", ["a"]),
        "g.check": ("NOOP", ["g.start"]),
        "h.start": ("NOOP", ["g.check"]),
        "b": ("", ["h.start"]),
        "h.check": ("NOOP", ["b"]),
    }


def test_a_final_job_that_wants_success_needs_that_of_all_groups(
    make_config: MakeConfig, tmp_path: Path, needs: Any
) -> None:
    generic_workflow = workflow([job("a"), job("b"), job("c", "other")], [])
    generic_workflow.get_job("a").tags = {"visit": 1}
    generic_workflow.get_job("b").tags = {"visit": 2}
    # What BPS does for `finalJob.whenRun: SUCCESS`, before it orders jobs.
    add_final_job_as_sink(generic_workflow, job("finalJob", "finalJob"))
    generic_workflow.add_special_job_ordering({"g": {"labels": "isr", "dimensions": "visit"}})
    found = needs(generic_workflow)
    assert found["finalJob"] == ("", ["c", "group_g_1.check", "group_g_2.check"])
    assert found["group_g_2.start"] == ("NOOP", ["group_g_1.end"])
    header = written(make_config(), generic_workflow, tmp_path)[0]["header"]
    assert header["labels"] == ["isr", "other", "finalJob"]


def test_helping_nodes_have_names_that_no_job_has(needs: Any) -> None:
    found = needs(workflow([job("g.start"), job("g.check"), group("g", "a")], [("g.start", "g")]))
    assert found["g.start"] == ("", [])
    assert found["g.start_"] == ("NOOP", ["g.start"])
    assert found["a"] == ("", ["g.start_"])
    assert found["g.check_"] == ("NOOP", ["a"])


def test_one_name_in_two_groups_is_refused(make_config: MakeConfig, tmp_path: Path) -> None:
    generic_workflow = workflow([group("g", "a"), group("h", "a")], [])
    with pytest.raises(WorkflowRefusedError, match=r"'a' \(label 'isr'\) is the name of two nodes"):
        written(make_config(), generic_workflow, tmp_path)


def test_a_circle_is_refused_with_its_members(make_config: MakeConfig, tmp_path: Path) -> None:
    made = group("g", "a", "b")
    made.add_edges_from([("a", "b"), ("b", "a")])
    with pytest.raises(WorkflowRefusedError, match="nodes of 'g' need one another in a circle: a, b"):
        written(make_config(), workflow([made], []), tmp_path)


def test_a_final_workflow_is_flattened_as_well_and_all_of_it_is_final(
    make_config: MakeConfig, tmp_path: Path, needs: Any
) -> None:
    generic_workflow = workflow([job("a")], [])
    last = workflow([job("one", "last"), group("g", "two"), job("three", "last")], [])
    last.add_edges_from([("one", "g"), ("g", "three")])
    generic_workflow.add_final(last)
    lines = jobs(written(make_config(), generic_workflow, tmp_path))
    assert {name for name, line in lines.items() if line.get("final")} == set(lines) - {"a"}
    assert needs(generic_workflow)["three"] == ("", ["g.check"])
    assert lines["g.start"] == {
        "name": "g.start",
        "label": "order",
        "needs": ["one"],
        "final": True,
        "kind": "NOOP",
    }


@pytest.mark.parametrize("inside", ["group", "final"])
def test_a_final_job_where_none_can_be_is_refused(
    make_config: MakeConfig, tmp_path: Path, inside: str
) -> None:
    part = group("g", "b") if inside == "group" else GenericWorkflow("g")
    part.add_final(job("last"))
    generic_workflow = workflow([job("a"), *([part] if inside == "group" else [])], [])
    if inside == "final":
        generic_workflow.add_final(part)
    with pytest.raises(WorkflowRefusedError, match=r"'g'.* has a final job of its own"):
        written(make_config(), generic_workflow, tmp_path)


def test_a_lazy_job_brings_a_file_that_its_environment_names(make_config: MakeConfig, tmp_path: Path) -> None:
    lazy = [GenericWorkflowLazyGroup(name, "lazy", executable=RUN) for name in ("l1", "l2")]
    lines = jobs(written(make_config(), workflow([job("a"), *lazy], [("a", "l1")]), tmp_path))
    assert "brings" not in lines["a"] and "environment" not in lines["a"]
    assert sorted(lines[name]["brings"] for name in ("l1", "l2")) == [
        "interchange/payload-2.jsonl",
        "interchange/payload.jsonl",
    ]
    for name in ("l1", "l2"):
        assert lines[name]["environment"] == {"INTERCHANGE_BRINGS": str(tmp_path / lines[name]["brings"])}


def test_a_final_job_can_not_bring_more_jobs(make_config: MakeConfig, tmp_path: Path) -> None:
    generic_workflow = workflow([job("a")], [])
    generic_workflow.add_final(GenericWorkflowLazyGroup("l", "lazy", executable=RUN))
    with pytest.raises(WorkflowRefusedError, match=r"'l' .*would come too late"):
        written(make_config(), generic_workflow, tmp_path)


def test_the_labels_of_jobs_in_groups_stand_where_they_run() -> None:
    made = GenericWorkflowGroup("g", "order")
    made.add_job(job("b", "calibrate"))
    made.add_job(job("a", "isr"))
    made.add_edges_from([("a", "b")])
    nodes = [job("z", "coadd"), made, job("i", "init"), GenericWorkflowNoopJob("n", "barrier")]
    generic_workflow = workflow(nodes, [("i", "g"), ("g", "z"), ("i", "n")])
    generic_workflow.add_final(job("f", "finalJob"))
    assert ordered_labels(generic_workflow) == ["init", "isr", "calibrate", "coadd", "finalJob"]


def test_the_order_of_groups_is_not_that_of_their_labels() -> None:
    def visit(number: int) -> GenericWorkflowGroup:
        made = GenericWorkflowGroup(f"g{number}", "order")
        # Unsorted, and so that BPS does not know their order.
        for name, label in (("b", "calibrate"), ("a", "isr")):
            made.add_job(job(f"{name}{number}", label))
        made.add_edge(f"a{number}", f"b{number}")
        return made

    generic_workflow = workflow([visit(1), visit(2)], [("g1", "g2")])
    assert ordered_labels(generic_workflow) == ["isr", "calibrate"]


def test_labels_in_a_circle_come_as_they_appear() -> None:
    # Jobs of two tasks that need each other's: no order is right.
    nodes = [job("i", "init"), job("a1", "a"), job("b1", "b"), job("a2", "a"), job("c", "c")]
    edges = [("i", "a1"), ("a1", "b1"), ("b1", "a2"), ("a2", "c")]
    assert ordered_labels(workflow(nodes, edges)) == ["init", "a", "b", "c"]
