"""Nothing grows beyond what one reads in one go."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.rules.source import PACKAGES, Source, sources

LINES_OF_FILE = 400
LINES_OF_FUNCTION = 40
LINES_OF_CLASS = 200
PUBLIC_METHODS = 20
TESTS_MAY_BE_LONGER_BY = 2


def too_large(source: Source, factor: int = 1) -> Iterator[str]:
    """Name what is over the stops; docstrings count for files only."""
    if (lines := source.text.count("\n")) > LINES_OF_FILE * factor:
        yield f"{source.name}: {lines} lines"
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = _lines(node) - _docstring_lines(node)
            if lines > LINES_OF_FUNCTION * factor:
                yield f"{source.name}:{node.lineno} {node.name}: {lines} lines"
        elif isinstance(node, ast.ClassDef):
            lines = _lines(node) - sum(map(_docstring_lines, [node, *_functions(node)]))
            if lines > LINES_OF_CLASS * factor:
                yield f"{source.name}:{node.lineno} {node.name}: {lines} lines"
            if (methods := _public_methods(node)) > PUBLIC_METHODS * factor:
                yield f"{source.name}:{node.lineno} {node.name}: {methods} public methods"


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _functions(node: ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [
        each for each in ast.walk(node) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _docstring_lines(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return _lines(node.body[0]) if ast.get_docstring(node, clean=False) is not None else 0


def _public_methods(node: ast.ClassDef) -> int:
    """Methods that callers may use; what overrides another's method is that other's size."""
    return sum(
        isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        and not each.name.startswith("_")
        and not any(ast.unparse(mark).endswith("override") for mark in each.decorator_list)
        for each in node.body
    )


def test_nothing_is_over_the_stops() -> None:
    assert [line for source in sources(*PACKAGES) for line in too_large(source)] == []


def test_tests_are_not_far_over_them() -> None:
    found = [
        line for source in sources("tests") for line in too_large(source, TESTS_MAY_BE_LONGER_BY)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#\n" * 401, "x.py: 401 lines"),
        ("def f():\n" + "    g()\n" * 40, "x.py:1 f: 41 lines"),
        ('def f():\n    """A\n    B"""\n' + "    g()\n" * 39, None),
        ("class C:\n" + "    x = 1\n" * 200, "x.py:1 C: 201 lines"),
        (
            "class C:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(21)),
            "x.py:1 C: 21 public methods",
        ),
        ("class C:\n" + "".join(f"    def _m{n}(self): ...\n" for n in range(21)), None),
    ],
)
def test_the_stops_are_seen(text: str, expected: str | None) -> None:
    assert list(too_large(Source("x.py", text))) == ([expected] if expected else [])
