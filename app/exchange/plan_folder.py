"""All files of a plan in one folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from app.exchange.gantt_image import write_gantt_image
from app.exchange.plan_files import write_all, write_csv, write_plan_workbook
from app.exchange.plan_tables import OVERTIME, plan_tables
from app.exchange.travellers import write_travellers
from domain.plan import Plan
from domain.production import WorkOrder
from domain.scenarios import Booking
from domain.scheduling.lateness import LineLateness, order_lateness


def write_plan(folder: Path, factory: Plan, now_at: datetime) -> list[LineLateness]:
    """Write every file of a plan to a folder; returns the lateness it shows."""
    zone = ZoneInfo(factory.home_plant().timezone)
    scenario = factory.published()
    bookings = [] if scenario is None else factory.where(Booking, scenario_id=scenario.id)
    lateness = order_lateness(factory, bookings, now_at)
    tables = plan_tables(factory, bookings, lateness, zone)
    orders = sorted(factory.table(WorkOrder).values(), key=lambda order: order.number)
    folder.mkdir(parents=True, exist_ok=True)
    if not any(table.name == OVERTIME for table in tables):
        (folder / f"{OVERTIME}.csv").unlink(missing_ok=True)  # that of an earlier plan
    steps: list[tuple[Path, Callable[[Path], object]]] = [
        (folder / f"{table.name}.csv", partial(write_csv, table=table)) for table in tables
    ]
    steps += [
        (folder / "plan.xlsx", partial(write_plan_workbook, tables=tables)),
        (
            folder / "gantt.png",
            lambda path: write_gantt_image(path, factory, bookings, now_at, lateness),
        ),
        (
            folder / "work_orders.pdf",
            lambda path: write_travellers(path, factory, orders, bookings, zone),
        ),
    ]
    write_all(steps)
    return lateness
