"""What can go wrong between a client and the database; the user's text is made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.changes import Row


class StoreError(Exception):
    """The database could not be reached, or did not do what was asked.

    ``code`` names the reason (``error.<code>`` is its text in the catalogue); ``params`` fill it.
    """

    def __init__(self, code: str, **params: object) -> None:
        shown = ", ".join(f"{name}={value}" for name, value in params.items())
        super().__init__(f"{code} ({shown})" if shown else code)
        self.code = code
        self.params: Mapping[str, object] = params


class RowKind(StrEnum):
    """A kind of row, by its table, for an error to name in the user's words."""

    PLANT = "plant"
    TRANSFER = "transfer"
    CALENDAR = "calendar"
    SHIFT = "shift"
    HOLIDAY = "holiday"
    OVERTIME = "overtime"
    WORK_CENTER = "work_center"
    MACHINE = "machine"
    OPERATOR = "operator"
    TOOL = "tool"
    DOWNTIME = "downtime"
    ABSENCE = "absence"
    CHANGEOVER = "changeover"
    ITEM = "item"
    UNIT_CONVERSION = "unit_conversion"
    BOM_LINE = "bom_line"
    ROUTING_OPERATION = "routing_operation"
    ROUTING_MACHINE = "routing_machine"
    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    ORDER_LINE = "order_line"
    PURCHASE_LINE = "purchase_line"
    STOCK = "stock"
    WORK_ORDER = "work_order"
    OPERATION = "operation"
    PLANNED_ORDER = "planned_order"
    PEG = "peg"
    SCENARIO = "scenario"
    BOOKING = "booking"
    OVERTIME_SHIFT = "overtime_shift"
    OBJECTIVE_PROFILE = "objective_profile"


@dataclass(frozen=True, slots=True)
class Clash:
    """A row that was no longer what a change took it for.

    ``current`` is what it is now, None if it is gone; ``who`` and ``at`` tell its last change, None
    where the audit trail knows of none.
    """

    kind: type[Row]
    row_id: UUID
    current: Row | None
    who: str | None
    at: datetime | None


class Conflict(StoreError):
    """Somebody else changed rows of a change set first; nothing of it was written."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        last = max(clashes, key=lambda clash: (clash.at is not None, clash.at))
        super().__init__("conflict", count=len(clashes), who=last.who or "?", at=last.at)
        self.clashes = tuple(clashes)
