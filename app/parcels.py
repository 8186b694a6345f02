"""Long lists between two processes, piece by piece.

Whoever packs or unpacks holds up all threads of its process meanwhile: a plan of some thousand
bookings at once would stop the window for longer than anybody should notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast


class Link(Protocol):
    """One end of a pipe, of whichever kind the system has."""

    def send(self, obj: Any, /) -> None:
        """Pack and send something."""

    def recv(self) -> Any:
        """Wait for something and unpack it."""


PIECE = 50
"""Rows or changes in a piece: about a millisecond."""


def send(link: Link, items: Sequence[object], note: object) -> None:
    """Send items in pieces, and after them what they belong to, which is no list itself."""
    for first in range(0, len(items), PIECE):
        link.send(list(items[first : first + PIECE]))
    link.send(note)


class Inbox:
    """The other end: puts the pieces together."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._items: list[object] = []

    def take(self) -> tuple[list[object], object] | None:
        """Wait for one piece; the items with their note once that is there, until then None.

        Raises:
            EOFError, OSError: the other side is gone.
        """
        received: object = self._link.recv()
        if isinstance(received, list):
            self._items += cast("list[object]", received)
            return None
        items, self._items = self._items, []
        return items, received

    def take_all(self) -> tuple[list[object], object]:
        """Wait for items and their note."""
        while True:
            found = self.take()
            if found is not None:
                return found
