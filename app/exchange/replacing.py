"""Files that are either complete or not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replaced(path: Path) -> Generator[Path]:
    """A file beside ``path`` to write to; it takes its place when the block ends without error.

    Raises:
        OSError: the folder or the file cannot be written.
    """
    handle, name = tempfile.mkstemp(suffix=path.suffix, prefix=f".{path.stem}-", dir=path.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        if os.name == "posix":
            mask = os.umask(0)
            os.umask(mask)
            unfinished.chmod(0o666 & ~mask)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
