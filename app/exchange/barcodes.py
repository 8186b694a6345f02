"""Barcodes as vectors on paper: Code 128 for an operation, QR for a work order.

zxing-cpp encodes; the bars are drawn as rectangles, so that they are sharp at any printer's
resolution, and nothing is printed over them.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from reportlab.lib.units import mm
from reportlab.platypus import Flowable
from typing_extensions import override

QR_QUIET_MODULES = 4
CODE128_QUIET_MODULES = 10
CODE128_MODULE = 0.3 * mm
"""Width of the narrowest bar: printed well at 200 dpi and more, read from a hand's breadth."""


class Barcode(Flowable):
    """A barcode as a block of a page, quiet zone included; sizes in points.

    ``linear`` is a Code 128, ``height`` tall, finer only if ``most_width`` asks for it; else a QR
    code (error correction M) ``height`` wide and tall.
    """

    def __init__(
        self, text: str, height: float, *, linear: bool, most_width: float = 1000 * mm
    ) -> None:
        super().__init__()
        formats = zxingcpp.BarcodeFormat
        kind = formats.Code128 if linear else formats.QRCode
        options = {} if linear else {"ec_level": "M"}
        code = zxingcpp.create_barcode(text, kind, **options)
        image: Any = code.to_image(scale=1, add_quiet_zones=False)
        dark = cast("NDArray[np.bool_]", np.asarray(image) == 0)
        self._dark = dark[:1] if linear else dark
        quiet = CODE128_QUIET_MODULES if linear else QR_QUIET_MODULES
        modules = dark.shape[1] + 2 * quiet
        self._module = min(CODE128_MODULE if linear else height / modules, most_width / modules)
        self._quiet = quiet * self._module
        self._bar_height = height if linear else self._module
        self.width = modules * self._module
        self.height = height

    @override
    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        """Draw the dark modules; called by reportlab with the origin at the lower left."""
        canvas: Any = self.canv
        top = self.height if len(self._dark) == 1 else self.height - self._quiet
        for row, cells in enumerate(self._dark):
            edges = np.flatnonzero(np.diff(np.concatenate(([False], cells, [False]))))
            for start, end in edges.reshape(-1, 2).tolist():
                x = self._quiet + start * self._module
                y = top - (row + 1) * self._bar_height
                canvas.rect(x, y, (end - start) * self._module, self._bar_height, stroke=0, fill=1)
