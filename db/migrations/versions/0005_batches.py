"""Schema version 5: machines that run several operations together."""

from __future__ import annotations

from db.migrate import run_scripts

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds them."""
    run_scripts("batches_v1")
