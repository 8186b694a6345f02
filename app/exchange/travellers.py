"""Work orders on paper: one traveller each, to go with the material from machine to machine.

A traveller holds what is made, for whom and until when, every operation with its place in the plan
and a Code 128 to report it by, the material to bring, and a QR code of the work order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from uuid import UUID

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)
from typing_extensions import override

from app.exchange.barcodes import Barcode
from domain.items import Item
from domain.orders import Customer
from domain.pegging import component_needs, parent_orders, served_lines
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.resources import Machine
from domain.scenarios import Booking
from domain.variants import in_order
from widgets.outlook import tool_words
from widgets.text import RESOURCES, format_quantity, tr

FONT = "NotoSansSC"
_INK, _MUTED, _LINE = HexColor("#1B1F24"), HexColor("#57606A"), HexColor("#9AA4AF")
_HEAD = HexColor("#EEF0F3")
_MARGIN = 14 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_BARCODE_WIDTH = 58 * mm
_STORY_SHARE = 0.25
"""What composing takes of the whole work; the rest is laying out and drawing."""
_DIGITS = 3
_LEAST_ROUNDED = Decimal("0.1")


def write_travellers(
    path: Path,
    plan: Plan,
    work_orders: Iterable[WorkOrder],
    bookings: Iterable[Booking],
    zone: tzinfo,
    tick: Callable[[float], bool] = lambda _share: True,
) -> int:
    """Write one PDF with a traveller for each work order, in their order, in the user's language.

    The file appears whole or not at all. Times are shown in ``zone``. ``tick`` hears the share
    done, 0 … 1, and answers whether to go on.

    Returns:
        The number of travellers; 0 if it was stopped.
    """
    register_font()
    by_operation = {booking.operation_id: booking for booking in bookings}
    orders = list(work_orders)
    story: list[Flowable] = []
    fresh = path.with_name(path.name + ".part")
    try:
        for at, order in enumerate(orders):
            _go_on(tick, _STORY_SHARE * at / len(orders))
            story += _Sheet(plan, order, by_operation, zone).story()
        book = _Book(fresh, lambda done: _go_on(tick, _page_share(done, len(orders))))
        book.build(story or [_text(tr("paper.nothing"), _plain())])
        fresh.replace(path)
    except _Stopped:
        return 0
    finally:
        fresh.unlink(missing_ok=True)
    return len(orders)


class _Stopped(Exception):
    """Nobody wants the travellers any more."""


def _go_on(tick: Callable[[float], bool], share: float) -> None:
    if not tick(share):
        raise _Stopped


def _page_share(done: int, count: int) -> float:
    return _STORY_SHARE + (1 - _STORY_SHARE) * done / count


@cache
def register_font() -> None:
    """Make the shipped font known to reportlab, once."""
    pdfmetrics.registerFont(TTFont(FONT, str(RESOURCES / "fonts" / "NotoSansSC-Regular.ttf")))


@cache
def _style(size: float, muted: bool = False, right: bool = False) -> ParagraphStyle:
    return ParagraphStyle(
        f"{size}{muted}{right}",
        fontName=FONT,
        fontSize=size,
        leading=size * 1.3,
        textColor=_MUTED if muted else _INK,
        alignment=TA_RIGHT if right else 0,
        wordWrap="CJK",
    )


def _plain() -> ParagraphStyle:
    return _style(9)


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text), style)


class _NextOrder(Flowable):
    """Marks where a work order's pages begin, for the page's foot."""

    def __init__(self, number: str) -> None:
        super().__init__()
        self.number = number
        self.width = self.height = 0

    def draw(self) -> None:
        """Nothing to see."""


class _Book(BaseDocTemplate):
    """All travellers; the foot of a page names its work order and counts that order's pages."""

    def __init__(self, path: Path, began: Callable[[int], None]) -> None:
        """``began`` hears how many work orders are drawn when the next one begins."""
        super().__init__(
            str(path), pagesize=A4, title=tr("paper.title"), author="Gantry", lang=tr("paper.lang")
        )
        frame = Frame(_MARGIN, 16 * mm, _WIDTH, A4[1] - 28 * mm, 0, 0, 0, 0)
        self.addPageTemplates(PageTemplate("traveller", [frame], onPageEnd=self._foot))
        self._number = ""
        self._page = self._drawn = 0
        self._began = began

    @override
    def afterFlowable(self, flowable: Flowable) -> None:
        if isinstance(flowable, _NextOrder):
            self._number, self._page = flowable.number, 0
            self._began(self._drawn)
            self._drawn += 1

    def _foot(self, canvas: Any, _doc: object) -> None:
        self._page += 1
        canvas.setFont(FONT, 8)
        canvas.setFillColor(_MUTED)
        canvas.drawString(_MARGIN, 10 * mm, tr("paper.foot", number=self._number))
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, tr("paper.page", page=self._page))


class _Sheet:
    """The traveller of one work order."""

    def __init__(
        self, plan: Plan, order: WorkOrder, bookings: dict[UUID, Booking], zone: tzinfo
    ) -> None:
        self.plan = plan
        self.order = order
        self.item = plan.need(Item, order.item_id)
        self.zone = zone
        self.operations = in_order(plan.where(Operation, work_order_id=order.id))
        self.bookings = bookings

    def story(self) -> list[Flowable]:
        """The blocks of the traveller, from head to foot."""
        gap = Spacer(1, 4 * mm)
        parts: list[Flowable] = [_NextOrder(self.order.number), self._head(), gap, self._facts()]
        parts += [gap, self._operations()]
        if materials := self._materials():
            parts += [gap, materials]
        return [*parts, PageBreak()]

    def _head(self) -> Flowable:
        title = [
            _text(tr("paper.title"), _style(11, muted=True)),
            _text(self.order.number, _style(20)),
            Spacer(1, 2 * mm),
            _text(f"{self.item.code}  {self.item.name}", _style(13)),
            _text(self.item.specification, _style(9, muted=True)),
        ]
        code = Barcode(self.order.number, 30 * mm, linear=False)
        table = Table([[title, code]], colWidths=[_WIDTH - 30 * mm, 30 * mm])
        table.setStyle(_BARE)
        return table

    def _facts(self) -> Flowable:
        quantity = format_quantity(self.order.quantity, self.item.unit)
        good = format_quantity(self.order.good_quantity, self.item.unit)
        bookings = [b for row in self.operations if (b := self.bookings.get(row.id))]
        begin = min((b.setup_start_at for b in bookings), default=None)
        end = max((b.end_at for b in bookings), default=None)
        lines = served_lines(self.plan, self.order.id)
        customers = {
            customer.name or customer.code
            for line in lines
            if (customer := self.plan.get(Customer, line.customer_id))
        }
        parents = [parent.number for parent in parent_orders(self.plan, self.order.id)]
        facts = [
            (tr("paper.quantity"), quantity),
            (tr("paper.good_quantity"), good),
            (tr("paper.start"), self._minute(begin)),
            (tr("paper.end"), self._minute(end)),
            (tr("paper.due"), self._minute(self.order.due_at)),
            (tr("paper.orders"), tr("value.separator").join(line.label for line in lines)),
            (tr("paper.customers"), tr("value.separator").join(sorted(customers))),
            (tr("paper.for"), tr("value.separator").join(parents)),
        ]
        cells = [
            [_text(name, _style(8, muted=True)), _text(value, _plain())] for name, value in facts
        ]
        rows = [cells[at] + cells[at + 1] for at in range(0, len(cells), 2)]
        table = Table(rows, colWidths=[22 * mm, _WIDTH / 2 - 22 * mm] * 2)
        table.setStyle(_GRID)
        return table

    def _operations(self) -> Flowable:
        names = ("number", "operation", "machine", "minutes", "planned", "report", "barcode")
        head = [_text(tr(f"paper.column.{name}"), _style(8, muted=True)) for name in names]
        rows: list[list[Any]] = [head, *(self._operation(row) for row in self.operations)]
        widths = [10 * mm, 28 * mm, 25 * mm, 17 * mm, 22 * mm, 18 * mm]
        table = Table(rows, colWidths=[*widths, _WIDTH - sum(widths)], repeatRows=1)
        table.setStyle(_GRID)
        return table

    def _operation(self, row: Operation) -> list[Any]:
        booking = self.bookings.get(row.id)
        machine = self.plan.get(Machine, booking.machine_id) if booking else None
        notes = [row.name]
        if row.part:
            quantity = format_quantity(row.amount(self.order), self.item.unit)
            notes.append(tr("paper.part", part=row.part, quantity=quantity))
        if row.skill:
            notes.append(tr("paper.skill", skill=row.skill, count=row.operators))
        if row.tool_id is not None:
            notes.append(tr("paper.tool", tool=tool_words(self.plan, row)))
        if row.inspection:
            notes.append(tr("paper.inspect"))
        where = f"{machine.code} {machine.name}" if machine else tr("paper.unplanned")
        if row.subcontract_days is not None:
            where = tr("paper.subcontract", days=row.subcontract_days)
        setup = format_quantity(row.setup_minutes)
        run = format_quantity(row.run_minutes)
        code = operation_code(self.order, row)
        planned = [] if booking is None else [booking.setup_start_at, booking.end_at]
        return [
            _text(str(row.number), _style(11)),
            [_text(note, _plain()) for note in notes],
            _text(where, _plain()),
            [
                _text(tr("paper.setup", n=setup), _style(8)),
                _text(tr("paper.run", n=run), _style(8)),
            ],
            [_text(self._minute(at), _style(8)) for at in planned],
            _text(tr("paper.blank_report"), _style(8, muted=True)),
            [
                Barcode(code, 9 * mm, linear=True, most_width=_BARCODE_WIDTH),
                _text(code, _style(8, muted=True)),
            ],
        ]

    def _materials(self) -> Flowable | None:
        needs = component_needs(self.plan, self.order)
        if not needs:
            return None
        names = ("component", "component_name", "needed_at", "needed", "issued")
        head = [_text(tr(f"paper.column.{name}"), _style(8, muted=True)) for name in names]
        rows: list[list[Any]] = [head]
        for item, number, quantity in needs:
            needed = format_quantity(quantity, item.unit, _digits(quantity))
            rows.append(
                [
                    _text(item.code, _plain()),
                    _text(f"{item.name} {item.specification}".strip(), _plain()),
                    _text("" if number is None else str(number), _plain()),
                    _text(needed, _style(9, right=True)),
                    "",
                ]
            )
        widths = [36 * mm, 66 * mm, 20 * mm, 30 * mm]
        table = Table(rows, colWidths=[*widths, _WIDTH - sum(widths)], repeatRows=1)
        table.setStyle(_GRID)
        return table

    def _minute(self, at: datetime | None) -> str:
        return "" if at is None else f"{at.astimezone(self.zone):%m-%d %H:%M}"


def _digits(quantity: Decimal) -> int | None:
    """Decimals that can be weighed out; all there are of what would vanish without them."""
    return _DIGITS if quantity >= _LEAST_ROUNDED else None


def operation_code(order: WorkOrder, operation: Operation) -> str:
    """What the barcode of an operation says: work order and operation number, ``WO-000123-10``;
    of a part, ``WO-000123-10.2``."""
    part = f".{operation.part}" if operation.part else ""
    return f"{order.number}-{operation.number}{part}"


_BARE = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ]
)
_GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, _LINE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
)
