"""Is a plan of a shop possible, and what is it worth? Shares nothing with the search."""

from itertools import pairwise

from domain.scheduling.shop import Shop, ShopPlan


def faults(shop: Shop, plan: ShopPlan) -> list[str]:
    """Everything that is wrong with a plan; empty when it may be shown."""
    found: list[str] = []
    starts = [int(start) for start in plan.starts]
    ends, by_machine = list(starts), [[] for _ in range(shop.machine_count)]
    for operation, start in enumerate(starts):
        machine = int(plan.machines[operation])
        options = range(shop.option_start[operation], shop.option_start[operation + 1])
        durations = [
            int(shop.option_duration[option])
            for option in options
            if int(shop.option_machine[option]) == machine
        ]
        if not durations:
            found.append(f"operation {operation} cannot run on machine {machine}")
            continue
        if start < 0:
            found.append(f"operation {operation} starts before time zero")
        ends[operation] = start + durations[0]
        by_machine[machine].append(operation)
    found += _job_faults(shop, starts, ends)
    for machine, operations in enumerate(by_machine):
        found += _machine_faults(shop, machine, operations, starts, ends)
    value = _value(shop, ends)
    if value != plan.value:
        found.append(f"the plan says it is worth {plan.value}, it is worth {value}")
    return found


def _job_faults(shop: Shop, starts: list[int], ends: list[int]) -> list[str]:
    return [
        f"operation {operation} starts before the one before it has ended"
        for job in range(shop.job_count)
        for operation in range(shop.job_start[job] + 1, shop.job_start[job + 1])
        if starts[operation] < ends[operation - 1]
    ]


def _machine_faults(
    shop: Shop, machine: int, operations: list[int], starts: list[int], ends: list[int]
) -> list[str]:
    found: list[str] = []
    line = sorted(operations, key=lambda operation: (starts[operation], ends[operation]))
    for before, after in pairwise(line):
        minutes = int(shop.setups[machine, before, after]) if shop.has_setups else 0
        if minutes < 0:
            found.append(f"{after} must not follow {before} on machine {machine}")
        if starts[after] < ends[before] + minutes:
            found.append(f"{after} starts too early after {before} on machine {machine}")
    return found


def _value(shop: Shop, ends: list[int]) -> int:
    finish = [ends[int(stop) - 1] for stop in shop.job_start[1:]]
    if not shop.minimizes_tardiness:
        return max(finish)
    rows = zip(finish, shop.due, shop.weight, strict=True)
    return sum(int(weight) * max(0, end - int(due)) for end, due, weight in rows)
