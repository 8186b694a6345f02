"""Planning in a process of its own: MRP, scheduling and the independent check, with progress.

The process gets rows and sends messages; it is started ahead of need, so that nobody waits for
compiled code to load. Stopping keeps the best plan found so far. The window and the command line
use the same process.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import cast

from app.parcels import Inbox, send
from app.plan_message import Outbox, PlanMessage
from app.plan_run import PlanRequest
from app.priority import answer_soon, give_way, keep_what_is_new, tidy_what_is_new
from app.warming import Warmth
from domain.changes import Row
from domain.errors import DomainError
from domain.plan import Plan

PREPARING = "preparing"
"""Stage of a message that says: the compiler is still at work, as once after an update."""
_logger = logging.getLogger(__name__)
_POLL_SECONDS = 0.05
_STOP_SECONDS = 2


class PlanningProcess:
    """A planning process that waits for requests and answers each with messages.

    ``run`` blocks; one request at a time. Use as a context manager or call ``close``. With
    ``gives_way`` other programs have the processor first, above all the window that waits for it.
    """

    def __init__(self, *, gives_way: bool = False) -> None:
        self._gives_way, self._is_closed = gives_way, False
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        self.warmth = Warmth(self._context)
        self._stop = self._context.Event()
        self._link, child = self._context.Pipe()
        self._inbox = Inbox(self._link)
        self._process = self._context.Process(
            target=_serve,
            args=(child, self._stop, self.warmth, self._gives_way),
            name="gantry-planning",
            daemon=True,
        )
        self._process.start()
        child.close()

    @property
    def is_preparing(self) -> bool:
        """Whether a request would have to wait for the compiler, as once after an update."""
        return not self.warmth.is_ready and self._process.is_alive()

    def run(
        self,
        rows: Iterable[Row],
        request: PlanRequest,
        on_message: Callable[[PlanMessage], object],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> PlanMessage:
        """Plan these rows; returns the last message.

        Raises:
            DomainError: ``planning_process_died`` if the process ended by itself, or was closed.
        """
        if self._is_closed:
            raise DomainError("planning_process_died", exit_code=self._process.exitcode)
        if not self._process.is_alive():
            self._start()
        self._stop.clear()
        try:
            while self._link.poll():
                self._take()
            if not self.warmth.is_ready:
                on_message(PlanMessage(stage=PREPARING))
            send(self._link, list(rows), request)
            is_first = True
            while True:
                if should_stop():
                    self._stop.set()
                message = self._take() if self._link.poll(_POLL_SECONDS) else None
                if message is None:
                    continue
                if message.changes is not None:
                    keep_what_is_new(looks_first=is_first)
                    is_first = False
                on_message(message)
                if message.is_last:
                    return message
        except (EOFError, OSError) as error:
            self._process.join(_STOP_SECONDS)
            code = self._process.exitcode
            raise DomainError("planning_process_died", exit_code=code) from error

    def _take(self) -> PlanMessage | None:
        """The next message, if it is whole."""
        found = self._inbox.take()
        if found is None:
            return None
        items, message = cast("tuple[list[object], PlanMessage]", found)
        return message.whole(items)

    def close(self) -> None:
        """End the process, whatever it is doing: it holds nothing that could be lost."""
        self._is_closed = True  # what still waits for its turn starts no other
        self._link.close()
        self._process.terminate()
        self._process.join(_STOP_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def __enter__(self) -> PlanningProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _serve(link: Connection, stop: Event, warmth: Warmth, gives_way: bool) -> None:
    """The process's whole life: warm up, then answer requests until the other side hangs up."""
    if gives_way:
        give_way()
    answer_soon()  # the search, while a plan is checked beside it
    try:
        warmth.warm_up()
        tidy_what_is_new()
        outbox, inbox = Outbox(link), Inbox(link)
        while True:
            rows, request = cast("tuple[list[Row], PlanRequest]", inbox.take_all())
            outbox.send(_answer(Plan(rows), request, outbox, stop))
    except (EOFError, OSError):
        return


def _answer(plan: Plan, request: PlanRequest, outbox: Outbox, stop: Event) -> PlanMessage:
    try:
        return request.new_run(plan, outbox).finish(stop)
    except DomainError as error:
        return PlanMessage(error=error, is_last=True)
    except Exception as error:
        _logger.exception("planning failed")
        what = f"{type(error).__name__}: {error}"
        return PlanMessage(error=DomainError("unexpected", what=what), is_last=True)
