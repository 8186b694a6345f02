"""Something happens to a planned factory: what the push, the local repair and a new plan cost.

A breakdown hits several machines, each in turn from the same plan: the busiest one, which is the
hard case, and random ones. Figures are medians over them; `cost_ratio` is that of the local repair.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from statistics import median
from uuid import uuid4

import numpy as np

from domain.errors import Severity
from domain.plan import Plan
from domain.resources import Downtime
from domain.scenarios import Scenario
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.engine import solve
from domain.scheduling.events import stop_machine
from domain.scheduling.mend import is_moved, mend
from domain.scheduling.presence import present_of
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.right_shift import right_shift, solution_from
from tests.bench.factories import NOW_AT, add_rush_order

EVENTS = ("breakdown", "rush", "material")
DAY = 1440
REPAIR_SECONDS = {"breakdown": 0.9, "material": 0.9, "rush": 1.8}


def violations(plan: Plan, problem: Problem, solution: Solution) -> int:
    """What the independent checker finds wrong."""
    plant_id = plan.home_plant().id
    scenario = Scenario(id=uuid4(), plant_id=plant_id, name="bench", now_at=NOW_AT)
    bookings = bookings_from(problem, solution, plan, scenario, uuid4)
    found = check_plan(plan, bookings, NOW_AT)
    return sum(finding.severity is Severity.ERROR for finding in found)


def run_event(
    options: argparse.Namespace, plan: Plan, problem: Problem, before: Solution
) -> dict[str, object]:
    """Let it happen, mend, and measure."""
    cases = [_case(options, before, *each) for each in _happen(options, plan, problem, before)]
    found: dict[str, object] = {
        name: round(median(case[name] for case in cases), 4) for name in cases[0]
    }
    found["checker_violations"] = sum(int(case["checker_violations"]) for case in cases)
    return {
        "operations": problem.operation_count,
        "value_before": before.value,
        **found,
        "cost_ratios": [round(case["cost_ratio"], 3) for case in cases],
        "moved_unaffected_shares": [round(case["moved_unaffected_share"], 4) for case in cases],
        "global_ratios": [round(case["global_ratio"], 3) for case in cases],
    }


def _case(
    options: argparse.Namespace,
    before: Solution,
    plan: Plan,
    changed: Problem,
    present: Solution,
    pushed: Solution,
    decode_seconds: float,
) -> dict[str, float]:
    begun = time.perf_counter()
    seconds = REPAIR_SECONDS[options.event]
    found = mend(changed, present, seconds=seconds, workers=options.workers, pushed=pushed).plan
    repair_seconds = time.perf_counter() - begun
    anew = solve(changed, seconds=seconds, workers=options.workers, start=pushed)
    alone = ~is_moved(present, pushed)
    value, count = max(1, before.value), max(1, int(alone.sum()))
    return {
        "decode_seconds": decode_seconds,
        "repair_seconds": repair_seconds,
        "pushed_ratio": pushed.value / value,
        "cost_ratio": found.value / value,
        "moved_unaffected_share": int((alone & is_moved(present, found)).sum()) / count,
        "moved": int(is_moved(present, found).sum()),
        "moved_pushed": int(is_moved(present, pushed).sum()),
        "global_ratio": anew.value / value,
        "global_moved": int(is_moved(present, anew).sum()),
        "checker_violations": 0
        if options.event == "material"
        else violations(plan, changed, found),
    }


def _happen(
    options: argparse.Namespace, plan: Plan, problem: Problem, before: Solution
) -> Iterator[tuple[Plan, Problem, Solution, Solution, float]]:
    """The rows and the problem afterwards, the plan to keep, the push and how long it took."""
    if options.event == "rush":
        yield _rush(plan, problem, before)
        return
    if options.event == "material":
        late = int(np.argsort(before.run_start)[problem.operation_count // 10])
        begun = time.perf_counter()
        changed = _two_days_later(problem, late, int(before.run_start[late]))
        pushed = right_shift(changed, before)
        yield plan, changed, before, pushed, time.perf_counter() - begun
        return
    for machine in _machines(options, problem, before):
        machine_id = problem.machine_ids[machine]
        begun = time.perf_counter()
        changed = stop_machine(problem, machine_id, DAY, DAY + 480)
        pushed = right_shift(changed, before)
        seconds = time.perf_counter() - begun
        rows = plan.copy()
        start = NOW_AT + timedelta(minutes=DAY)
        end = start + timedelta(minutes=480)
        rows.put(Downtime(id=uuid4(), machine_id=machine_id, start_at=start, end_at=end))
        yield rows, changed, before, pushed, seconds


def _two_days_later(problem: Problem, op: int, start: int) -> Problem:
    """The material of an operation comes two days after it was to start."""
    release = problem.tables.release.copy()
    release[op] = max(release[op], np.int32(start + 2 * DAY))
    return replace(problem, tables=problem.tables._replace(release=release))


def _machines(options: argparse.Namespace, problem: Problem, before: Solution) -> list[int]:
    """The busiest machine, then random ones that have work."""
    chosen = before.alternative[before.alternative >= 0]
    tables = problem.tables
    load = np.bincount(
        tables.alt_machine[chosen], weights=tables.alt_run[chosen], minlength=problem.machine_count
    )
    busiest = int(load.argmax())
    others = np.flatnonzero((load > 0) & (np.arange(len(load)) != busiest))
    random = np.random.default_rng(options.seed)
    drawn = random.choice(others, min(len(others), options.machines - 1), replace=False)
    return [busiest, *(int(machine) for machine in drawn)]


def _rush(
    plan: Plan, problem: Problem, before: Solution
) -> tuple[Plan, Problem, Solution, Solution, float]:
    plant_id = plan.home_plant().id
    scenario = Scenario(id=uuid4(), plant_id=plant_id, name="bench", now_at=NOW_AT)
    bookings = bookings_from(problem, before, plan, scenario, uuid4)
    rows = plan.copy()
    add_rush_order(rows)
    changed = build_problem(rows, NOW_AT)
    for row in (scenario, *bookings):
        rows.put(row)
    begun = time.perf_counter()
    pushed = solution_from(changed, rows, scenario)
    assert pushed is not None
    seconds = time.perf_counter() - begun
    return rows, changed, present_of(changed, bookings), pushed, seconds
