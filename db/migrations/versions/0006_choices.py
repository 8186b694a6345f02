"""Schema version 6: alternate routings, operations in parts, buying instead of making."""

from __future__ import annotations

from db.migrate import run_scripts

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds them."""
    run_scripts("choices_v1")
