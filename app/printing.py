"""Travellers on screen and on paper: the PDF's own pages, in Qt's preview and on any printer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPaintEngine, QPainter
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewDialog
from PySide6.QtWidgets import QProgressDialog, QWidget

from widgets.text import tr

POINTS_PER_INCH = 72
LARGEST_DOTS_PER_INCH = 300
"""Enough for the narrowest bar of a barcode; more would only be slower."""
PREVIEW_DOTS_PER_INCH = 150
MOST_PREVIEWED = 40
"""Qt's preview makes the pictures of all its pages before it shows one, and holds them."""


def page_image(document: pypdfium2.PdfDocument, page: int, dots_per_inch: float) -> QImage:
    """A page of a PDF as a picture."""
    scale = dots_per_inch / POINTS_PER_INCH  # pypdfium2 takes a float, whatever its stub says
    bitmap = document[page].render(scale=scale, rev_byteorder=True)  # pyright: ignore[reportArgumentType]
    pixels = np.ascontiguousarray(bitmap.to_numpy())
    height, width, depth = pixels.shape
    kind = QImage.Format.Format_RGBA8888 if depth == 4 else QImage.Format.Format_RGB888
    return QImage(pixels.data, width, height, pixels.strides[0], kind).copy()


def print_pages(
    document: pypdfium2.PdfDocument, printer: QPrinter, parent: QWidget | None = None
) -> None:
    """Print the pages the printer was asked for (all where it was not asked for any).

    A preview gets only the first ones, less sharp. What takes long shows how far it is over
    ``parent``, and can be cancelled there.
    """
    first = max(printer.fromPage(), 1)
    last = min(printer.toPage() or len(document), len(document))
    dots = min(printer.resolution(), LARGEST_DOTS_PER_INCH)
    if printer.paintEngine().type() is QPaintEngine.Type.Picture:
        last = min(last, first + MOST_PREVIEWED - 1)
        dots = min(dots, PREVIEW_DOTS_PER_INCH)
    waiting = QProgressDialog(tr("paper.printing"), tr("words.cancel"), 0, last - first + 1, parent)
    waiting.setWindowModality(Qt.WindowModality.WindowModal)
    painter = QPainter(printer)
    for page in range(first, last + 1):
        waiting.setValue(page - first)  # looks after the window's events too
        if waiting.wasCanceled():
            printer.abort()
            break
        if page > first:
            printer.newPage()
        image = page_image(document, page - 1, dots)
        painter.drawImage(_centred(image, printer.pageLayout(), printer.resolution()), image)
    painter.end()
    waiting.close()
    waiting.deleteLater()


def preview(path: Path, parent: QWidget) -> QPrintPreviewDialog:
    """A preview of a PDF with Qt's own print button; the caller shows it."""
    document = pypdfium2.PdfDocument(path)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setFullPage(True)
    printer.setDocName(path.stem)
    dialog = QPrintPreviewDialog(printer, parent)
    count = len(document)
    key = "paper.preview" if count <= MOST_PREVIEWED else "paper.preview_part"
    dialog.setWindowTitle(tr(key, name=path.name, shown=MOST_PREVIEWED, count=count))
    # The dialog does not own the printer: naming it here keeps it as long as the dialog.
    dialog.paintRequested.connect(lambda _same: print_pages(document, printer, dialog))
    dialog.finished.connect(lambda _result: document.close())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog


def _centred(image: QImage, layout: QPageLayout, resolution: int) -> QRectF:
    """The whole page where it fits, else as large as fits, in the middle."""
    paper = QSizeF(layout.fullRectPixels(resolution).size())
    size = QSizeF(image.size()).scaled(paper, Qt.AspectRatioMode.KeepAspectRatio)
    left = (paper.width() - size.width()) / 2
    top = (paper.height() - size.height()) / 2
    return QRectF(left, top, size.width(), size.height())
