"""What can go wrong in the factory's own terms; the user's text is made from the code elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class DomainError(Exception):
    """A rule of the factory was broken.

    ``code`` names the rule (``error.<code>`` is its text in the catalogue); ``params`` fill the
    text; ``refs`` are the ids of the rows concerned.
    """

    def __init__(self, code: str, *refs: UUID, **params: object) -> None:
        shown = ", ".join(f"{name}={value}" for name, value in params.items())
        super().__init__(f"{code} ({shown})" if shown else code)
        self.code = code
        self.refs = refs
        self.params: Mapping[str, object] = params


class RuleViolation(DomainError):
    """An intended change that the factory's rules do not allow."""


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know about rows that are otherwise valid.

    ``code`` is looked up as ``finding.<code>`` in the catalogue and filled with ``params``.
    """

    code: str
    severity: Severity = Severity.WARNING
    refs: tuple[UUID, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict[str, object])
