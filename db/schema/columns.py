"""The words the tables are written in: columns with the checks that belong to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    column,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from domain.changes import Row
from domain.inventory import Stock
from domain.orders import OrderLine, PurchaseLine
from domain.production import Operation, Peg, PlannedOrder, WorkOrder
from domain.scenarios import Booking, OvertimeShift, Scenario

SCHEMA = "gantry"
metadata = MetaData(schema=SCHEMA)

# The table of every kind of row. Filled by the modules of this package.
TABLES: dict[type[Row], Table] = {}

# Rows of a plant's daily work: their keys lead with the plant.
OPERATIONAL: frozenset[type[Row]] = frozenset(
    {
        OrderLine,
        PurchaseLine,
        Stock,
        WorkOrder,
        Operation,
        PlannedOrder,
        Peg,
        Scenario,
        Booking,
        OvertimeShift,
    }
)

# Columns the database keeps for itself: `entered` is the order in which rows came in, so that a
# planner's list comes back in the planner's order.
OWN_COLUMNS = frozenset({"entered", "during"})

Items = tuple[SchemaItem, ...]


def table_name(kind: type[Row]) -> str:
    """``OrderLine`` → ``order_line``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def _column(name: str, kind: TypeEngine[Any], rule: str, null: bool) -> Items:
    made = Column(name, kind, nullable=null)
    return (made, CheckConstraint(rule, name=f"ck_{name}")) if rule else (made,)


def text(name: str, *, filled: bool = False) -> Items:
    """Text, never null; ``filled``: not blank either."""
    return _column(name, Text(), f"btrim({name}) <> ''" if filled else "", null=False)


def amount(name: str, rule: str = ">= 0", *, null: bool = False) -> Items:
    """An exact number that obeys ``rule``; not infinite, nor NaN, which sorts last."""
    bounds = f"{name} {rule} AND {name} < 'Infinity'::numeric"
    return _column(name, Numeric(), bounds, null)


def ratio(name: str) -> Items:
    """A share, at least 0 and below 1."""
    return _column(name, Numeric(), f"{name} >= 0 AND {name} < 1", null=False)


def whole(name: str, rule: str = ">= 0", *, null: bool = False) -> Items:
    """A whole number that obeys ``rule``."""
    return _column(name, Integer(), f"{name} {rule}" if rule else "", null)


def minutes_total(name: str) -> Items:
    """A sum of minutes, possibly weighted, that outgrows 32 bits; null: not known."""
    return _column(name, BigInteger(), f"{name} >= 0", null=True)


def flag(name: str) -> Items:
    """Yes or no."""
    return _column(name, Boolean(), "", null=False)


def day(name: str, *, null: bool = False) -> Items:
    """A day a client can hold: no BC, no infinity."""
    return _column(name, Date(), f"{name} BETWEEN '1900-01-01' AND '9999-12-30'", null)


def instant(name: str, *, null: bool = False) -> Items:
    """An instant a client can hold: no BC, no infinity."""
    rule = f"{name} BETWEEN '1900-01-01 00:00+00' AND '9999-12-30 00:00+00'"
    return _column(name, DateTime(timezone=True), rule, null)


def choice(name: str, values: type[StrEnum]) -> Items:
    """One of an enumeration's values."""
    listed = ", ".join(f"'{member.value}'" for member in values)
    return _column(name, Text(), f"{name} IN ({listed})", null=False)


def words(name: str) -> Items:
    """A list of texts."""
    return (Column(name, ARRAY(Text()), nullable=False),)


def numbers(name: str, *, null: bool = False) -> Items:
    """A list of whole numbers."""
    return (Column(name, ARRAY(Integer()), nullable=null),)


def links(name: str) -> Items:
    """A list of ids. Arrays cannot carry a foreign key."""
    return (Column(name, ARRAY(Uuid()), nullable=False),)


def reference(name: str) -> Items:
    """An id that no single foreign key can hold, for it names rows of several tables."""
    return (Column(name, Uuid(), nullable=False),)


def link(name: str, kind: type[Row], *, null: bool = False) -> Items:
    """The id of a row of another kind, in the same plant where both have one."""
    plant = ("plant_id",) if kind in OPERATIONAL else ()
    made = Column(name, Uuid(), nullable=null)
    return (made, foreign_key(name, (*plant, name), kind, (*plant, "id")))


def foreign_key(
    name: str,
    own: Sequence[str],
    kind: type[Row],
    others: Sequence[str],
    on_update: str | None = None,
) -> ForeignKeyConstraint:
    """A foreign key checked at the end of the transaction, so that changes come in any order."""
    target = f"{SCHEMA}.{table_name(kind)}"
    return ForeignKeyConstraint(
        own,
        [f"{target}.{other}" for other in others],
        name=f"fk_{name}",
        deferrable=True,
        initially="DEFERRED",
        onupdate=on_update,
    )


def rule(name: str, condition: str) -> Items:
    """A check over several columns."""
    return (CheckConstraint(condition, name=f"ck_{name}"),)


def only_one(name: str, *among: str) -> Items:
    """At most one row (of those with equal ``among``) has the flag, seen at the transaction's end.

    A unique index could not wait that long, so that the flag could not be handed on.
    """
    columns = [(column(each), "=") for each in among or (name,)]
    constraint = ExcludeConstraint(
        *columns,
        using="btree",
        where=sql(name),
        name=f"ex_{name}",
        deferrable=True,
        initially="DEFERRED",
    )
    return (constraint,)


def make_table(kind: type[Row], *parts: Items, key: Sequence[str] = ()) -> Table:
    """The table of a kind: its columns, checks, natural key and what every table has.

    Natural keys are checked at the end of the transaction, so that two rows can swap theirs.
    """
    name = table_name(kind)
    items = [item for part in parts for item in part]
    items.sort(key=lambda item: not isinstance(item, Column))
    identity: list[SchemaItem] = [
        Column("id", Uuid(), nullable=False),
        Column("row_version", Integer(), nullable=False),
        Column("entered", BigInteger(), Identity(always=True), nullable=False),
        CheckConstraint("row_version >= 1", name="ck_row_version"),
    ]
    primary = ("plant_id", "id") if kind in OPERATIONAL else ("id",)
    keys: list[SchemaItem] = [PrimaryKeyConstraint(*primary, name=f"pk_{name}")]
    if key:
        keys.append(
            UniqueConstraint(
                *key,
                name=f"uq_{name}",
                deferrable=True,
                initially="DEFERRED",
                postgresql_nulls_not_distinct=True,
            )
        )
    for item in items:
        if isinstance(item, CheckConstraint | ForeignKeyConstraint | ExcludeConstraint):
            prefix, _, rest = str(item.name).partition("_")
            item.name = f"{prefix}_{name}_{rest}"
    identity[3].name = f"ck_{name}_row_version"  # pyright: ignore[reportAttributeAccessIssue]
    table = Table(name, metadata, *identity, *items, *keys)
    TABLES[kind] = table
    return table
