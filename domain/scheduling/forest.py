"""A relaxed problem for bounds: operations as trees, and machines that are alike as one class.

Each tree ends in what makes one order line late. An operation that serves several successors or
lines hangs under one of them only; the others are forgotten, which can only make plans better.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from domain.scheduling.compiled import I32
from domain.scheduling.problem import NONE, Problem, csr
from domain.scheduling.worktime import FAR

Edges = list[tuple[int, int, int]]
"""A node's children: child, minutes to the node's start, minutes to its end or -1."""


class Forest(NamedTuple):
    """Nodes are operations and, after them, lines that wait for several operations.

    `x_first[i] … x_first[i + 1]` is i's slice of `x`.
    """

    order: I32
    """Nodes with anything to lose, tree by tree, each after those it waits for."""
    height: I32
    """How many results are still waited for when a node's turn comes, its own children apart."""
    child_first: I32
    child: I32
    gap: I32
    """Minutes at least between a child's end and the node's start."""
    last: I32
    """Minutes at least between a child's end and the node's end, with transfer batches; else -1."""
    head: I32
    """Minute before which the node can not start."""
    soonest: I32
    """Minute before which the node can not end."""
    elapsed: I32
    """Minutes of a node that needs no machine; else -1."""
    fit: I32
    mode_first: I32
    mode_class: I32
    mode_run: I32
    due_first: I32
    due: I32
    """Minute from which on the node's end costs `weight` a minute."""
    weight: I32
    parent: I32
    """-1: a root."""
    tree_first: I32
    """Where each tree begins in `order`, and where the last one ends."""
    ways: int
    """At least as many as any node has modes."""
    class_calendar: I32
    class_machines: I32
    class_setup: I32
    """Setup minutes of whatever is first on a machine of the class."""
    certain: int
    """Weighted lateness that stock and purchases cause anyway."""


def grow_forest(problem: Problem, start: I32, end: I32) -> Forest:
    """The trees of a problem.

    Args:
        problem: What is planned.
        start: Minute before which no operation can start its run.
        end: Minute before which no operation can end.
    """
    tables = problem.tables
    parent, members = _parents(problem)
    children = _children(problem, parent)
    lates, soonest, certain = _finish(problem, members, parent, children, end)
    order, height, tree_first = _order(parent, children, lates)
    extra = np.zeros(len(children) - problem.operation_count, np.int32)
    due_first, due = csr([[late[0] for late in own] for own in lates])
    child_first, child = csr([[edge[0] for edge in edges] for edges in children])
    classes = _classes(problem)
    return Forest(
        order=order,
        height=height,
        child_first=child_first,
        child=child,
        gap=csr([[edge[1] for edge in edges] for edges in children])[1],
        last=csr([[edge[2] for edge in edges] for edges in children])[1],
        head=np.append(start, extra),
        soonest=soonest,
        elapsed=np.append(tables.elapsed, extra),
        fit=np.append(tables.fit, extra),
        due_first=due_first,
        due=due,
        weight=csr([[late[1] for late in own] for own in lates])[1],
        parent=np.array(parent, np.int32),
        tree_first=tree_first,
        ways=max(1, int(np.diff(tables.alt_first).max(initial=0))),
        certain=certain,
        **_modes(problem, classes, len(children)),
        **_class_facts(problem, classes),
    )


def _finish(
    problem: Problem,
    members: list[list[int]],
    parent: list[int],
    children: list[Edges],
    end: I32,
) -> tuple[list[list[tuple[int, int]]], I32, int]:
    """Hang lines onto their operations, with a node of its own for each that waits for several.

    Returns what each node's end may cost, before which minute it can not end, and what lines cost
    anyway.
    """
    tables = problem.tables
    lates: list[list[tuple[int, int]]] = [[] for _ in children]
    soonest, certain = end.tolist(), 0
    for line, ops in enumerate(members):
        weight, floor = int(tables.line_weight[line]), int(tables.line_floor[line])
        due = max(int(tables.line_due[line]), floor)
        certain += weight * max(0, floor - int(tables.line_due[line]))
        if weight == 0 or not ops:
            continue
        node = ops[0]
        if len(ops) > 1:
            node = len(children)
            children.append([(op, 0, -1) for op in ops])
            lates.append([])
            parent.append(NONE)
            soonest.append(max(soonest[op] for op in ops))
            for op in ops:
                parent[op] = node
        lates[node].append((due, weight))
    return lates, np.array(soonest, np.int32), certain


def _parents(problem: Problem) -> tuple[list[int], list[list[int]]]:
    """The one successor each operation keeps, and the operations each line keeps.

    Of several successors the one that serves the heaviest line; a line keeps those that end in it.
    """
    tables, count = problem.tables, problem.operation_count
    heaviest = np.zeros(count, np.int64)
    parent = [NONE] * count
    for op in range(count - 1, -1, -1):
        lines = tables.serves_line[tables.serves_first[op] : tables.serves_first[op + 1]]
        heaviest[op] = tables.line_weight[lines].max(initial=0)
        nexts = tables.next_op[tables.next_first[op] : tables.next_first[op + 1]]
        if len(nexts) > 0:
            best = int(nexts[int(np.argmax(heaviest[nexts]))])
            if heaviest[best] > heaviest[op] or len(lines) == 0:
                parent[op], heaviest[op] = best, heaviest[best]
    members: list[list[int]] = []
    taken = [above != NONE for above in parent]
    for line in range(len(tables.line_due)):
        own = tables.line_op[tables.line_first[line] : tables.line_first[line + 1]]
        ops = list(dict.fromkeys(own.tolist()))
        free = [op for op in ops if not taken[op]]
        # Of a line whose operations all hang elsewhere, any one may still say how late it is.
        members.append(free or ops[-1:])
        if len(free) > 1:
            for op in free:
                taken[op] = True
    return parent, members


def _children(problem: Problem, parent: list[int]) -> list[Edges]:
    """For each operation those it keeps, with the minutes between, and -1 or those to its end."""
    tables, count = problem.tables, problem.operation_count
    last = np.full(count, FAR, np.int32)
    np.minimum.at(last, tables.alt_op, tables.alt_last_batch)
    children: list[Edges] = [[] for _ in range(count)]
    for op in range(count):
        for edge in range(int(tables.edge_first[op]), int(tables.edge_first[op + 1])):
            before, wait = int(tables.edge_from[edge]), int(tables.edge_wait[edge])
            if parent[before] != op or any(before == child for child, _, _ in children[op]):
                continue
            if not tables.edge_overlap[edge]:
                children[op].append((before, wait, -1))
            elif tables.elapsed[op] < 0 and last[op] > 0:
                children[op].append((before, 0, wait + int(last[op])))
            else:
                parent[before] = NONE
    return children


def _order(
    parent: list[int],
    children: list[Edges],
    lates: list[list[tuple[int, int]]],
) -> tuple[I32, I32, I32]:
    """Nodes of all trees that can be late, children first, how many results wait, and the trees."""
    order: list[int] = []
    firsts = [0]
    height = [0] * len(children)
    for root in range(len(children)):
        if parent[root] != NONE:
            continue
        begun, tree = [root], []
        while begun:
            node = begun.pop()
            tree.append(node)
            for place, (child, _, _) in enumerate(children[node]):
                height[child] = height[node] + place
                begun.append(child)
        # Reversed, a node comes after all below it; its first child is then the first to come.
        if any(lates[node] for node in tree):
            order += reversed(tree)
            firsts.append(len(order))
    return np.array(order, np.int32), np.array(height, np.int32), np.array(firsts, np.int32)


def _classes(problem: Problem) -> list[int]:
    """For each machine its class: same calendar, same operations in the same run time."""
    tables = problem.tables
    duties: list[list[int]] = [[] for _ in range(problem.machine_count)]
    for op, machine, run in zip(
        tables.alt_op.tolist(), tables.alt_machine.tolist(), tables.alt_run.tolist(), strict=True
    ):
        duties[machine] += [op, run]
    known: dict[tuple[int, ...], int] = {}
    is_shared = (tables.machine_capacity > 0).tolist()
    return [
        known.setdefault((calendar, int(shared), *duty), len(known))
        for calendar, shared, duty in zip(
            tables.machine_calendar.tolist(), is_shared, duties, strict=True
        )
    ]


def _modes(problem: Problem, classes: list[int], nodes: int) -> dict[str, I32]:
    tables = problem.tables
    modes: list[dict[int, int]] = [{} for _ in range(nodes)]
    for op, machine, run in zip(
        tables.alt_op.tolist(), tables.alt_machine.tolist(), tables.alt_run.tolist(), strict=True
    ):
        modes[op][classes[machine]] = run
    first, mode_class = csr([list(own) for own in modes])
    return {
        "mode_first": first,
        "mode_class": mode_class,
        "mode_run": csr([list(own.values()) for own in modes])[1],
    }


def _class_facts(problem: Problem, classes: list[int]) -> dict[str, I32]:
    tables = problem.tables
    count = max(classes, default=-1) + 1
    calendar, machines = np.zeros((2, count), np.int32)
    calendar[classes] = tables.machine_calendar
    machines += np.bincount(classes, minlength=count).astype(np.int32)
    # As if every operation had a machine of its own where several run together.
    shared = np.unique(np.array(classes, np.int64)[tables.machine_capacity > 0])
    machines[shared] = problem.operation_count
    setup = np.full(count, FAR, np.int32)
    np.minimum.at(
        setup, np.array(classes, np.int64)[tables.alt_machine], tables.own_setup[tables.alt_op]
    )
    setup[shared] = 0
    return {
        "class_calendar": calendar,
        "class_machines": machines,
        "class_setup": np.where(setup == FAR, 0, setup).astype(np.int32),
    }
