"""Run by the peer's own Python: one shop as JSON on standard input, one result as JSON out."""

import json
import sys
import time
from itertools import pairwise
from typing import Any


def build(shop: dict[str, Any]) -> Any:
    """The shop as a PyJobShop model."""
    from pyjobshop import Model

    model = Model()
    machines = [model.add_machine() for _ in range(shop["machines"])]
    tasks: list[Any] = []
    for index, first in enumerate(shop["job_start"][:-1]):
        facts = {}
        if shop["due"]:
            facts = {"due_date": shop["due"][index], "weight": shop["weight"][index]}
        job = model.add_job(**facts)
        own = [model.add_task(job=job) for _ in range(first, shop["job_start"][index + 1])]
        for before, after in pairwise(own):
            model.add_end_before_start(before, after)
        tasks += own
    for index, task in enumerate(tasks):
        for option in range(shop["option_start"][index], shop["option_start"][index + 1]):
            machine = machines[shop["option_machine"][option]]
            model.add_mode(task, machine, duration=shop["option_duration"][option])
    _add_setups(model, machines, tasks, shop)
    if shop["due"]:
        model.set_objective(weight_total_tardiness=1)
    return model


def _add_setups(model: Any, machines: list[Any], tasks: list[Any], shop: dict[str, Any]) -> None:
    for machine, matrix in zip(machines, shop["setups"], strict=False):
        for before, row in zip(tasks, matrix, strict=True):
            for after, minutes in zip(tasks, row, strict=True):
                # An impossible pair cannot be said there; a setup longer than any plan is.
                if before is not after and minutes != 0:
                    length = minutes if minutes > 0 else 100_000
                    model.add_setup_time(machine, before, after, length)


def main() -> None:
    """Read, solve, print."""
    order = json.load(sys.stdin)
    model = build(order["shop"])
    more = {"interleave_search": True} if order["interleave"] else {}
    started = time.perf_counter()
    result = model.solve(
        solver="ortools",
        time_limit=order["seconds"],
        num_workers=order["workers"],
        display=False,
        random_seed=order["seed"] % 2**31,
        **more,
    )
    is_found = result.status.name in ("OPTIMAL", "FEASIBLE")
    facts = {
        "status": result.status.name,
        "value": result.objective if is_found else None,
        "bound": getattr(result, "lower_bound", None),
        "solve_seconds": round(time.perf_counter() - started, 3),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
