"""An independent reading of a plan's files: the workbook and schedule.csv, nothing of the program.

It knows working time, run time, setup, breaks, the order of operations, and that a machine and a
person do one thing at a time (rules 1 to 6 of the factory workbook). Samples only: headings hold
their English name after the Chinese one, cells hold dates and numbers as such.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any

import openpyxl

Bar = dict[str, Any]
MINUTE = timedelta(minutes=1)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_schedule(path: Path) -> list[Bar]:
    """The bars, with times as datetimes and numbers as numbers."""
    bars: list[Bar] = list(read_csv(path))
    for bar in bars:
        for name in ("setup_start", "run_start", "end"):
            bar[name] = datetime.fromisoformat(bar[name])
        bar["operation"] = int(bar["operation"])
        bar["quantity"] = Decimal(bar["quantity"])
    return bars


class Book:
    """What the workbook says about time, machines and routings."""

    def __init__(self, path: Path) -> None:
        self._book = openpyxl.load_workbook(path)
        self.machines = {row["code"]: row for row in self._rows("Machines")}
        self.families = {row["code"]: row["family"] for row in self._rows("Items")}
        self.steps = {(row["item"], int(row["operation"])): row for row in self._rows("Routings")}
        self.shifts = list(self._rows("Calendars"))
        self.holidays = list(self._rows("Holidays"))
        self.downtime = list(self._rows("Downtime"))
        self.changeovers = {
            (row["work center or machine"], row["from family"], row["to family"]): row["minutes"]
            for row in self._rows("Changeovers")
        }
        self._open: dict[str, list[tuple[datetime, datetime]]] = {}

    def _rows(self, name: str) -> Iterator[dict[str, Any]]:
        title = next((t for t in self._book.sheetnames if t.endswith(name)), None)
        if title is None:
            return
        head, *rows = self._book[title].iter_rows(values_only=True)
        names = [re.sub(r"^\S+ ", "", str(cell)) for cell in head]
        for row in rows:
            yield dict(zip(names, row, strict=False))

    def speed(self, step: dict[str, Any], machine: str) -> Decimal:
        """Efficiency of the machine times its speed in this step."""
        named = re.search(rf"(?:^|;){re.escape(machine)}\*([\d.]+)", step["machines"] or "")
        own = Decimal(str(self.machines[machine]["efficiency"] or 1))
        return own * Decimal(named[1] if named else 1)

    def run_minutes(self, step: dict[str, Any], quantity: Decimal, machine: str) -> int:
        return ceil(quantity * Decimal(str(step["run minutes"] or 0)) / self.speed(step, machine))

    def can_run(self, step: dict[str, Any], machine: str) -> bool:
        if step["machines"]:
            return machine in re.split(r"\*[\d.]+;?|;", step["machines"])
        return self.machines[machine]["work center"] == step["work center"]

    def setup_minutes(self, machine: str, before: Bar | None, bar: Bar) -> int:
        """Rule 3."""
        step = self.steps[bar["item"], bar["operation"]]
        own = int(step["setup minutes"] or 0)
        if before is None:
            return own
        came, goes = self.families[before["item"]], self.families[bar["item"]]
        for place in (machine, self.machines[machine]["work center"]):
            for pair in ((came, goes), (came, "*"), ("*", goes), ("*", "*")):
                minutes = self.changeovers.get((place, *pair))
                if minutes is not None:
                    return int(minutes)
        is_same = (before["item"], before["operation"]) == (bar["item"], bar["operation"])
        return 0 if is_same else own

    def intervals(self, machine: str, begin: datetime, end: datetime) -> list[Any]:
        """Working time within [begin, end), neighbours joined."""
        if machine not in self._open:
            self._open[machine] = list(self._working(machine))
        cut = ((max(a, begin), min(b, end)) for a, b in self._open[machine])
        return [(a, b) for a, b in cut if a < b]

    def worked(self, machine: str, begin: datetime, end: datetime) -> int:
        return sum((b - a) // MINUTE for a, b in self.intervals(machine, begin, end))

    @cached_property
    def _days(self) -> list[date]:
        return [date(2026, 11, 30) + timedelta(days=at) for at in range(200)]

    def _working(self, machine: str) -> Iterator[tuple[datetime, datetime]]:
        joined: list[tuple[datetime, datetime]] = []
        for a, b in sorted(self._shift_times(self.machines[machine]["calendar"])):
            if joined and a <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
            else:
                joined.append((a, b))
        stops = [(r["start"], r["end"]) for r in self.downtime if r["machine"] == machine]
        for a, b in joined:
            yield from _less(a, b, stops)

    def _shift_times(self, calendar: str | None) -> Iterator[tuple[datetime, datetime]]:
        if not calendar:
            yield datetime.combine(self._days[0], time()), datetime.combine(self._days[-1], time())
        for day in self._days:
            special = [
                r for r in self.holidays if r["calendar"] == calendar and r["date"].date() == day
            ]
            usual = [
                r
                for r in self.shifts
                if r["calendar"] == calendar and _falls_on(str(r["weekday"]), day.isoweekday())
            ]
            for row in special or usual:
                if row["start"] is not None:
                    yield _span(day, row["start"], row["end"])


def _falls_on(weekdays: str, day: int) -> bool:
    first, _, last = weekdays.partition("-")
    return int(first) <= day <= int(last or first)


def _span(day: date, start: time, end: time | str) -> tuple[datetime, datetime]:
    begin = datetime.combine(day, start)
    finish = datetime.combine(day, time()) if end == "24:00" else datetime.combine(day, end)
    return begin, finish if finish > begin else finish + timedelta(days=1)


def _less(a: datetime, b: datetime, stops: Iterable[Any]) -> Iterator[tuple[datetime, datetime]]:
    for start, end in sorted(stops):
        if start < b and end > a:
            if a < start:
                yield a, start
            a = min(b, max(a, end))
    if a < b:
        yield a, b


def complaints(book: Book, bars: list[Bar], now: datetime) -> Iterator[str]:
    """Every rule that the schedule breaks."""
    by_machine, by_person = defaultdict(list), defaultdict(list)
    for bar in bars:
        by_machine[bar["machine"]].append(bar)
        for person in filter(None, bar["operators"].split(";")):
            by_person[person].append(bar)
        yield from _of_one_bar(book, bar, now)
    for who, held in [*by_machine.items(), *by_person.items()]:
        held.sort(key=lambda bar: (bar["setup_start"], bar["end"]))
        for before, after in itertools.pairwise(held):
            if who and after["setup_start"] < before["end"]:
                yield f"{who}: {_name(before)} and {_name(after)} overlap"
    for machine, held in by_machine.items():
        for before, bar in zip([None, *held], held, strict=False):
            if not machine:
                continue
            wanted = book.setup_minutes(machine, before, bar)
            if book.worked(machine, bar["setup_start"], bar["run_start"]) != wanted:
                yield f"{_name(bar)}: setup is not {wanted}"
    yield from _sequences(book, bars)


def _of_one_bar(book: Book, bar: Bar, now: datetime) -> Iterator[str]:
    step, machine = book.steps[bar["item"], bar["operation"]], bar["machine"]
    if bar["setup_start"] < now:
        yield f"{_name(bar)}: starts before now"
    if step["subcontract days"]:
        if bar["end"] - bar["run_start"] != timedelta(days=step["subcontract days"]) or machine:
            yield f"{_name(bar)}: is not {step['subcontract days']} days away"
        return
    if not book.can_run(step, machine):
        yield f"{_name(bar)}: {machine} cannot do it"
        return
    run = book.run_minutes(step, bar["quantity"], machine)
    if book.worked(machine, bar["run_start"], bar["end"]) != run:
        yield f"{_name(bar)}: does not run {run} minutes"
    for at in (bar["setup_start"], bar["run_start"], bar["end"] - MINUTE):
        if run and not book.worked(machine, at, at + MINUTE):
            yield f"{_name(bar)}: {machine} does not work at {at}"
    whole = book.intervals(machine, bar["setup_start"], bar["end"])
    if step["break rule"] == "不可中断" and len(whole) > 1:
        yield f"{_name(bar)}: is interrupted"
    crew = int(step["operators"] or 1) if step["skill"] else 0
    if len([name for name in bar["operators"].split(";") if name]) != crew:
        yield f"{_name(bar)}: has not {crew} operators"


def _sequences(book: Book, bars: list[Bar]) -> Iterator[str]:
    """Rule 5."""
    orders: dict[str, list[Bar]] = defaultdict(list)
    for bar in bars:
        orders[bar["work_order"]].append(bar)
    for order in orders.values():
        order.sort(key=lambda bar: bar["operation"])
        item = order[0]["item"]
        if [bar["operation"] for bar in order] != sorted(n for i, n in book.steps if i == item):
            yield f"{order[0]['work_order']}: not every operation is planned"
        for before, after in itertools.pairwise(order):
            yield from _handed_over(book, before, after)


def _handed_over(book: Book, before: Bar, after: Bar) -> Iterator[str]:
    step = book.steps[before["item"], before["operation"]]
    wait = timedelta(minutes=int(step["wait minutes"] or 0))
    batch = step["transfer batch"]
    if not batch or batch >= before["quantity"] or not before["machine"]:
        if after["run_start"] < before["end"] + wait:
            yield f"{_name(after)}: starts before {_name(before)} has ended"
        return
    first = book.run_minutes(step, Decimal(str(batch)), before["machine"])
    if book.worked(before["machine"], before["run_start"], after["run_start"] - wait) < first:
        yield f"{_name(after)}: starts before its first batch is there"
    if after["end"] < before["end"] + wait:
        yield f"{_name(after)}: ends before {_name(before)}"


def _name(bar: Bar) -> str:
    return f"{bar['work_order']}/{bar['operation']}"
