"""The shop engine against an exhaustive oracle, its own rules, and itself."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.scheduling.shop import Shop, ShopPlan
from domain.scheduling.shop_bounds import lower_bound, one_machine_bound
from domain.scheduling.shop_solve import solve_shop
from tests.bench.instances import read_shop
from tests.bench.verify import faults

Job = list[list[tuple[int, int]]]


def make_shop(machine_count: int, jobs: list[Job]) -> Shop:
    operations = [operation for job in jobs for operation in job]
    options = [option for operation in operations for option in operation]
    return Shop(
        machine_count=machine_count,
        job_start=np.cumsum([0, *map(len, jobs)]).astype(np.int32),
        option_start=np.cumsum([0, *map(len, operations)]).astype(np.int32),
        option_machine=np.array([machine for machine, _ in options], np.int32),
        option_duration=np.array([duration for _, duration in options], np.int32),
    )


def optimum(shop: Shop) -> int:
    """The best value over every order and every choice of options, appended one by one.

    Semi-active plans suffice for regular objectives, and each of them is made by appending its
    operations in the order of their starts.
    """
    jobs = [job for job in range(shop.job_count) for _ in range(*shop.job_start[job : job + 2])]
    choices = itertools.product(
        *(range(*shop.option_start[o : o + 2]) for o in range(shop.operation_count))
    )
    orders = set(itertools.permutations(jobs))
    return min(_append(shop, order, choice) for choice in choices for order in orders)


def _append(shop: Shop, order: tuple[int, ...], choice: tuple[int, ...]) -> int:
    upcoming = [int(first) for first in shop.job_start[:-1]]
    ready = [0] * shop.job_count
    free, last = [0] * shop.machine_count, [shop.operation_count] * shop.machine_count
    ends = np.zeros(shop.operation_count, np.int64)
    for job in order:
        operation = upcoming[job]
        upcoming[job] += 1
        machine = int(shop.option_machine[choice[operation]])
        setup = int(shop.setups[machine, last[machine], operation]) if shop.has_setups else 0
        start = max(ready[job], free[machine] + setup)
        end = start + int(shop.option_duration[choice[operation]])
        ready[job] = free[machine] = ends[operation] = end
        last[machine] = operation
    return shop.value_of(ends)


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    machines = draw(st.integers(1, 3))
    has_setups = draw(st.booleans())
    # With setups, operations that take no time would leave their order in a plan unsaid.
    option = st.tuples(st.integers(0, machines - 1), st.integers(int(has_setups), 6))
    options = st.lists(option, min_size=1, max_size=2, unique_by=lambda pair: pair[0])
    job = st.lists(options, min_size=1, max_size=3)
    jobs = draw(
        st.lists(job, min_size=1, max_size=3).filter(lambda drawn: sum(map(len, drawn)) <= 5)
    )
    shop = make_shop(machines, jobs)
    if has_setups:
        shop = replace(shop, setups=draw_setups(draw, shop))
    if draw(st.booleans()):
        count = shop.job_count
        due = draw(st.lists(st.integers(0, 12), min_size=count, max_size=count))
        weight = draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))
        shop = replace(shop, due=np.array(due, np.int64), weight=np.array(weight, np.int64))
    return shop


def draw_setups(draw: st.DrawFn, shop: Shop) -> np.ndarray:
    count = shop.operation_count
    kinds = draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
    times = draw(st.lists(st.integers(0, 4), min_size=4, max_size=4))
    setups = np.zeros((shop.machine_count, count + 1, count + 1), np.int32)
    for before, after in itertools.product(range(count), repeat=2):
        setups[:, before, after] = times[2 * kinds[before] + kinds[after]]
    return setups


@settings(max_examples=40, deadline=None)
@given(shops())
def test_search_alone_gives_possible_plans_no_better_than_the_optimum(shop: Shop) -> None:
    result = solve_shop(shop, seconds=60, workers=1, seed=3, move_limit=3000)
    best = optimum(shop)
    assert faults(shop, result.plan) == []
    assert result.bound <= best <= result.plan.value


@settings(max_examples=15, deadline=None)
@given(shops())
def test_search_and_proof_together_reach_and_prove_the_optimum(shop: Shop) -> None:
    values: list[tuple[int, int]] = []
    result = solve_shop(
        shop,
        seconds=30,
        workers=2,
        seed=1,
        on_progress=lambda value, bound: values.append((value, bound)),
    )
    assert faults(shop, result.plan) == []
    assert result.plan.value == result.bound == optimum(shop)
    assert [value for value, _ in values] == sorted((value for value, _ in values), reverse=True)
    assert [bound for _, bound in values] == sorted(bound for _, bound in values)


def three_by_three() -> Shop:
    return make_shop(
        3,
        [
            [[(0, 3)], [(1, 2)], [(2, 2)]],
            [[(0, 2)], [(2, 1)], [(1, 4)]],
            [[(1, 4)], [(2, 3)], [(0, 1)]],
        ],
    )


def test_small_job_shop_by_hand() -> None:
    # Machine 1 carries 4 + 4 + 2 = 10, and job 3 must go first there to reach 10: 0..4. To leave no
    # gap job 1 or 2 follows at 4. Job 1 (so first on machine 0): 4..6, job 2 6..10 needs machine 2
    # at 5..6, so job 3 has it 6..9 and job 1 9..11. Job 2: 4..8, job 1 8..10 and 10..12. So 11.
    result = solve_shop(three_by_three(), seconds=20, workers=2, seed=1)
    assert (result.plan.value, result.bound) == (11, 11)


def test_same_seed_same_plan_with_a_move_limit() -> None:
    random = np.random.default_rng(5)
    jobs = [
        [[(int(m), int(random.integers(1, 99)))] for m in random.permutation(8)] for _ in range(12)
    ]
    shop = make_shop(8, jobs)
    one, other = (
        solve_shop(shop, seconds=60, workers=1, seed=7, move_limit=40_000) for _ in range(2)
    )
    assert one.moves == other.moves == 40_000
    assert one.plan.value == other.plan.value < one.first_value
    assert np.array_equal(one.plan.starts, other.plan.starts)


def test_stopping_keeps_the_best_plan() -> None:
    random = np.random.default_rng(1)
    jobs = [
        [[(int(m), int(random.integers(1, 99)))] for m in random.permutation(15)] for _ in range(30)
    ]
    asked: list[int] = []

    def stop_soon() -> bool:
        asked.append(1)
        return len(asked) > 20

    shop = make_shop(15, jobs)
    result = solve_shop(shop, seconds=600, workers=2, seed=1, should_stop=stop_soon)
    assert len(asked) == 21
    assert faults(shop, result.plan) == []
    assert result.plan.value < result.first_value


def test_preemptive_bound_of_one_machine() -> None:
    # Work 0..2 on the first (tail 1), interrupted at 2 by the second (3 long, tail 9): 2 + 3 + 9.
    assert one_machine_bound([(0, 5, 1), (2, 3, 9)]) == 14


def test_group_bound_counts_only_machines_that_help() -> None:
    # Five operations of 4 on two machines: 20 / 2 = 10, in whole operations 12.
    shop = make_shop(2, [[[(0, 4), (1, 4)]] for _ in range(5)])
    assert lower_bound(shop) == (10, "machine group load")


def test_tardiness_bound_counts_what_no_plan_can_avoid() -> None:
    # Alone the jobs end at 2 + 2 = 4 and at 1 + 1 = 2: (4 - 3) x 5 + 0.
    shop = make_shop(2, [[[(0, 2)], [(1, 2)]], [[(1, 1), (0, 4)], [(0, 1)]]])
    late = replace(shop, due=np.array([3, 2], np.int64), weight=np.array([5, 9], np.int64))
    assert lower_bound(late) == (5, "every job alone")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"starts": [0, 1, 0]}, "before the one before"),
        ({"starts": [0, 2, 1], "machines": [0, 1, 0]}, "too early"),
        ({"machines": [1, 1, 1]}, "cannot run"),
        ({"value": 3}, "it is worth"),
    ],
)
def test_verifier_finds_what_is_wrong(change: dict[str, object], words: str) -> None:
    shop = make_shop(2, [[[(0, 2)], [(1, 2)]], [[(1, 1), (0, 1)]]])
    good = ShopPlan(4, np.array([0, 2, 0]), np.array([0, 1, 1], np.int32))
    assert faults(shop, good) == []
    arrays = {
        key: np.array(given) if isinstance(given, list) else given for key, given in change.items()
    }
    assert any(words in fault for fault in faults(shop, replace(good, **arrays)))


def test_reading_setups(tmp_path: Path) -> None:
    file = tmp_path / "two.fjs"
    file.write_text("2 1 1\n1 1 1 3\n1 1 1 4\n\n0 2\n1000000 0\n", encoding="utf-8")
    shop = read_shop(file, "fjsp-sdst")
    # The second operation must not come first, so: 3, setup 2, 4.
    result = solve_shop(shop, seconds=20, workers=2, seed=1)
    assert shop.setups[0].tolist() == [[0, 2, 0], [-1, 0, 0], [0, 0, 0]]
    assert (result.plan.value, result.bound) == (9, 9)


def test_due_dates_follow_the_published_rule(tmp_path: Path) -> None:
    file = tmp_path / "ten.txt"
    rows = "\n".join(f"0 {minutes} 1 1" for minutes in range(1, 11))
    file.write_text(f"10 2\n{rows}\n", encoding="utf-8")
    shop = read_shop(file, "wtjsp", 1.3)
    assert shop.weight.tolist() == [4, 4, 2, 2, 2, 2, 2, 2, 1, 1]
    assert shop.due.tolist() == [2, 3, 5, 6, 7, 9, 10, 11, 13, 14]
    assert read_shop(file, "wtjsp", 1.3, first_jobs=4).job_count == 4
