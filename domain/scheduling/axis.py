"""The working-time axis of one calendar for code that asks for single minutes.

The same tables as ``worktime``, read without compiled code, so that the window can answer a drag
without loading or waiting for any compiler.
"""

from __future__ import annotations

from bisect import bisect_right

from domain.scheduling.worktime import Worktime


class Axis:
    """Working minutes of a calendar, numbered from 0 at the start of the tables."""

    def __init__(self, opens: list[int], closes: list[int], before: list[int]) -> None:
        self._opens, self._closes, self._before = opens, closes, before

    def work(self, minute: int) -> int:
        """Working minutes before a minute."""
        at = bisect_right(self._opens, minute) - 1
        if at < 0:
            return 0
        return self._before[at] + min(minute, self._closes[at]) - self._opens[at]

    def minute(self, work: int) -> int:
        """The minute at which working minute number ``work`` begins."""
        at = bisect_right(self._before, work) - 1
        return self._opens[at] + work - self._before[at]

    def end(self, work: int) -> int:
        """The minute at which that many working minutes are done; 0 for none."""
        return self.minute(work - 1) + 1 if work > 0 else 0

    def ending(self, minute: int) -> int:
        """The fewest working minutes that are not done before a minute."""
        work = self.work(minute)
        return work if self.end(work) >= minute else work + 1

    def unbroken(self, work: int, length: int) -> int:
        """First ``w >= work`` such that ``[w, w + length)`` lies in one working interval."""
        at = bisect_right(self._before, work) - 1
        while work + length > self._before[at] + self._closes[at] - self._opens[at]:
            at += 1
            work = self._before[at]
        return work


def axes_of(table: Worktime) -> list[Axis]:
    """One axis a calendar."""
    firsts = [int(table.minute_hint[at]) for at in table.minute_first[:-1]]
    limits = [*firsts[1:], len(table.opens)]
    opens, closes, before = (
        column.tolist() for column in (table.opens, table.closes, table.before)
    )
    return [
        Axis(opens[low:high], closes[low:high], before[low:high])
        for low, high in zip(firsts, limits, strict=True)
    ]
