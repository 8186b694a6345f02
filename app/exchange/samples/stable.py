"""Workbooks whose bytes depend on their content alone."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from app.exchange.replacing import replaced

MOMENT = (2026, 12, 1, 8, 0, 0)
STAMP = b"2026-12-01T00:00:00Z"
_DATED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def make_stable(path: Path) -> None:
    """Take the time of writing out of a workbook."""
    with zipfile.ZipFile(path) as old, replaced(path) as unfinished:
        with zipfile.ZipFile(unfinished, "w") as new:
            for name in sorted(
                old.namelist(), key=lambda each: (each != "[Content_Types].xml", each)
            ):
                content = old.read(name)
                if name == "docProps/core.xml":
                    content = _DATED.sub(rb"\g<1>" + STAMP, content)
                info = zipfile.ZipInfo(name, MOMENT)
                info.external_attr = 0o644 << 16
                new.writestr(info, content, zipfile.ZIP_DEFLATED)
        old.close()  # Windows replaces no file that is open
