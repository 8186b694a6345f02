"""The print preview: it lives as long as it is open, and stays small whatever is printed."""

from __future__ import annotations

import gc
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewWidget
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from app.printing import MOST_PREVIEWED, preview, print_pages


def paper(folder: Path, pages: int) -> Path:
    """A PDF that tells the number of each page."""
    path = folder / "papers.pdf"
    canvas = Canvas(str(path))
    for page in range(pages):
        canvas.drawString(100, 500, f"page {page + 1}")
        canvas.showPage()
    canvas.save()
    return path


@pytest.mark.parametrize("pages", [3, MOST_PREVIEWED + 20])
def test_the_preview_shows_the_first_pages_and_survives(qtbot: QtBot, tmp_path: Path, pages: int):
    parent = QWidget()
    qtbot.addWidget(parent)
    preview(paper(tmp_path, pages), parent).open()
    gc.collect()
    shown = parent.findChild(QPrintPreviewWidget)
    assert isinstance(shown, QPrintPreviewWidget)
    shown.updatePreview()
    qtbot.waitUntil(lambda: shown.pageCount() == min(pages, MOST_PREVIEWED), timeout=20000)


def test_printing_prints_all_pages(qtbot: QtBot, tmp_path: Path):
    document = pypdfium2.PdfDocument(paper(tmp_path, MOST_PREVIEWED + 2))
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    print_pages(document, printer)
    assert len(pypdfium2.PdfDocument(tmp_path / "printed.pdf")) == MOST_PREVIEWED + 2
