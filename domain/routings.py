"""How an item is made: its routing, operation by operation."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.changes import Row


class BreakRule(StrEnum):
    """What happens to an operation when its machine's working time stops."""

    PAUSE = "pause"
    FIT = "fit"


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutingOperation(Row):
    """A step of an item's routing.

    It runs on any machine of ``work_center_id``, or on the machines its RoutingMachine rows name,
    or on none at all for ``subcontract_days`` elapsed days. ``wait_minutes`` is elapsed time
    after it before the next may start; ``transfer_batch`` None hands over the whole quantity.
    """

    item_id: UUID
    number: int
    name: str = ""
    work_center_id: UUID | None = None
    setup_minutes: Decimal = Decimal(0)
    run_minutes: Decimal = Decimal(0)
    wait_minutes: Decimal = Decimal(0)
    transfer_batch: Decimal | None = None
    skill: str = ""
    operators: int = 0
    break_rule: BreakRule = BreakRule.PAUSE
    inspection: bool = False
    subcontract_days: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutingMachine(Row):
    """A machine that may do a routing operation, at ``speed`` of the routing's (0.8 = slower).

    ``position`` keeps the order in which the planner named the machines.
    """

    routing_operation_id: UUID
    machine_id: UUID
    speed: Decimal = Decimal(1)
    position: int = 0
