"""The tables: one for each kind of row, columns named as its fields."""

from __future__ import annotations

from db.schema import audit, demand, master, objectives, production
from db.schema.columns import OPERATIONAL, OWN_COLUMNS, SCHEMA, TABLES, metadata, table_name

# The modules that fill TABLES.
AREAS = (master, demand, production, objectives, audit)

__all__ = ["AREAS", "OPERATIONAL", "OWN_COLUMNS", "SCHEMA", "TABLES", "metadata", "table_name"]
