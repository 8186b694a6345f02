"""Readers for the public instance formats; the files themselves are never part of the project."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from domain.scheduling.shop import Shop


def read_shop(
    path: Path, format_name: str, factor: float = 1.3, first_jobs: int | None = None
) -> Shop:
    """Read an instance file.

    `format_name` is `jsp`, `fjsp`, `fjsp-sdst` or `wtjsp`; `factor` is the tightness of the due
    dates for `wtjsp`, and `first_jobs` leaves out the jobs after so many (Singer and Pinedo used
    ten jobs everywhere; their values for la21 to la24 are not those of the whole files).
    """
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [line for line in lines if line]
    if format_name in ("jsp", "wtjsp"):
        jobs = int(rows[0][0])
        shop = _read_jobs(rows, min(jobs, first_jobs or jobs))
        return shop if format_name == "jsp" else with_due_dates(shop, factor)
    shop = _read_flexible(rows)
    return shop if format_name == "fjsp" else _with_setups(shop, rows)


def _shop(machine_count: int, jobs: list[list[list[tuple[int, int]]]]) -> Shop:
    operations = [operation for job in jobs for operation in job]
    options = [option for operation in operations for option in operation]
    return Shop(
        machine_count=machine_count,
        job_start=np.cumsum([0, *map(len, jobs)]).astype(np.int32),
        option_start=np.cumsum([0, *map(len, operations)]).astype(np.int32),
        option_machine=np.array([machine for machine, _ in options], np.int32),
        option_duration=np.array([duration for _, duration in options], np.int32),
    )


def _read_jobs(rows: list[list[str]], job_count: int) -> Shop:
    machine_count = int(rows[0][1])
    numbers = [[int(word) for word in row] for row in rows[1 : job_count + 1]]
    jobs = [[[pair] for pair in zip(row[::2], row[1::2], strict=True)] for row in numbers]
    return _shop(machine_count, jobs)


def _read_flexible(rows: list[list[str]]) -> Shop:
    job_count, machine_count = int(rows[0][0]), int(rows[0][1])
    return _shop(machine_count, [_read_job(row) for row in rows[1 : job_count + 1]])


def _read_job(row: list[str]) -> list[list[tuple[int, int]]]:
    words = map(int, row)
    return [
        [(next(words) - 1, next(words)) for _ in range(next(words))] for _ in range(next(words))
    ]


def _with_setups(shop: Shop, rows: list[list[str]]) -> Shop:
    count = shop.operation_count
    numbers = [int(word) for row in rows[shop.job_count + 1 :] for word in row]
    matrix = np.array(numbers, np.int32).reshape(shop.machine_count, count, count)
    setups = np.zeros((shop.machine_count, count + 1, count + 1), np.int32)
    setups[:, :count, :count] = np.where(matrix >= 1_000_000, -1, matrix)
    return replace(shop, setups=setups)


def with_due_dates(shop: Shop, factor: float) -> Shop:
    """Due dates and weights by the rule of Singer and Pinedo (1999)."""
    jobs = shop.job_count
    work = np.add.reduceat(shop.fastest(), shop.job_start[:-1])
    rank = np.arange(jobs)
    weight = np.where(rank < jobs * 0.2, 4, np.where(rank < jobs * 0.8, 2, 1))
    due = np.floor(work * factor + 1e-9)
    return replace(shop, due=due.astype(np.int64), weight=weight.astype(np.int64))
