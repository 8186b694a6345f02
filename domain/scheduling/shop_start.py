"""First plans: a list schedule with noise, in one pass."""

from domain.scheduling.compiled import I32, U64, compiled
from domain.scheduling.shop_moves import draw


@compiled
def _earliest(
    operation: int,
    ready: int,
    free: I32,
    last: I32,
    option_start: I32,
    options: I32,
    setups: I32,
    thrift: int,
) -> tuple[int, int]:
    """The option that ends an operation first, long ones handicapped, and that end."""
    best, end, least = -1, 0, 2_000_000_000
    for option in range(option_start[operation], option_start[operation + 1]):
        machine = options[option, 0]
        clock = free[machine]
        if setups.shape[0] > 0:
            minutes = setups[machine, last[machine], operation]
            if minutes < 0:
                continue
            clock += minutes
        clock = max(clock, ready) + options[option, 1]
        cost = clock + thrift * options[option, 1]
        if cost < least:
            best, end, least = option, clock, cost
    return best, end


@compiled
def list_schedule(
    job_start: I32,
    option_start: I32,
    options: I32,
    setups: I32,
    work_left: I32,
    noise: int,
    thrift: int,
    random: U64,
    scratch: I32,
    order: I32,
    choice: I32,
) -> None:
    """Plan the job whose next operation can start first, most work left first, with noise.

    `work_left` is the shortest work from each operation to the end of its job; `scratch` has rows
    for: next operation and clock of a job, free time and last operation of a machine. `noise` is
    the percentage by which a job's claim may vary; `thrift` how much later an operation may end
    for each unit of machine time that this saves.
    """
    upcoming, ready, free, last = scratch[0], scratch[1], scratch[2], scratch[3]
    jobs, nobody = job_start.size - 1, order.size
    upcoming[:jobs] = job_start[:jobs]
    ready[:], free[:], last[:] = 0, 0, nobody
    for place in range(order.size):
        chosen, option, chosen_end = -1, -1, 0
        chosen_start, claim = 2_000_000_000, -1
        for job in range(jobs):
            operation = upcoming[job]
            if operation == job_start[job + 1]:
                continue
            best, end = _earliest(
                operation, ready[job], free, last, option_start, options, setups, thrift
            )
            start = end - options[best, 1]
            weight = work_left[operation] * (100 + draw(random, noise + 1))
            if start < chosen_start or (start == chosen_start and weight > claim):
                chosen, option, chosen_end = job, best, end
                chosen_start, claim = start, weight
        operation = upcoming[chosen]
        order[place], choice[operation] = operation, option
        upcoming[chosen] += 1
        ready[chosen] = chosen_end
        free[options[option, 0]] = chosen_end
        last[options[option, 0]] = operation
