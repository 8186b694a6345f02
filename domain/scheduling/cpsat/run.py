"""Running the solver so that it stops when told."""

import threading

from ortools.sat.python import cp_model

from domain.scheduling.compiled import I32


def solve_until(
    solver: cp_model.CpSolver,
    model: cp_model.CpModel,
    listener: cp_model.CpSolverSolutionCallback,
    stop: I32,
) -> cp_model.CpSolverStatus:
    """Solve; ends within a tenth of a second once `stop[0]` is set."""
    done = threading.Event()
    watcher = threading.Thread(target=_stop_when_told, args=(solver, stop, done), daemon=True)
    watcher.start()
    try:
        return solver.solve(model, listener)
    finally:
        done.set()
        watcher.join()


def _stop_when_told(solver: cp_model.CpSolver, stop: I32, done: threading.Event) -> None:
    """Repeat the request: one that comes before the search has begun is lost."""
    while not done.wait(0.03):
        if stop[0] != 0:
            solver.stop_search()
