"""Tables of what was done: change sets that arrived and every row they changed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.schema.columns import metadata

# The chain of rows that belong to no plant.
NO_PLANT = UUID(int=0)

change_set = Table(
    "change_set",
    metadata,
    Column("id", Uuid(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", Text(), nullable=False),
    Column("label", Text(), nullable=False),
    PrimaryKeyConstraint("id", name="pk_change_set"),
)

# `sequence` has no gaps within a plant; `hash` covers the entry and the hash before it.
audit_entry = Table(
    "audit_entry",
    metadata,
    Column("plant_id", Uuid(), nullable=False),
    Column("sequence", BigInteger(), autoincrement=False, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", Text(), nullable=False),
    Column("table_name", Text(), nullable=False),
    Column("row_id", Uuid(), nullable=False),
    Column("before", JSONB(none_as_null=True)),
    Column("after", JSONB(none_as_null=True)),
    Column("change_id", Uuid()),
    Column("hash", LargeBinary(), nullable=False),
    PrimaryKeyConstraint("plant_id", "sequence", name="pk_audit_entry"),
    CheckConstraint("num_nonnulls(before, after) > 0", name="ck_audit_entry_content"),
)

Index("ix_audit_entry_row", audit_entry.c.plant_id, audit_entry.c.row_id, audit_entry.c.sequence)
