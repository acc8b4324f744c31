"""Brings labels into pipeline order, which reports follow."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

import networkx  # type: ignore[import-untyped]

from lsst.ctrl.bps import GenericWorkflow, GenericWorkflowGroup, GenericWorkflowNode, GenericWorkflowNodeType

__all__ = ["ordered_labels"]


def ordered_labels(workflow: GenericWorkflow) -> list[str]:
    """Return the labels of all jobs in pipeline order, those of the final job last.

    BPS's own order counts the labels of orderings as well, has none where these make a circle (as they do
    when the last task of one group precedes the first of the next), and may know nothing of jobs in groups.
    It still tells which of two labels comes first that do not depend on one another.

    Parameters
    ----------
    workflow : `lsst.ctrl.bps.GenericWorkflow`
        The workflow.

    Returns
    -------
    labels : `list` [`str`]
        Each once.
    """
    labels = dict.fromkeys(_in_order(workflow))
    final = workflow.get_final()
    last: list[str] = []
    if final is not None:
        last = _in_order(final) if isinstance(final, GenericWorkflow) else [final.label]
    return [*(label for label in labels if label not in last), *last]


def _in_order(workflow: GenericWorkflow) -> list[str]:
    followers: dict[str, dict[str, None]] = {}
    _collect(workflow, followers)
    appearance = dict.fromkeys([*_bps_order(workflow), *followers])
    return _sorted(followers, {label: rank for rank, label in enumerate(appearance)})


def _bps_order(workflow: GenericWorkflow) -> list[str]:
    try:
        return list(workflow.labels)
    except networkx.NetworkXUnfeasible:
        return []


def _collect(workflow: GenericWorkflow, followers: dict[str, dict[str, None]]) -> None:
    for name in workflow.nodes:
        node = workflow.get_job(name)
        if isinstance(node, GenericWorkflowGroup):
            _collect(node, followers)
        elif node.node_type != GenericWorkflowNodeType.NOOP:
            followers.setdefault(node.label, {})
    for before, after in workflow.edges:
        one, other = workflow.get_job(before), workflow.get_job(after)
        # The order of groups is none of their labels.
        if _are_groups(one, other) and one.label == other.label:
            continue
        for label in _edge_labels(one, sources=False):
            for follower in _edge_labels(other, sources=True):
                if label != follower:
                    followers[label].setdefault(follower)


def _are_groups(*nodes: GenericWorkflowNode) -> bool:
    return all(isinstance(node, GenericWorkflowGroup) for node in nodes)


def _edge_labels(node: GenericWorkflowNode, sources: bool) -> Iterable[str]:
    """Labels with which a node begins, or ends."""
    if isinstance(node, GenericWorkflowGroup):
        return dict.fromkeys(_group_labels(node, sources))
    return () if node.node_type == GenericWorkflowNodeType.NOOP else (node.label,)


def _group_labels(group: GenericWorkflowGroup, sources: bool) -> Iterator[str]:
    degree = group.in_degree if sources else group.out_degree
    for name in group.nodes:
        if degree(name) == 0:
            yield from _edge_labels(group.get_job(name), sources)


def _sorted(followers: dict[str, dict[str, None]], rank: dict[str, int]) -> list[str]:
    """Sort topologically, and by rank where that leaves a choice, or a circle none."""
    waiting = dict.fromkeys(followers, 0)
    for later in followers.values():
        for label in later:
            waiting[label] += 1
    ready = [(rank[label], label) for label, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    ordered: list[str] = []
    while waiting:
        _, label = heapq.heappop(ready) if ready else (0, min(waiting, key=lambda label: rank[label]))
        del waiting[label]
        ordered.append(label)
        for follower in followers[label]:
            if follower in waiting:
                waiting[follower] -= 1
                if waiting[follower] == 0:
                    heapq.heappush(ready, (rank[follower], follower))
    return ordered
