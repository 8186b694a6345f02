"""Schema version 4: longest waits, branches, transfers, orders that must finish."""

from __future__ import annotations

from db.migrate import run_scripts

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds them."""
    run_scripts("waits_v1")
