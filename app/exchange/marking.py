"""The report of faults as the workbook itself, with every faulty cell marked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from app.exchange.faults import Fault, fault_text
from app.exchange.replacing import replaced
from widgets.text import tr

MARK = PatternFill("solid", fgColor="FFF9C7BF")
AUTHOR = "Gantry"
LONGEST_TITLE = 31


def mark_faults(path: Path, faults: Sequence[Fault], out: Path) -> None:
    """Copy a workbook to ``out`` with faulty cells coloured, a comment in each, and a fault list.

    Texts are in the language spoken. What openpyxl cannot carry over (charts, pictures, macros) is
    missing from the copy; the original stays as it is. A file that cannot be opened, or is too
    large to, gives a workbook with the list alone.

    Raises:
        OSError: ``out`` cannot be written.
    """
    whole_file = any(fault.is_of_file for fault in faults)
    book = Workbook() if whole_file else load_workbook(path)
    if whole_file:
        del book[book.sheetnames[0]]
    for fault in faults:
        if fault.sheet in book.sheetnames and fault.cell:
            _mark(book[fault.sheet], fault)
    _write_list(book, faults)
    with replaced(out) as unfinished:
        book.save(unfinished)


def _mark(page: Worksheet, fault: Fault) -> None:
    for area in page.merged_cells.ranges:
        if fault.cell in area:
            cell = page.cell(area.min_row, area.min_col)
            break
    else:
        cell = page[fault.cell]
    text = fault_text(fault)
    earlier = cell.comment.text + "\n" if cell.comment is not None else ""
    comment = Comment(earlier + text, AUTHOR)
    comment.width, comment.height = 320, 90
    cell.comment = comment
    cell.fill = MARK


def _write_list(book: Workbook, faults: Sequence[Fault]) -> None:
    page = book.create_sheet(_free_title(book), 0)
    book.active = 0
    heads = ("sheet", "row", "column", "value", "text")
    page.append([tr(f"faults.{head}") for head in heads])
    for cell in page[1]:
        cell.font = Font(bold=True)
    for number, fault in enumerate(faults, 2):
        row = (fault.sheet, fault.row, fault.column, fault.value, fault_text(fault))
        for index, value in enumerate(row, 1):
            cell = page.cell(number, index, value)
            if isinstance(value, str):
                cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=index == len(row), vertical="top")
        if fault.cell and fault.sheet in book.sheetnames:
            name = fault.sheet.replace("'", "''")
            link = page.cell(number, 2)
            link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{name}'!{fault.cell}")
            link.font = Font(color="FF0B63BD", underline="single")
    for letter, width in zip("ABCDE", (16, 8, 18, 22, 80), strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A2"


def _free_title(book: Workbook) -> str:
    title = tr("faults.title")
    number = 2
    while title.casefold() in {name.casefold() for name in book.sheetnames}:
        title = f"{tr('faults.title')[: LONGEST_TITLE - 4]} {number}"
        number += 1
    return title
