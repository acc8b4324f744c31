"""Flattens a generic workflow, whose groups are workflows themselves, into one list of nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import networkx  # type: ignore[import-untyped]

from lsst.ctrl.bps import (
    GenericWorkflow,
    GenericWorkflowGroup,
    GenericWorkflowJob,
    GenericWorkflowNode,
    GenericWorkflowNodeType,
)

from .problems import Problems, some

__all__ = ["COMMAND", "JOIN", "NOOP", "Names", "Node", "all_nodes", "collect_names", "flatten"]

# Kinds of lines in a workflow file; a command is the default and not written.
COMMAND = ""
NOOP = "NOOP"
JOIN = "JOIN"


class Node(NamedTuple):
    """What becomes one line of a workflow file."""

    name: str
    """Unique in the run."""

    label: str
    """Of the job, or of the ordering that made the node."""

    needs: list[str]
    """Names of other nodes."""

    kind: str = COMMAND
    """COMMAND, NOOP or JOIN."""

    job: GenericWorkflowJob | None = None
    """What a command is made of."""

    owner: GenericWorkflow | None = None
    """The workflow or group that knows the files of the job."""

    final: bool = False
    """Whether it runs after all that are not."""

    lazy: bool = False
    """Whether its job writes more of the workflow."""


class Names:
    """Names of all nodes, and with them names that are still free."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def add(self, name: str) -> bool:
        """Take a name.

        Parameters
        ----------
        name : `str`
            The name.

        Returns
        -------
        free : `bool`
            Whether it was free.
        """
        if name in self._taken:
            return False
        self._taken.add(name)
        return True

    def free(self, wanted: str) -> str:
        """Take a name that is like one.

        Parameters
        ----------
        wanted : `str`
            The name, if it is free.

        Returns
        -------
        name : `str`
            It, or it with underscores appended.
        """
        while not self.add(wanted):
            wanted += "_"
        return wanted


def collect_names(nodes: Iterable[GenericWorkflowNode], problems: Problems) -> Names:
    """Take in the names of all nodes.

    Parameters
    ----------
    nodes : `~collections.abc.Iterable` [`lsst.ctrl.bps.GenericWorkflowNode`]
        All nodes, those of groups and the final job included.
    problems : `Problems`
        Receives names that are there twice: BPS sees to it in one workflow, but not across its groups.

    Returns
    -------
    names : `Names`
        All of them.
    """
    names = Names()
    for node in nodes:
        if not names.add(node.name):
            problems.add(f"'{node.name}' (label '{node.label}') is the name of two nodes: rename one of them")
    return names


def all_nodes(workflow: GenericWorkflow) -> Iterator[tuple[GenericWorkflowNode, bool]]:
    """Yield every node, in no order, groups before what is in them.

    Parameters
    ----------
    workflow : `lsst.ctrl.bps.GenericWorkflow`
        The workflow.

    Yields
    ------
    node : `lsst.ctrl.bps.GenericWorkflowNode`
        Job, NOOP or group.
    final : `bool`
        Whether it belongs to what runs last.
    """
    for name in workflow.nodes:
        node = workflow.get_job(name)
        yield node, False
        if isinstance(node, GenericWorkflowGroup):
            yield from all_nodes(node)
    final = workflow.get_final()
    if isinstance(final, GenericWorkflow):
        yield from ((node, True) for node, _ in all_nodes(final))
    elif final is not None:
        yield final, True


def flatten(workflow: GenericWorkflow, names: Names, problems: Problems) -> Iterator[Node]:
    """Yield the nodes of a workflow, of its groups and of its final job.

    A group becomes its jobs between two nodes that run nothing: one that they need, and one that needs
    them, so that it is pruned when one of them fails. Where a group that does not block is followed by one
    of the same ordering, the latter needs a third, which waits for all jobs of the former and does not mind
    their failure.

    Parameters
    ----------
    workflow : `lsst.ctrl.bps.GenericWorkflow`
        The workflow.
    names : `Names`
        Names of all its nodes.
    problems : `Problems`
        Receives circles, whose workflow or group has no nodes here.

    Yields
    ------
    node : `Node`
        In an order in which a node comes after those that it needs.
    """
    yield from _Flattening(workflow, names, problems, final=False).nodes([])
    final = workflow.get_final()
    if isinstance(final, GenericWorkflow):
        yield from _Flattening(final, names, problems, final=True).nodes([])
    elif final is not None:
        yield Node(final.name, final.label, [], job=final, owner=workflow, final=True)


class _Flattening:
    """One workflow or group on its way to be flat.

    Parameters
    ----------
    workflow : `lsst.ctrl.bps.GenericWorkflow`
        The workflow.
    names : `Names`
        Where names for further nodes come from.
    problems : `Problems`
        Receives circles.
    final : `bool`
        Whether it is what runs last.
    """

    def __init__(self, workflow: GenericWorkflow, names: Names, problems: Problems, final: bool) -> None:
        self._workflow = workflow
        self._names = names
        self._problems = problems
        self._final = final
        # Of groups: what others need of them.
        self._checks: dict[str, str] = {}
        self._ends: dict[str, str] = {}
        # Of a group: names of all its nodes, of those that run something, and of those that others need.
        self.members: list[str] = []
        self.commands: list[str] = []
        self.needed: set[str] = set()

    def nodes(self, start: list[str]) -> Iterator[Node]:
        """Yield all nodes.

        Parameters
        ----------
        start : `list` [`str`]
            What those need that need nothing within the workflow.

        Yields
        ------
        node : `Node`
            In an order in which a node comes after those that it needs.
        """
        for name in self._in_order():
            node = self._workflow.get_job(name)
            needs = sorted(self._wanted(self._workflow.predecessors(name), node))
            for flat in self._flat(node, needs or start):
                if start:
                    self._note(flat)
                yield flat

    def _in_order(self) -> list[str]:
        try:
            return list(self._workflow)
        except networkx.NetworkXUnfeasible:
            nodes = sorted({name for edge in networkx.find_cycle(self._workflow) for name in edge[:2]})
            self._problems.add(
                f"nodes of '{self._workflow.name}' need one another in a circle: {some(nodes)}"
            )
            return []

    def _flat(self, node: GenericWorkflowNode, needs: list[str]) -> Iterable[Node]:
        kind = node.node_type
        if kind == GenericWorkflowNodeType.GROUP:
            return self._group(node, needs)
        if kind == GenericWorkflowNodeType.NOOP:
            return (self._empty(node.name, node.label, needs),)
        lazy = kind == GenericWorkflowNodeType.LAZY_GROUP
        return (Node(node.name, node.label, needs, COMMAND, node, self._workflow, self._final, lazy),)

    def _group(self, group: GenericWorkflowGroup, needs: list[str]) -> Iterator[Node]:
        start = self._empty(self._names.free(f"{group.name}.start"), group.label, needs)
        yield start
        inside = _Flattening(group, self._names, self._problems, self._final)
        yield from inside.nodes([start.name])
        last = [name for name in inside.members if name not in inside.needed] or [start.name]
        check = self._empty(self._names.free(f"{group.name}.check"), group.label, last)
        yield check
        self._checks[group.name] = self._ends[group.name] = check.name
        # A check alone does where nobody follows, or where nothing can fail.
        if not group.blocking and inside.commands and self._is_followed(group):
            end = self._empty(self._names.free(f"{group.name}.end"), group.label, inside.commands, JOIN)
            yield end
            self._ends[group.name] = end.name

    def _empty(self, name: str, label: str, needs: list[str], kind: str = NOOP) -> Node:
        return Node(name, label, needs, kind, final=self._final)

    def _note(self, node: Node) -> None:
        self.members.append(node.name)
        self.needed.update(node.needs)
        if node.kind == COMMAND:
            self.commands.append(node.name)

    def _is_followed(self, group: GenericWorkflowGroup) -> bool:
        successors = (self._workflow.get_job(name) for name in self._workflow.successors(group.name))
        return any(_continues(successor, group.label) for successor in successors)

    def _wanted(self, parents: Iterable[str], node: GenericWorkflowNode) -> Iterable[str]:
        # Most workflows have no groups, and a million jobs.
        return (self._wanted_of(parent, node) for parent in parents) if self._checks else parents

    def _wanted_of(self, parent: str, node: GenericWorkflowNode) -> str:
        if parent not in self._checks:
            return parent
        group = self._workflow.get_job(parent)
        return self._ends[parent] if _continues(node, group.label) else self._checks[parent]


def _continues(node: GenericWorkflowNode, label: str) -> bool:
    return bool(node.node_type == GenericWorkflowNodeType.GROUP and node.label == label)
