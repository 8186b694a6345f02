"""The project's own files, as the house rules look at them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "db", "domain", "widgets", "installer")


@dataclass(frozen=True)
class Source:
    """One Python file."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, self.name)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree, parents first."""
        return list(ast.walk(self.tree))

    @cached_property
    def docstrings(self) -> set[int]:
        """Identities of the nodes that are documentation, not text for anybody's screen."""
        bodies = [getattr(node, "body", None) for node in self.nodes]
        return {
            id(statement.value)
            for body in bodies
            if isinstance(body, list)
            for statement in body
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        }


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """All Python files under folders of the project, by name."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in paths
    )


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Name and text of every text file that belongs to the project."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    names = [name for name in listing.stdout.decode("utf-8").split("\0") if name]
    if listing.returncode:  # An unpacked archive has no git, and nothing but the project's files.
        names = [source.name for source in sources(*PACKAGES, "tests")]
    for name in names:
        path = ROOT / name
        if path.is_file() and b"\0" not in (data := path.read_bytes())[:8000]:
            yield name, data.decode("utf-8", "replace")
