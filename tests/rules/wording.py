"""Which texts of the catalogue the code asks for, read from its syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from tests.rules.source import Source, sources

SPEAKING = ("app", "widgets")
CODING = ("app", "db", "domain", "widgets")
# What carries a code that somebody else turns into text, and the family its text is in.
FAMILIES = {
    "Finding": "finding",
    "Fault": "fault",
    "CellFault": "fault",
    "ChangeSet": "change",
    "difference": "change",
}
# Families whose members come with the user's data, such as the units of a factory.
OPEN = ("unit.",)
ERROR_ROOTS = frozenset({"DomainError", "StoreError"})


@dataclass(frozen=True)
class Asked:
    """One text the code asks for: where, its key, and the names it fills it with.

    ``names`` is None where they are not known before the program runs.
    """

    place: str
    key: str
    names: frozenset[str] | None


def asked(code: tuple[Source, ...]) -> Iterator[Asked]:
    """Every key that stands in the code itself, called by name or by the code of an error."""
    errors = error_classes(code)
    for source in code:
        for node in source.nodes:
            if not isinstance(node, ast.Call) or not node.args:
                continue
            family = family_of(called(node), errors)
            key = node.args[0]
            if family is not None and isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield Asked(
                    f"{source.name}:{node.lineno}", family + key.value, names_given(node, family)
                )


def family_of(name: str, errors: frozenset[str]) -> str | None:
    """What stands before the first argument of a call to make it a key; None: it is no key."""
    if name in ("tr", "Said"):
        return ""
    if name in errors:
        return "error."
    return f"{FAMILIES[name]}." if name in FAMILIES else None


def names_given(node: ast.Call, family: str) -> frozenset[str] | None:
    """Keywords of a call; only those of `tr` and of errors are the text's own."""
    names = {keyword.arg for keyword in node.keywords}
    if None in names or family not in ("", "error."):
        return None
    return frozenset(name for name in names if name is not None)


def called(node: ast.Call) -> str:
    """Last part of the name of what is called."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def error_classes(code: tuple[Source, ...]) -> frozenset[str]:
    """Names of all classes that come from one of the two error trees."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for source in code
        for node in source.nodes
        if isinstance(node, ast.ClassDef)
    }
    found = set(ERROR_ROOTS)
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return frozenset(found)


def templates(code: tuple[Source, ...]) -> list[re.Pattern[str]]:
    """Strings made of pieces, ``f"stage.{name}"``, as patterns of all they can become."""
    found: list[re.Pattern[str]] = []
    for source in code:
        for node in source.nodes:
            if not isinstance(node, ast.JoinedStr):
                continue
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else "(.+)"
                for part in node.values
            ]
            # f"stage.{name}" and f"{key}.title" make keys; f"{a}.{b}" could make anything.
            is_tail = len(parts) == 2 and re.fullmatch(r"\\\.[a-z_]{2,}", parts[1])
            if re.match(r"[a-z_]{2,}", parts[0]) or is_tail:
                found.append(re.compile("".join(parts)))
    return found


def constants(code: tuple[Source, ...]) -> frozenset[str]:
    """Every string of the code that is not documentation."""
    return frozenset(
        node.value
        for source in code
        for node in source.nodes
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in source.docstrings
    )


def names(code: tuple[Source, ...]) -> frozenset[str]:
    """Names of classes, fields and enum members: keys are made of them at run time."""
    found: set[str] = set()
    for source in code:
        for node in source.nodes:
            match node:
                case ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                    found.add(name)
                case _:
                    continue
    return frozenset(found)


def unused(texts: Mapping[str, str], code: tuple[Source, ...]) -> list[str]:
    """Keys that neither stand in the code nor can be made of what stands in it."""
    families = {"error", *FAMILIES.values()}
    whole = constants(code)
    shapes = [*templates(code), *(re.compile(rf"{family}\.(.+)") for family in families)]
    pieces = whole | names(code)

    def is_made(text: str, depth: int = 0) -> bool:
        """Is it in the code, or put together of what is, a piece within a piece at most?"""
        if text in pieces or text.isdecimal():
            return True
        found = (shape.fullmatch(text) for shape in shapes)
        return depth < 2 and any(
            all(is_made(group, depth + 1) for group in match.groups()) for match in found if match
        )

    left: list[str] = []
    for key in texts:
        base = key.removesuffix(".one")
        if not base.startswith(OPEN) and not is_made(base):
            left.append(key)
    return left


@cache
def enum_keys() -> tuple[str, ...]:
    """A key for each member of the domain's enumerations, as `enum_text` makes them."""
    return tuple(
        f"enum.{node.name}.{member.value.value}"
        for source in sources("domain")
        for node in source.nodes
        if isinstance(node, ast.ClassDef) and "StrEnum" in map(ast.unparse, node.bases)
        for member in node.body
        if isinstance(member, ast.Assign) and isinstance(member.value, ast.Constant)
    )
