"""Tables of what is planned with: plants, calendars, resources, items and how they are made."""

from __future__ import annotations

from db.schema.columns import (
    amount,
    choice,
    day,
    flag,
    instant,
    link,
    make_table,
    numbers,
    only_one,
    ratio,
    rule,
    text,
    whole,
    words,
)
from domain.calendars import Calendar, Holiday, Overtime, Shift
from domain.items import BomLine, Item, ItemType, LotRule, Tracking
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
from domain.routings import BreakRule, RoutingMachine, RoutingOperation
from domain.units import UnitConversion

make_table(
    Plant,
    text("code", filled=True),
    text("name"),
    text("timezone", filled=True),
    flag("home"),
    whole("frozen_hours", "BETWEEN 0 AND 720"),
    only_one("home"),
    key=("code",),
)

make_table(
    Transfer,
    link("from_plant_id", Plant),
    link("to_plant_id", Plant),
    amount("minutes"),
    rule("plants", "from_plant_id <> to_plant_id"),
    key=("from_plant_id", "to_plant_id"),
)

make_table(Calendar, text("code", filled=True), key=("code",))

make_table(
    Shift,
    link("calendar_id", Calendar),
    whole("weekday", "BETWEEN 1 AND 7"),
    whole("start_minute", "BETWEEN 0 AND 1439"),
    whole("end_minute", "BETWEEN 0 AND 1440"),
    key=("calendar_id", "weekday", "start_minute"),
)

make_table(
    Holiday,
    link("calendar_id", Calendar),
    day("day_on"),
    whole("start_minute", "BETWEEN 0 AND 1439", null=True),
    whole("end_minute", "BETWEEN 0 AND 1440", null=True),
    rule("minutes", "(start_minute IS NULL) = (end_minute IS NULL)"),
    key=("calendar_id", "day_on", "start_minute"),
)

make_table(
    Overtime,
    link("calendar_id", Calendar),
    whole("weekday", "BETWEEN 1 AND 7"),
    whole("start_minute", "BETWEEN 0 AND 1439"),
    whole("end_minute", "BETWEEN 0 AND 1440"),
    amount("hourly_cost"),
    key=("calendar_id", "weekday", "start_minute"),
)

make_table(WorkCenter, text("code", filled=True), text("name"), key=("code",))

make_table(
    Machine,
    link("plant_id", Plant),
    text("code", filled=True),
    text("name"),
    link("work_center_id", WorkCenter, null=True),
    link("calendar_id", Calendar, null=True),
    amount("efficiency", "> 0"),
    amount("hourly_cost"),
    amount("batch_capacity", "> 0", null=True),
    key=("code",),
)

make_table(
    Operator,
    text("code", filled=True),
    text("name"),
    words("skills"),
    link("calendar_id", Calendar, null=True),
    amount("hourly_cost"),
    key=("code",),
)

make_table(
    Tool,
    text("code", filled=True),
    text("name"),
    whole("count", "BETWEEN 0 AND 1000"),
    key=("code",),
)

make_table(
    Downtime,
    link("machine_id", Machine),
    instant("start_at"),
    instant("end_at"),
    text("reason"),
    rule("interval", "end_at > start_at"),
    key=("machine_id", "start_at"),
)

make_table(
    Absence,
    link("operator_id", Operator),
    instant("start_at"),
    instant("end_at"),
    text("reason"),
    rule("interval", "end_at > start_at"),
    key=("operator_id", "start_at"),
)

make_table(
    Changeover,
    link("work_center_id", WorkCenter, null=True),
    link("machine_id", Machine, null=True),
    text("from_family", filled=True),
    text("to_family", filled=True),
    amount("minutes"),
    rule("place", "num_nonnulls(work_center_id, machine_id) = 1"),
    key=("work_center_id", "machine_id", "from_family", "to_family"),
)

make_table(
    Item,
    text("code", filled=True),
    text("name"),
    text("specification"),
    text("unit", filled=True),
    choice("type", ItemType),
    amount("lead_time_days"),
    choice("lot_rule", LotRule),
    amount("lot_size", "> 0", null=True),
    amount("minimum", null=True),
    amount("multiple", "> 0", null=True),
    amount("safety_stock"),
    ratio("scrap_ratio"),
    amount("standard_cost"),
    choice("tracking", Tracking),
    whole("shelf_life_days", null=True),
    text("family"),
    flag("may_buy"),
    amount("buying_surcharge"),
    key=("code",),
)

make_table(
    UnitConversion,
    link("item_id", Item),
    text("unit", filled=True),
    amount("factor", "> 0"),
    key=("item_id", "unit"),
)

make_table(
    BomLine,
    link("parent_id", Item),
    link("component_id", Item),
    whole("operation_number", null=True),
    amount("quantity", "> 0"),
    text("unit"),
    ratio("scrap_ratio"),
    day("valid_from_on", null=True),
    day("valid_to_on", null=True),
    rule("components", "parent_id <> component_id"),
    rule("validity", "valid_to_on >= valid_from_on"),
    key=("parent_id", "component_id", "operation_number"),
)


make_table(
    RoutingOperation,
    link("item_id", Item),
    whole("number"),
    text("name"),
    link("work_center_id", WorkCenter, null=True),
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
    text("routing"),
    whole("split_most", "BETWEEN 1 AND 100"),
    rule("after", "number > ALL (after)"),
    rule("max_wait", "max_wait_minutes >= wait_minutes"),
    key=("item_id", "routing", "number"),
)

make_table(
    RoutingMachine,
    link("routing_operation_id", RoutingOperation),
    link("machine_id", Machine),
    amount("speed", "> 0"),
    whole("position"),
    key=("routing_operation_id", "machine_id"),
)
