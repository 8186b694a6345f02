"""Schema version 1: the factory workbook, work orders, plans, audit."""

from __future__ import annotations

from db.migrate import run_scripts

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes everything."""
    run_scripts(
        "tables_master_v1",
        "tables_demand_v1",
        "tables_production_v1",
        "tables_audit_v1",
        "audit_v1",
        "changes_v1",
        "rights_v1",
    )
