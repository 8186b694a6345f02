"""The shop engine's one door: local search and proof side by side, best of both at any time."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import numpy as np

from domain.scheduling.compiled import I32
from domain.scheduling.cpsat.shop import prove_shop
from domain.scheduling.shop import Shop, ShopPlan, ShopResult
from domain.scheduling.shop_anneal import aim_of, anneal
from domain.scheduling.shop_bounds import lower_bound
from domain.scheduling.shop_search import (
    Board,
    blend,
    first_sequence,
    plan_of,
    remember,
    work_left,
)
from domain.scheduling.shop_tabu import Desk, make_desk, tabu_search

NO_LIMIT = 2_000_000_000
PROOF_OPTIONS = 1500
"""Larger shops get no proof by constraint programming: its model alone would eat the time."""
THRIFTS = (0, 1, 2, 4)
FEW_OPERATIONS = 120
"""So many are soon looked through."""
HASTE_SECONDS = 3.0
"""So long one thread more searches beside the proof where there are few operations.

Two searches are worth more there than a whole core for the proof: Fattahi 17's best value was found
within 2 s in 20 instead of 11 runs of 20, with the larger population.
"""
TARDY_PROOF_OPTIONS = 60
"""Larger shops with due dates hardly ever get a useful bound: all threads search instead."""
SHORTEST_ANNEALING, LONGEST_ANNEALING = 50_000, 8_000
"""Moves of a thread's first annealing, and of its longest by operation; each is twice as long as
the last until then.

Longer ones end in the same few plans: orb07 (f = 1.3) stays at 593 with up to 4,000,000 moves,
and comes to 590 with 800,000.
"""
HOT, COLD, FROZEN = 3.0, 1.3, 0.2
"""Temperatures in cost units: an annealing's first and last, and that of settling its best plan.

It begins hotter where lateness costs more per job than that, as with many jobs for few machines.
Hotter than `HOT` a search on ten jobs and ten machines forgets what it has found, and much colder
than `COLD` it is stuck: at constant temperatures of 1.6 to 2.5 it finds the best known plan of
ft10 or la17 from any start, at 0.6 never.
"""


def solve_shop(
    shop: Shop,
    *,
    seconds: float,
    workers: int,
    seed: int,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    move_limit: int | None = None,
) -> ShopResult:
    """Plan a shop as well as the time allows.

    Args:
        shop: What to plan.
        seconds: Time limit.
        workers: Threads to use; from two on, one of them works on the proof, unless the shop
            is too large for that, and in small ones another searches in its place at first.
        seed: Start of all random choices.
        on_progress: Told the best value and bound, each time one of them gets better.
        should_stop: Asked some twenty times a second; the best plan so far is kept.
        move_limit: Local search alone, in one thread, for this many moves: the same seed then
            gives the same plan whatever the machine is doing.
    """
    board = Board(shop, size=_population_size(shop), on_progress=on_progress)
    desk = make_desk(shop, seed)
    left = work_left(shop)
    for thrift in THRIFTS if shop.is_flexible else (0,):
        _search_once(board, desk, first_sequence(shop, desk, left, 0, thrift), 0, thrift, 0)
    board.offer_bound(*lower_bound(shop))
    if move_limit is not None:
        _search(board, desk, left, seed, move_limit)
    elif board.stop[0] == 0:
        threads = _start_threads(board, desk, left, workers, seed, seconds)
        _wait(board, threads, seconds, should_stop)
    return _result(board, board.best_plan())


def _result(board: Board, plan: ShopPlan) -> ShopResult:
    return ShopResult(
        plan=plan,
        bound=min(board.bound, plan.value),
        bound_origin=board.bound_origin,
        first_value=board.first_value,
        first_seconds=board.first_seconds,
        moves=board.moves,
    )


def _population_size(shop: Shop) -> int:
    if shop.minimizes_tardiness or shop.operation_count >= 1200:
        return 5
    return 12 if shop.operation_count <= FEW_OPERATIONS else 8


def _patience(shop: Shop) -> int:
    """Moves without a better plan after which a search gives way to the next.

    Few operations are soon looked through: with 2,500 instead of 12,500, ft10's best known plan was
    found in 1.1 instead of 2.1 processor seconds, that of Fattahi 17 in 16 instead of 11 runs of
    20. With 150 operations (la21) so few found less.
    """
    if shop.operation_count <= FEW_OPERATIONS:
        return 2_500
    return 12_500 if shop.operation_count <= 450 else 30_000


def _start_threads(
    board: Board, desk: Desk, left: I32, workers: int, seed: int, seconds: float
) -> list[threading.Thread]:
    provable = TARDY_PROOF_OPTIONS if board.shop.minimizes_tardiness else PROOF_OPTIONS
    proof = workers > 1 and len(board.shop.option_machine) <= provable
    threads = [threading.Thread(target=_prove, args=(board, seed, seconds))] if proof else []
    searching = workers - len(threads)
    is_hasty = proof and board.shop.operation_count <= FEW_OPERATIONS
    for index in range(searching + is_hasty):
        own = desk if index == 0 else make_desk(board.shop, seed + 7919 * index)
        longest = HASTE_SECONDS if index == searching else float("inf")
        arguments = (board, own, left, seed + 104729 * index, NO_LIMIT, longest)
        threads.append(threading.Thread(target=_search, args=arguments))
    for thread in threads:
        thread.daemon = True
        thread.start()
    return threads


def _wait(
    board: Board,
    threads: list[threading.Thread],
    seconds: float,
    should_stop: Callable[[], bool] | None,
) -> None:
    while board.stop[0] == 0 and any(thread.is_alive() for thread in threads):
        if time.perf_counter() - board.started >= seconds or (should_stop and should_stop()):
            break
        time.sleep(0.02)
    board.stop[0] = 1
    for thread in threads:
        thread.join()


def _search_once(
    board: Board, desk: Desk, start: tuple[I32, I32], limit: int, thrift: int, effort: int
) -> None:
    """One run of the local search that fits the objective; its best goes to the board."""
    if board.shop.minimizes_tardiness:
        longest = max(SHORTEST_ANNEALING, LONGEST_ANNEALING * board.shop.operation_count)
        moves = min(limit, longest, SHORTEST_ANNEALING << min(effort, 16))
        best, made = _anneal_and_settle(board, desk, start, moves)
    else:
        patience = _patience(board.shop)
        best, made = tabu_search(desk, start, patience, limit, board.bound, thrift, board.stop)
    sequence = remember(desk, best)
    with board.lock:
        board.moves += made
        if board.plan is None or sequence.value < board.plan.value:
            board.offer_plan(plan_of(board.shop, desk, sequence))
        board.admit(sequence)


def _anneal_and_settle(
    board: Board, desk: Desk, start: tuple[I32, I32], moves: int
) -> tuple[int, int]:
    """Anneal at the temperatures that find most, then cool the best plan down for good."""
    aim, unit = aim_of(board.shop), _cost_unit(board.shop)
    settling = moves // 8
    heats = (max(HOT * unit, _cost_of_job(board)), COLD * unit)
    _, made = anneal(desk, start, aim, moves - settling, heats, board.bound, board.stop)
    found = desk.best_order.copy(), desk.best_choice.copy()
    heats = (COLD * unit, FROZEN * unit)
    best, more = anneal(desk, found, aim, settling, heats, board.bound, board.stop)
    return best, made + more


def _cost_of_job(board: Board) -> float:
    """What lateness costs per job in the best plan: where all are late, moves cost more."""
    return board.plan.value / board.shop.job_count if board.plan is not None else 0.0


def _cost_unit(shop: Shop) -> float:
    """What it costs to be late by one usual operation: the scale of the temperatures."""
    return float(max(1.0, shop.fastest().mean()) * max(1.0, shop.weight.mean()))


def _search(
    board: Board,
    desk: Desk,
    left: I32,
    seed: int,
    move_limit: int,
    longest: float = float("inf"),
) -> None:
    """One searching thread: fill the population, then blend and improve; for so many seconds."""
    random, begun = np.random.default_rng(seed), time.perf_counter()
    for effort in count():
        is_over = board.moves >= move_limit or time.perf_counter() - begun >= longest
        if board.stop[0] != 0 or is_over:
            return
        parents = board.parents(random)
        thrift = int(random.choice(THRIFTS))
        if parents is None:
            start = first_sequence(board.shop, desk, left, 100, thrift)
        else:
            start = blend(*parents, random)
        limit = min(NO_LIMIT, move_limit - board.moves)
        _search_once(board, desk, start, limit, thrift, effort)


def _prove(board: Board, seed: int, seconds: float) -> None:
    """The proving thread: constraint programming on the whole shop."""

    def take(plan: ShopPlan) -> None:
        board.offer_plan(plan)

    # A good plan first: it bounds the model. A small shop has one at once.
    until = time.perf_counter() + min(board.shop.operation_count / 400, 0.5, seconds / 10)
    while board.stop[0] == 0 and time.perf_counter() < until:
        time.sleep(0.01)
    if board.plan is None or board.stop[0] != 0:
        return
    prove_shop(
        board.shop,
        hint=board.plan,
        lower=board.bound,
        seconds=max(0.1, seconds - (time.perf_counter() - board.started)),
        seed=seed,
        stop=board.stop,
        on_plan=take,
        on_bound=lambda bound: board.offer_bound(bound, "constraint programming"),
    )


def warm_up() -> None:
    """Compile, or load from disk, every loop, so that the first real plan need not wait."""
    one = np.arange(3, dtype=np.int32)
    shop = Shop(
        machine_count=2,
        job_start=one * 2,
        option_start=np.array([0, 1, 3, 4, 6], np.int32),
        option_machine=np.array([0, 0, 1, 1, 0, 1], np.int32),
        option_duration=np.array([3, 2, 4, 2, 5, 1], np.int32),
    )
    late = replace(shop, due=np.zeros(2, np.int64), weight=np.ones(2, np.int64))
    solve_shop(shop, seconds=60, workers=1, seed=1, move_limit=100)
    solve_shop(late, seconds=60, workers=1, seed=1, move_limit=100)
