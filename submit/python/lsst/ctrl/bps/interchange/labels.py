"""Brings labels into pipeline order, which reports follow."""

from __future__ import annotations

import heapq

import networkx  # type: ignore[import-untyped]

from lsst.ctrl.bps import GenericWorkflow, GenericWorkflowGroup, GenericWorkflowNodeType

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
    begins: dict[str, tuple[str, ...]] = {}
    ends: dict[str, tuple[str, ...]] = {}
    # Labels of the groups among them.
    groups: dict[str, str] = {}
    for name in workflow.nodes:
        node = workflow.get_job(name)
        if isinstance(node, GenericWorkflowGroup):
            groups[name] = node.label
            _collect(node, followers)
            begins[name] = _group_labels(node, sources=True)
            ends[name] = _group_labels(node, sources=False)
        elif node.node_type == GenericWorkflowNodeType.NOOP:
            begins[name] = ends[name] = ()
        else:
            followers.setdefault(node.label, {})
            begins[name] = ends[name] = (node.label,)
    # Edges by the million are of few kinds.
    kinds = dict.fromkeys(
        (ends[before], begins[after])
        for before, after in workflow.edges
        if not (groups and _are_of_one_order(groups, before, after))
    )
    for earlier, later in kinds:
        for label in earlier:
            followers[label].update(dict.fromkeys(follower for follower in later if follower != label))


def _are_of_one_order(groups: dict[str, str], *names: str) -> bool:
    """Whether both are groups of one ordering: the order of these is none of their labels."""
    labels = {groups.get(name) for name in names}
    return len(labels) == 1 and None not in labels


def _group_labels(group: GenericWorkflowGroup, sources: bool) -> tuple[str, ...]:
    """Labels with which a group begins, or ends."""
    degree = group.in_degree if sources else group.out_degree
    found: dict[str, None] = {}
    for name in group.nodes:
        if degree(name) == 0:
            node = group.get_job(name)
            if isinstance(node, GenericWorkflowGroup):
                found.update(dict.fromkeys(_group_labels(node, sources)))
            elif node.node_type != GenericWorkflowNodeType.NOOP:
                found.setdefault(node.label)
    return tuple(found)


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
