"""What people want to change, as change sets; what the factory's rules do not allow is refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from uuid import UUID

from domain.batches import new_leaders
from domain.calendars import Calendar, Holiday, Overtime, Shift
from domain.changes import Change, ChangeSet, Row
from domain.errors import RuleViolation
from domain.inventory import Stock
from domain.items import BomLine, Item
from domain.objectives import ObjectiveProfile, check_profile
from domain.orders import Customer, OrderLine, OrderStatus, PurchaseLine, Supplier
from domain.plan import ROW_TYPES, Plan
from domain.production import Operation, Peg, PlannedOrder, WorkOrder, WorkStatus
from domain.resources import (
    Absence,
    Changeover,
    Downtime,
    Machine,
    Operator,
    Plant,
    Tool,
    Transfer,
    WorkCenter,
)
from domain.routings import RoutingMachine, RoutingOperation
from domain.row_rules import check_row
from domain.scenarios import Booking, LockLevel, OvertimeShift, Scenario
from domain.units import UnitConversion

_Reference = tuple[type[Row], str]

# Rows that make no sense without the one they refer to: they go with it.
_OWNED: dict[type[Row], tuple[_Reference, ...]] = {
    Plant: ((Transfer, "from_plant_id"), (Transfer, "to_plant_id")),
    Calendar: (
        (Shift, "calendar_id"),
        (Holiday, "calendar_id"),
        (Overtime, "calendar_id"),
    ),
    WorkCenter: ((Changeover, "work_center_id"),),
    Machine: (
        (Downtime, "machine_id"),
        (Changeover, "machine_id"),
        (OvertimeShift, "machine_id"),
    ),
    Operator: ((Absence, "operator_id"),),
    Item: ((BomLine, "parent_id"), (RoutingOperation, "item_id"), (UnitConversion, "item_id")),
    RoutingOperation: ((RoutingMachine, "routing_operation_id"),),
    OrderLine: ((Peg, "demand_id"),),
    PurchaseLine: ((Peg, "supply_id"),),
    Stock: ((Peg, "supply_id"),),
    WorkOrder: ((Operation, "work_order_id"), (Peg, "supply_id"), (Peg, "demand_id")),
    PlannedOrder: ((Peg, "supply_id"), (Peg, "demand_id")),
    Operation: ((Booking, "operation_id"), (Peg, "operation_id")),
    Scenario: ((Booking, "scenario_id"), (OvertimeShift, "scenario_id")),
}

# Rows that would lose something they need: they forbid that it goes.
_USERS: dict[type[Row], tuple[_Reference, ...]] = {
    Plant: ((Machine, "plant_id"), (OrderLine, "plant_id"), (WorkOrder, "plant_id")),
    Calendar: ((Machine, "calendar_id"), (Operator, "calendar_id")),
    WorkCenter: ((Machine, "work_center_id"), (RoutingOperation, "work_center_id")),
    Machine: ((RoutingMachine, "machine_id"), (Booking, "machine_id")),
    Tool: ((RoutingOperation, "tool_id"), (Operation, "tool_id")),
    Item: (
        (BomLine, "component_id"),
        (OrderLine, "item_id"),
        (PurchaseLine, "item_id"),
        (Stock, "item_id"),
        (WorkOrder, "item_id"),
        (PlannedOrder, "item_id"),
    ),
    RoutingOperation: ((Operation, "routing_operation_id"),),
    Customer: ((OrderLine, "customer_id"),),
    Supplier: ((PurchaseLine, "supplier_id"),),
}


def edit_field(plan: Plan, row: Row, name: str, value: object) -> ChangeSet:
    """Set one field of a row.

    Raises:
        RuleViolation: see ``check_row``; ``field_fixed`` for ids and versions.
    """
    return edit_fields(plan, [(row, name, value)])


def edit_fields(plan: Plan, edits: Iterable[tuple[Row, str, object]]) -> ChangeSet:
    """Set fields of several rows as one change: a pasted block, a multi-row edit.

    Each row is checked as it is after all its fields are set; what changes nothing is left out.

    Raises:
        RuleViolation: as ``edit_field``; nothing is changed then.
    """
    before: dict[UUID, Row] = {}
    after: dict[UUID, Row] = {}
    for row, name, value in edits:
        known = {field.name for field in fields(row)} - {"id", "row_version", "plant_id"}
        if name not in known:
            raise RuleViolation("field_fixed", row.id, field=name)
        before.setdefault(row.id, row)
        after[row.id] = replace(after.get(row.id, row), **{name: value})
    changed = [row for key, row in after.items() if row != before[key]]
    for row in changed:
        check_row(plan, row)
    changes = tuple(Change.update(before[row.id], row) for row in changed)
    name = name_of(changed[0]) if len(changed) == 1 else ""
    label = "edit_row" if len(changed) == 1 else "edit_rows"
    return ChangeSet(label, changes, {"name": name, "count": len(changes)})


def add_row(plan: Plan, row: Row) -> ChangeSet:
    """Enter a new row.

    Raises:
        RuleViolation: see ``check_row``.
    """
    check_row(plan, row)
    return ChangeSet("add_row", (Change.insert(row),), {"name": name_of(row)})


def set_status(lines: Iterable[OrderLine], status: OrderStatus) -> ChangeSet:
    """Confirm order lines, or take them back to draft: only confirmed ones are planned."""
    changes = tuple(
        Change.update(line, replace(line, status=status)) for line in lines if line.status != status
    )
    return ChangeSet("set_status", changes, {"count": len(changes), "status": status})


def set_lock(bookings: Iterable[Booking], lock: LockLevel) -> ChangeSet:
    """Pin bookings, or free them."""
    changes = tuple(
        Change.update(booking, replace(booking, lock=lock))
        for booking in bookings
        if booking.lock != lock
    )
    return ChangeSet("set_lock", changes, {"count": len(changes), "lock": lock})


def publish(plan: Plan, scenario: Scenario) -> ChangeSet:
    """Make a scenario the plan that everybody works to; the one before it stays as a draft."""
    changes: list[Change] = []
    for other in plan.where(Scenario, plant_id=scenario.plant_id, published=True):
        if other.id != scenario.id:
            changes += _set_published(plan, other, published=False)
    if not scenario.published:
        changes += _set_published(plan, scenario, published=True)
    return ChangeSet("publish_plan", tuple(changes), {"name": scenario.name})


def _set_published(plan: Plan, scenario: Scenario, *, published: bool) -> Iterable[Change]:
    yield Change.update(scenario, replace(scenario, published=published))
    for booking in plan.where(Booking, scenario_id=scenario.id):
        if booking.published != published:
            yield Change.update(booking, replace(booking, published=published))
    for shift in plan.where(OvertimeShift, scenario_id=scenario.id):
        if shift.published != published:
            yield Change.update(shift, replace(shift, published=published))


def delete_rows(plan: Plan, rows: Sequence[Row]) -> ChangeSet:
    """Delete rows and what belongs to them, if nothing else needs them.

    Raises:
        RuleViolation: ``row_in_use`` (by what), ``plan_published`` for the published scenario.
    """
    gone: dict[UUID, Row] = {}
    open_rows = list(rows)
    while open_rows:
        row = open_rows.pop()
        if row.id in gone:
            continue
        if isinstance(row, Scenario) and row.published:
            raise RuleViolation("plan_published", row.id, name=row.name)
        gone[row.id] = row
        for kind, field in _OWNED.get(type(row), ()):
            open_rows += plan.where(kind, **{field: row.id})
    for row in gone.values():
        _refuse_if_used(plan, row, gone)
    order = {kind: at for at, kind in enumerate(ROW_TYPES)}
    ordered = sorted(gone.values(), key=lambda row: -order[type(row)])
    params = {"count": len(rows), "name": name_of(rows[0]) if rows else ""}
    label = "delete_row" if len(rows) == 1 else "delete_rows"
    deletes = tuple(Change.delete(row) for row in ordered)
    return ChangeSet(label, deletes + new_leaders(plan, deletes), params)


def _refuse_if_used(plan: Plan, row: Row, gone: dict[UUID, Row]) -> None:
    users: list[Row] = []
    for kind, field in _USERS.get(type(row), ()):
        users += plan.where(kind, **{field: row.id})
    if isinstance(row, Operator):
        users += [b for b in plan.table(Booking).values() if row.id in b.operator_ids]
    left = [user for user in users if user.id not in gone]
    if left:
        names = sorted({name_of(user) for user in left} - {""})
        params = {"name": name_of(row), "by": ", ".join(names[:5]), "count": len(left)}
        raise RuleViolation("row_in_use", row.id, *(user.id for user in left), **params)


def name_of(row: Row) -> str:
    """How people call a row: its label, number, code or name; empty where it has none."""
    for field in ("label", "number", "code", "name"):
        value = getattr(row, field, None)
        if isinstance(value, str | int) and value != "":
            return str(value)
    return ""


def firm(plan: Plan, rows: Iterable[WorkOrder | PlannedOrder]) -> ChangeSet:
    """Keep proposals as they are: the next MRP run plans around them."""
    changes: list[Change] = []
    for row in rows:
        present = plan.get(type(row), row.id)
        if isinstance(present, WorkOrder) and present.status is WorkStatus.PLANNED:
            changes.append(Change.update(present, replace(present, status=WorkStatus.FIRM)))
        elif isinstance(present, PlannedOrder) and not present.firm:
            changes.append(Change.update(present, replace(present, firm=True)))
    return ChangeSet("firm_orders", tuple(changes), {"count": len(changes)})


def again(plan: Plan, changes: ChangeSet) -> ChangeSet:
    """Make a change once more on rows that somebody else changed since: only its own fields.

    Raises:
        DomainError: ``row_missing`` if one of the rows is gone.
        RuleViolation: see ``check_row``.
    """
    renewed: list[Change] = []
    for change in changes:
        if change.before is None or change.after is None:
            renewed.append(change)
            continue
        present = plan.need(change.kind, change.row.id)
        own = {
            field.name: value
            for field in fields(change.after)
            if field.name not in ("id", "row_version")
            and (value := getattr(change.after, field.name)) != getattr(change.before, field.name)
        }
        wanted = replace(present, **own)
        check_row(plan, wanted)
        renewed.append(Change.update(present, wanted))
    return replace(changes, changes=tuple(renewed))


def clear_factory(plan: Plan) -> ChangeSet:
    """Take every row away but what planners want, to begin with a factory of one's own."""
    rows = [row for row in plan.rows() if not isinstance(row, ObjectiveProfile)]
    return ChangeSet("clear_factory", tuple(Change.delete(row) for row in reversed(rows)))


def save_profile(plan: Plan, profile: ObjectiveProfile) -> ChangeSet:
    """Add a profile, or change the one of its id.

    Raises:
        RuleViolation: as ``check_profile``.
    """
    check_profile(profile, plan.table(ObjectiveProfile).values())
    present = plan.get(ObjectiveProfile, profile.id)
    change = Change.insert(profile) if present is None else Change.update(present, profile)
    return ChangeSet("save_profile", (change,), {"name": profile.name})


def delete_profile(plan: Plan, profile: ObjectiveProfile) -> ChangeSet:
    """Take a profile away."""
    present = plan.need(ObjectiveProfile, profile.id)
    return ChangeSet("delete_profile", (Change.delete(present),), {"name": present.name})
