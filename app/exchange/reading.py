"""Reading a factory workbook: from the file to one change set, or to the list of its faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from uuid import UUID

from app.exchange.archive import ReadingStopped, WorkbookRefused
from app.exchange.assembly import Assembly
from app.exchange.consistency import consistency_faults
from app.exchange.faults import Fault
from app.exchange.grids import read_book
from app.exchange.records import Contents, Mapped, Skipped, iterate, read_records, sheet_of
from app.exchange.rows import assemble
from app.exchange.sheets import (
    CALENDARS,
    ITEMS,
    MACHINES,
    ORDERS,
    ROUTINGS,
    SHEETS,
    Sheet,
)
from domain.changes import ChangeSet, Row, difference
from domain.plan import ROW_TYPES, Plan

NEEDED = (ITEMS, ORDERS)
NEEDED_TO_PLAN = (ITEMS, ORDERS, MACHINES, CALENDARS, ROUTINGS)

_READ_SHARE, _RECORDS_SHARE = 0.6, 0.8


@dataclass(slots=True)
class Count:
    """The rows of a sheet: new ones, changed ones, those that stay as they are."""

    new: int = 0
    changed: int = 0
    same: int = 0


@dataclass(slots=True)
class Reading:
    """What a workbook means for a plan.

    With any fault ``changes`` is empty: all or nothing. ``counts`` is by the sheet's English name;
    ``stopped``: the caller ended it.
    """

    changes: ChangeSet
    faults: list[Fault] = field(default_factory=list[Fault])
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    counts: dict[str, Count] = field(default_factory=dict[str, Count])
    stopped: bool = False


def read_workbook(
    path: Path,
    plan: Plan,
    *,
    new_id: Callable[[], UUID],
    today: date,
    mapping: Mapped | None = None,
    for_plan: bool = False,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Reading:
    """Read and check a workbook against ``plan``, which stays untouched.

    ``today`` gives a day without year its year; ``mapping`` names what unknown sheets and columns
    stand for; ``for_plan`` asks for every sheet that planning needs; ``progress`` hears the share
    done, 0 … 1. A sheet is not missed if the plan has such rows already. Files that cannot be read
    at all give a single fault.
    """
    mapping = mapping or {}
    reading = Reading(_nothing(path))

    def tick(share: float) -> None:
        if should_stop is not None and should_stop():
            raise ReadingStopped
        if progress is not None and share:
            progress(share)

    try:
        book = read_book(
            path,
            wanted=lambda title: sheet_of(title, mapping) is not None,
            progress=lambda share: tick(share * _READ_SHARE),
            should_stop=should_stop,
        )
        contents = read_records(book, mapping, today)
        tick(_RECORDS_SHARE)
        _read_contents(reading, contents, plan, new_id, NEEDED_TO_PLAN if for_plan else NEEDED)
        tick(1.0)
    except WorkbookRefused as refusal:
        reading.faults.append(Fault(refusal.code, value=path.name, params=refusal.params))
    except ReadingStopped:
        reading.stopped = True
    if reading.faults or reading.stopped:
        reading.changes = _nothing(path)
    return reading


def _nothing(path: Path) -> ChangeSet:
    return ChangeSet("import_workbook", (), {"file": path.name})


def _read_contents(
    reading: Reading,
    contents: Contents,
    plan: Plan,
    new_id: Callable[[], UUID],
    needed: tuple[Sheet, ...],
) -> None:
    reading.skipped = contents.skipped
    reading.faults = contents.faults
    if not contents.records:
        contents.faults.append(Fault("no_known_sheet"))
        return
    for sheet in needed:
        if sheet.name not in contents.records and not plan.table(sheet.kind):
            contents.unread.add(sheet.name)
            contents.faults.append(Fault("sheet_missing", params={"wanted": sheet}))
    assembly = assemble(plan, contents, new_id)
    assembly.home_plant()
    after = plan.copy()
    for row in assembly.rows.values():
        after.put(row)
    for row in assembly.before.values():
        if row.id not in assembly.rows:
            after.drop(type(row), row.id)
    contents.faults.extend(consistency_faults(assembly, after))
    contents.faults[:] = _in_the_files_words(contents)
    contents.faults.sort(key=_place(contents))
    found = difference("import_workbook", assembly.before.values(), _in_order(assembly))
    reading.changes = ChangeSet(found.label, found.changes, reading.changes.params)
    _count(reading, assembly, contents)


def _in_the_files_words(contents: Contents) -> list[Fault]:
    """Faults that call other sheets what the file calls them, whatever language is spoken."""
    titles = {record.sheet.name: record.title for record in iterate(contents)}

    def named(value: object) -> object:
        return titles.get(value.name, value) if isinstance(value, Sheet) else value

    return [
        replace(fault, params={name: named(value) for name, value in fault.params.items()})
        for fault in contents.faults
    ]


def _in_order(assembly: Assembly) -> list[Row]:
    """What is referred to comes before what refers to it."""
    rank = {kind: number for number, kind in enumerate(ROW_TYPES)}
    return sorted(assembly.rows.values(), key=lambda row: rank[type(row)])


def _place(contents: Contents) -> Callable[[Fault], tuple[int, int, int]]:
    titles = [record.title for record in iterate(contents)]
    order = {title: number for number, title in enumerate(dict.fromkeys(titles))}
    return lambda fault: (order.get(fault.sheet, -1), fault.row or 0, fault.index or 0)


def _count(reading: Reading, assembly: Assembly, contents: Contents) -> None:
    """A record is new if any of its rows is, changed if any of its rows changes."""
    touched: dict[int, str] = {}
    for change in reading.changes:
        record = assembly.origin.get(change.row.id)
        if record is not None:
            kind = "changed" if change.before is not None else "new"
            if touched.get(id(record)) != "new" or kind == "new":
                touched[id(record)] = kind
    for sheet in SHEETS:
        records = contents.records.get(sheet.name)
        if records is not None:
            kinds = [touched.get(id(record), "same") for record in records]
            reading.counts[sheet.name] = Count(
                kinds.count("new"), kinds.count("changed"), kinds.count("same")
            )
