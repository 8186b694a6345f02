"""``gantry import``, ``gantry export`` and ``gantry travellers``: files and the database."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from app.commands.reporting import show_reading
from app.config import Config
from app.exchange.mapping import remembered
from app.exchange.marking import mark_faults
from app.exchange.reading import read_workbook
from app.exchange.travellers import write_travellers
from app.exchange.writing import write_workbook
from app.login import open_database
from domain.plan import Plan
from domain.production import WorkOrder
from domain.scenarios import Booking
from widgets.text import language, tr

OK, FAILED = 0, 1


def import_file(args: argparse.Namespace, config: Config) -> int:
    """Import a workbook, all or nothing; with ``--check`` only say what it would do."""
    with closing(open_database(args.database, config)) as database:
        plan = database.store.load()
        reading = read_workbook(
            args.file,
            plan,
            new_id=uuid4,
            today=datetime.now().astimezone().date(),
            mapping=remembered(config.section("import.mapping")),
        )
        show_reading(reading)
        if reading.faults:
            if args.marked is not None:
                mark_faults(args.file, reading.faults, args.marked)
                print(tr("cli.marked_written", file=args.marked), file=sys.stderr)
        elif not args.check:
            database.store.write(reading.changes)
    if args.json:
        counts = {name: asdict(count) for name, count in reading.counts.items()}
        print(json.dumps({"faults": len(reading.faults), "sheets": counts}))
    return FAILED if reading.faults else OK


def export_file(args: argparse.Namespace, config: Config) -> int:
    """Write the whole database as a factory workbook in the user's language."""
    with closing(open_database(args.database, config)) as database:
        plan = database.store.load()
    write_workbook(plan, args.file, language())
    rows = sum(1 for _ in plan.rows())
    print(tr("cli.exported", file=args.file), file=sys.stderr)
    if args.json:
        print(json.dumps({"file": str(args.file), "rows": rows}))
    return OK


def print_travellers(args: argparse.Namespace, config: Config) -> int:
    """Write the travellers of the named work orders, or of all, as one PDF."""
    with closing(open_database(args.database, config)) as database:
        plan = database.store.load()
    orders = _chosen(plan, args.work_orders)
    if orders is None:
        return FAILED
    scenario = plan.published()
    bookings = [] if scenario is None else plan.where(Booking, scenario_id=scenario.id)
    zone = ZoneInfo(plan.home_plant().timezone)
    count = write_travellers(args.file, plan, orders, bookings, zone)
    print(tr("cli.travellers_written", count=count, file=args.file), file=sys.stderr)
    return OK


def _chosen(plan: Plan, numbers: list[str]) -> list[WorkOrder] | None:
    """The work orders of these numbers (all if none are given); None if one is unknown."""
    if not numbers:
        orders = sorted(plan.table(WorkOrder).values(), key=lambda order: order.number)
        if not orders:
            print(tr("cli.no_work_orders"), file=sys.stderr)
        return orders or None
    found: list[WorkOrder] = []
    for number in numbers:
        order = plan.one(WorkOrder, number=number)
        if order is None:
            print(tr("cli.work_order_unknown", number=number), file=sys.stderr)
            return None
        found.append(order)
    return found
