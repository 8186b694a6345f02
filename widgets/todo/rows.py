"""Findings as rows of a table, and the further things that wait for a decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import NAMESPACE_OID, UUID, uuid5

from domain.changes import Row
from domain.errors import Finding, Severity
from domain.orders import OrderLine, OrderStatus
from domain.plan import ROW_TYPES, Plan
from widgets.models.columns import Column, Kind
from widgets.orders.rows import cause_text
from widgets.outlook import Outlook
from widgets.text import finding_text, format_duration, tr
from widgets.theme import Role

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_ROLES = {Severity.ERROR: Role.LATE, Severity.WARNING: Role.WARNING, Severity.INFO: Role.MUTED}


@dataclass(frozen=True, slots=True)
class Task:
    """Something to decide: what it is, and the row to go to."""

    id: UUID
    severity: Severity
    about: str
    words: str
    subject: Row | None


def finding_tasks(outlook: Outlook, findings: Iterable[Finding]) -> list[Task]:
    """Findings as tasks, the grave ones first."""
    tasks: dict[UUID, Task] = {}
    for finding in findings:
        words = finding_text(finding)
        key = uuid5(NAMESPACE_OID, f"{finding.code}{finding.refs}{words}")
        subject = _first_row(outlook.plan, finding.refs)
        about = tr(f"todo.about.{type(subject).__name__}") if subject else ""
        tasks[key] = Task(key, finding.severity, about, words, subject)
    return sorted(tasks.values(), key=lambda task: _RANK[task.severity])


def all_tasks(outlook: Outlook) -> list[Task]:
    """Late orders, drafts to confirm, and every finding."""
    tasks = list(_late_tasks(outlook))
    for line in outlook.plan.where(OrderLine, status=OrderStatus.DRAFT):
        words = tr("todo.draft", order=line.label)
        tasks.append(_line_task(line, Severity.INFO, words, "draft"))
    return sorted(
        [*tasks, *finding_tasks(outlook, outlook.findings)], key=lambda task: _RANK[task.severity]
    )


def _late_tasks(outlook: Outlook) -> Iterable[Task]:
    for line in outlook.plan.table(OrderLine).values():
        fate = outlook.fates.get(line.id)
        if fate is not None and fate.late_minutes > 0 and fate.finish_at is not None:
            by = format_duration(fate.late_minutes)
            key = "todo.late_because" if fate.cause else "todo.late"
            words = tr(key, order=line.label, by=by, cause=cause_text(fate.cause))
            yield _line_task(line, Severity.WARNING, words, "late")


def _line_task(line: OrderLine, severity: Severity, words: str, what: str) -> Task:
    key = uuid5(NAMESPACE_OID, f"{what}{line.id}")
    return Task(key, severity, tr("todo.about.OrderLine"), words, line)


def _first_row(plan: Plan, refs: tuple[UUID, ...]) -> Row | None:
    for ref in refs:
        for kind in ROW_TYPES:
            row = plan.get(kind, ref)
            if row is not None:
                return row
    return None


TASK_COLUMNS = (
    Column(
        key="severity",
        value=lambda v: v.severity,
        kind=Kind.CHOICE,
        choices=tuple(Severity),
        role=lambda v: _ROLES[v.severity],
        width=72,
    ),
    Column(key="about", value=lambda v: v.about, width=84),
    Column(key="words", value=lambda v: v.words, width=420),
)
