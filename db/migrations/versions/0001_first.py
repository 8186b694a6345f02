"""Schema version 1: the factory workbook, work orders, plans, audit."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

SCRIPTS = (
    "tables_master_v1",
    "tables_demand_v1",
    "tables_production_v1",
    "tables_audit_v1",
    "audit_v1",
    "changes_v1",
    "rights_v1",
)


def upgrade() -> None:
    """Makes everything."""
    folder = Path(__file__).parents[2] / "sql"
    # The driver's own cursor: nothing in the scripts is a placeholder.
    with op.get_bind().connection.cursor() as cursor:
        for name in SCRIPTS:
            cursor.execute((folder / f"{name}.sql").read_text(encoding="utf-8"))
