"""How an item is made: its routing, operation by operation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from domain.changes import Row


class BreakRule(StrEnum):
    """What happens to an operation when its machine's working time stops."""

    PAUSE = "pause"
    FIT = "fit"


MOST_PARTS = 100
"""No operation may be cut into more parts."""

MAIN = ""
"""Name of the routing by which an item is made unless told otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutingOperation(Row):
    """A step of an item's routing.

    It runs on any machine of ``work_center_id``, or on the machines its RoutingMachine rows name,
    or on none at all for ``subcontract_days`` elapsed days. ``wait_minutes`` is elapsed time
    after it before the next may start; ``transfer_batch`` None hands over the whole quantity.
    It holds ``tools`` units of ``tool_id`` (None: no tool) as long as it has its machine.
    From its end to the start of the next no more than ``max_wait_minutes`` may pass (None: any
    time). ``after`` names the steps that it follows, by smaller numbers than its own: None is the
    one before it, empty none at all, several are awaited together. One unit takes ``load`` of the
    capacity of a machine that runs several operations together; there the run minutes are those of
    one run, whatever the quantity.

    ``routing`` names the way of making the item that the step belongs to, '' being the main one.
    ``split_most`` is how many parts of the quantity may be made at the same time, 1: no split.
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
    tool_id: UUID | None = None
    tools: int = 1
    max_wait_minutes: Decimal | None = None
    after: tuple[int, ...] | None = None
    load: Decimal = Decimal(1)
    routing: str = MAIN
    split_most: int = 1


def after_text(after: tuple[int, ...] | None) -> str:
    """The steps that one follows, as people write them: ``10, 20``; ``0``: none; empty: usual."""
    if after is None:
        return ""
    return ", ".join(str(number) for number in after) or "0"


def after_from(text: str) -> tuple[int, ...] | None:
    """The steps that such a text names, each once, in order.

    Raises:
        ValueError: it is no list of step numbers.
    """
    parts = {int(part) for part in re.split(r"[\s,;、，；]+", text) if part}
    return tuple(sorted(parts - {0})) if parts else None


class _Step(Protocol):
    """A step of a routing, or of a work order made by it."""

    @property
    def number(self) -> int: ...

    @property
    def after(self) -> tuple[int, ...] | None: ...


Step = TypeVar("Step", bound=_Step)


def followed_by(steps: Sequence[Step]) -> list[list[Step]]:
    """What each step follows directly; the steps are given, and returned, by number.

    Steps of one number are parts of one operation: they follow the same, and all are followed.
    """
    found: list[list[Step]] = []
    before: list[Step] = []
    same: list[Step] = []
    for at, step in enumerate(steps):
        if same and same[-1].number != step.number:
            before, same = same, []
        same.append(step)
        if step.after is None:
            found.append(list(before))
        else:
            found.append([other for other in steps[:at] if other.number in step.after])
    return found


def last_steps(steps: Sequence[Step]) -> list[Step]:
    """The steps that no other follows: with them the work is done; given by number."""
    left = {before.number for befores in followed_by(steps) for before in befores}
    return [step for step in steps if step.number not in left]


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutingMachine(Row):
    """A machine that may do a routing operation, at ``speed`` of the routing's (0.8 = slower).

    ``position`` keeps the order in which the planner named the machines.
    """

    routing_operation_id: UUID
    machine_id: UUID
    speed: Decimal = Decimal(1)
    position: int = 0
