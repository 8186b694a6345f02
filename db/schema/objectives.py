"""The table of what planners want of their plans."""

from __future__ import annotations

from db.schema.columns import amount, flag, make_table, rule, text, words
from domain.objectives import ObjectiveProfile

make_table(
    ObjectiveProfile,
    text("name", filled=True),
    flag("is_weighted"),
    words("goals"),
    amount("lateness_weight"),
    amount("setup_weight"),
    amount("work_in_progress_weight"),
    amount("changes_weight"),
    amount("preference_weight"),
    amount("buying_weight"),
    amount("overtime_weight"),
    rule("goals", "cardinality(goals) > 0"),
    key=("name",),
)
