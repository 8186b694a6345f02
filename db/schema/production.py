"""Tables of what is done about it: work orders, operations, planned orders, pegs, plans."""

from __future__ import annotations

from sqlalchemy import Column, Computed, Index, UniqueConstraint, Uuid, column
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint

from db.schema.columns import (
    amount,
    choice,
    day,
    flag,
    foreign_key,
    instant,
    link,
    links,
    make_table,
    minutes_total,
    numbers,
    only_one,
    reference,
    rule,
    text,
    whole,
)
from domain.items import Item
from domain.production import (
    DemandKind,
    Operation,
    Peg,
    PlannedOrder,
    SupplyKind,
    WorkOrder,
    WorkStatus,
)
from domain.resources import Machine, Plant, Tool
from domain.routings import BreakRule, RoutingOperation
from domain.scenarios import Booking, LockLevel, OvertimeShift, Scenario

make_table(
    WorkOrder,
    link("plant_id", Plant),
    text("number", filled=True),
    link("item_id", Item),
    amount("quantity", "> 0"),
    amount("good_quantity"),
    choice("status", WorkStatus),
    instant("earliest_start_at", null=True),
    instant("due_at", null=True),
    day("release_on", null=True),
    whole("priority", "BETWEEN 1 AND 9"),
    text("routing"),
    rule("good", "good_quantity <= quantity"),
    key=("plant_id", "number"),
)

make_table(
    Operation,
    link("plant_id", Plant),
    link("work_order_id", WorkOrder),
    link("routing_operation_id", RoutingOperation),
    whole("number"),
    text("name"),
    amount("setup_minutes"),
    amount("run_minutes"),
    amount("wait_minutes"),
    amount("transfer_batch", "> 0", null=True),
    text("skill"),
    whole("operators"),
    choice("break_rule", BreakRule),
    flag("inspection"),
    amount("subcontract_days", null=True),
    link("tool_id", Tool, null=True),
    whole("tools", "BETWEEN 1 AND 1000"),
    amount("max_wait_minutes", null=True),
    numbers("after", null=True),
    amount("load", "> 0"),
    whole("split_most", "BETWEEN 1 AND 100"),
    whole("part"),
    amount("quantity", "> 0", null=True),
    rule("after", "number > ALL (after)"),
    rule("max_wait", "max_wait_minutes >= wait_minutes"),
    key=("plant_id", "work_order_id", "number", "part"),
)

make_table(
    PlannedOrder,
    link("plant_id", Plant),
    text("number", filled=True),
    link("item_id", Item),
    amount("quantity", "> 0"),
    instant("order_at"),
    instant("due_at"),
    flag("firm"),
    rule("interval", "due_at >= order_at"),
    key=("plant_id", "number"),
)

# A peg names rows of several tables, and goes with the next MRP run: no foreign key on those.
_peg = make_table(
    Peg,
    link("plant_id", Plant),
    link("item_id", Item),
    choice("supply_kind", SupplyKind),
    reference("supply_id"),
    choice("demand_kind", DemandKind),
    reference("demand_id"),
    link("operation_id", Operation, null=True),
    amount("quantity", "> 0"),
)

make_table(
    Scenario,
    link("plant_id", Plant),
    text("name", filled=True),
    flag("published"),
    instant("now_at"),
    minutes_total("weighted_lateness"),
    minutes_total("lower_bound"),
    minutes_total("setup_minutes"),
    only_one("published", "plant_id"),
    # What bookings refer to: their flag cannot differ from their scenario's.
    (UniqueConstraint("plant_id", "id", "published", name="uq_scenario_published"),),
    key=("plant_id", "name"),
)

_booking = make_table(
    Booking,
    link("plant_id", Plant),
    (
        *reference("scenario_id"),
        foreign_key(
            "scenario_id",
            ("plant_id", "scenario_id", "published"),
            Scenario,
            ("plant_id", "id", "published"),
            on_update="CASCADE",
        ),
    ),
    link("operation_id", Operation),
    link("machine_id", Machine, null=True),
    instant("setup_start_at"),
    instant("run_start_at"),
    instant("end_at"),
    links("operator_ids"),
    choice("lock", LockLevel),
    flag("published"),
    rule("interval", "setup_start_at <= run_start_at AND run_start_at <= end_at"),
    (
        Column(
            "during", TSTZRANGE(), Computed("tstzrange(setup_start_at, end_at)", persisted=True)
        ),
        Column("batch_id", Uuid(), nullable=True),
        ExcludeConstraint(
            (column("plant_id"), "="),
            (column("machine_id"), "="),
            (column("during"), "&&"),
            # Those of one batch name its first booking and may overlap.
            (sql("COALESCE(batch_id, id)"), "<>"),
            using="gist",
            where=sql("published"),
            name="ex_machine",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index(
            "ix_booking_batch",
            "plant_id",
            "batch_id",
            postgresql_where=sql("batch_id IS NOT NULL"),
        ),
    ),
    key=("plant_id", "scenario_id", "operation_id"),
)

make_table(
    OvertimeShift,
    link("plant_id", Plant),
    (
        *reference("scenario_id"),
        foreign_key(
            "scenario_id",
            ("plant_id", "scenario_id", "published"),
            Scenario,
            ("plant_id", "id", "published"),
            on_update="CASCADE",
        ),
    ),
    link("machine_id", Machine),
    instant("start_at"),
    instant("end_at"),
    amount("cost"),
    flag("published"),
    rule("interval", "start_at < end_at"),
    (
        Column("during", TSTZRANGE(), Computed("tstzrange(start_at, end_at)", persisted=True)),
        ExcludeConstraint(
            (column("plant_id"), "="),
            (column("scenario_id"), "="),
            (column("machine_id"), "="),
            (column("during"), "&&"),
            using="gist",
            name="ex_machine",
            deferrable=True,
            initially="DEFERRED",
        ),
    ),
    key=("plant_id", "scenario_id", "machine_id", "start_at"),
)

# What deleting an operation looks for.
Index("ix_booking_operation", _booking.c.plant_id, _booking.c.operation_id)
Index("ix_peg_operation", _peg.c.plant_id, _peg.c.operation_id)
