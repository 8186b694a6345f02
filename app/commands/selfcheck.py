"""``gantry --self-check``: is everything there that the program needs? Made for the frozen one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from db.errors import StoreError
from domain.changes import Row
from domain.errors import DomainError
from widgets.text import LANGUAGES, RESOURCES, catalogue, error_text, tr


def self_check() -> int:
    """Try every part once and say how it went; 0 if all of them work."""
    checks: dict[str, Callable[[], str]] = {
        "texts": _texts,
        "fonts": _fonts,
        "solver": _solver,
        "window": _window,
        "server": _server,
    }
    failures = 0
    for name, check in checks.items():
        try:
            print(tr("cli.check_passed", what=tr(f"cli.check.{name}"), detail=check()))
        except (DomainError, StoreError) as error:
            failures += 1
            print(tr("cli.check_failed", what=tr(f"cli.check.{name}"), detail=error_text(error)))
        except (OSError, ImportError, RuntimeError, ValueError) as error:
            failures += 1
            print(tr("cli.check_failed", what=tr(f"cli.check.{name}"), detail=error))
    return 1 if failures else 0


def _texts() -> str:
    # A plural of its own is an English matter.
    keys = [{k for k in catalogue(each) if not k.endswith(".one")} for each in LANGUAGES]
    if missing := set.union(*keys) - set.intersection(*keys):
        raise ValueError(", ".join(sorted(missing)))
    return str(len(keys[0]))


def _fonts() -> str:
    from app.exchange.barcodes import Barcode
    from app.exchange.travellers import register_font

    register_font()
    Barcode("WO-000001-10", 10, linear=True)
    return (RESOURCES / "fonts" / "NotoSansSC-Regular.ttf").name


def _solver() -> str:
    """Plan one operation on one machine in a process of its own, as every plan is."""
    from app.plan_run import PlanRequest
    from app.solving import PlanningProcess

    with PlanningProcess() as process:
        request = PlanRequest(datetime(2026, 12, 1, tzinfo=UTC), seconds=1, workers=1)
        last = process.run(_smallest_factory(), request, lambda _message: None)
    if last.error is not None:
        raise last.error
    if last.changes is None:
        raise DomainError("plan_missing")
    return tr("cli.check_rows", count=len(last.changes))


def _smallest_factory() -> list[Row]:
    from domain.items import Item
    from domain.orders import OrderLine
    from domain.resources import Machine, Plant
    from domain.routings import RoutingMachine, RoutingOperation

    plant = Plant(id=uuid4(), code="P1", home=True)
    machine = Machine(id=uuid4(), plant_id=plant.id, code="M1")
    item = Item(id=uuid4(), code="A")
    step = RoutingOperation(id=uuid4(), item_id=item.id, number=10, run_minutes=Decimal(1))
    choice = RoutingMachine(id=uuid4(), routing_operation_id=step.id, machine_id=machine.id)
    line = OrderLine(
        id=uuid4(),
        plant_id=plant.id,
        order_number="1",
        line="1",
        item_id=item.id,
        quantity=Decimal(1),
        unit="pcs",
        due_on=date(2026, 12, 2),
    )
    return [plant, machine, item, step, choice, line]


def _window() -> str:
    from PySide6.QtCore import qVersion
    from PySide6.QtSvg import QSvgRenderer

    if not QSvgRenderer(str(next((RESOURCES / "icons").glob("*.svg")))).isValid():
        raise ValueError("icons")
    return f"Qt {qVersion()}"


def _server() -> str:
    """Make a server in a folder of its own, reach it, and take it away again."""
    from db.embedded import EmbeddedServer
    from db.migrate import upgrade

    with tempfile.TemporaryDirectory(prefix="gantry-check-") as folder:
        server = EmbeddedServer(Path(folder))
        try:
            upgrade(server.start())
            return f"PostgreSQL {server.status().version}"
        finally:
            server.destroy()
