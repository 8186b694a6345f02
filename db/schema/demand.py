"""Tables of what is wanted, on its way and there: orders, purchases, stock."""

from __future__ import annotations

from db.schema.columns import amount, choice, day, flag, instant, link, make_table, text, whole
from domain.inventory import Stock
from domain.items import Item
from domain.orders import Customer, OrderLine, OrderStatus, PurchaseLine, Supplier
from domain.resources import Plant

make_table(
    Customer,
    text("code", filled=True),
    text("name"),
    text("customer_class"),
    amount("credit_limit", null=True),
    text("channel"),
    key=("code",),
)

make_table(Supplier, text("code", filled=True), text("name"), key=("code",))

make_table(
    OrderLine,
    link("plant_id", Plant),
    text("order_number", filled=True),
    text("line"),
    link("customer_id", Customer, null=True),
    link("item_id", Item),
    amount("quantity", "> 0"),
    text("unit"),
    day("due_on"),
    whole("priority", "BETWEEN 1 AND 9"),
    amount("price", null=True),
    instant("earliest_start_at", null=True),
    text("channel"),
    choice("status", OrderStatus),
    text("note"),
    flag("must_finish"),
    key=("plant_id", "order_number", "line"),
)

make_table(
    PurchaseLine,
    link("plant_id", Plant),
    text("order_number", filled=True),
    text("line"),
    link("supplier_id", Supplier, null=True),
    link("item_id", Item),
    amount("quantity", "> 0"),
    text("unit"),
    day("due_on"),
    amount("price", null=True),
    key=("plant_id", "order_number", "line"),
)

make_table(
    Stock,
    link("plant_id", Plant),
    link("item_id", Item),
    text("warehouse"),
    text("location"),
    text("lot"),
    amount("quantity"),
    text("unit"),
    day("received_on", null=True),
    day("expires_on", null=True),
    amount("unit_cost", null=True),
    key=("plant_id", "item_id", "warehouse", "location", "lot"),
)
