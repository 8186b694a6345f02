"""Write the sample workbooks: ``python -m app.exchange.samples [FOLDER]``."""

from __future__ import annotations

import sys
from pathlib import Path

from app.exchange.samples.first_look import first_look
from app.exchange.samples.machining import machining
from app.exchange.samples.stable import make_stable
from app.exchange.writing import write_workbook

SAMPLES = Path(__file__).resolve().parents[3] / "resources" / "samples"


def main(folder: Path) -> None:
    """Write both samples; their bytes are the same every time."""
    for name, make in (("first-look", first_look), ("machining", machining)):
        path = folder / f"{name}.xlsx"
        write_workbook(make(), path, "both")
        make_stable(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)
