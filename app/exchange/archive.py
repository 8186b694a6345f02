"""The outside of an .xlsx file: a zip of XML parts, opened without trusting what it says."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import TracebackType

# A factory of 100,000 orders unpacks to some 80 MB; XML of a workbook packs by 5 to 30 times.
MAX_UNPACKED_BYTES = 400_000_000
MAX_RATIO = 250
SMALL_BYTES = 20_000_000
MAX_PARTS = 5_000
CHUNK_BYTES = 1 << 18
MAX_OLE_BYTES = 64_000_000

_OLE_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")
_TEXT_SAMPLE = 4096

Attributes = Mapping[str, str]


class WorkbookRefused(Exception):
    """The file as a whole cannot be read; ``code`` and ``params`` are those of a Fault."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class ReadingStopped(Exception):
    """The caller's ``should_stop`` said so."""


class Handlers:
    """What to do with the XML of a part; names come without their prefix."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """A piece of text; one text may come in several."""


class Archive:
    """The parts of a workbook file, by name.

    Raises:
        WorkbookRefused: ``file_*`` says why this is not a workbook that can be read.
    """

    def __init__(self, path: Path, on_bytes: Callable[[int], None] | None = None) -> None:
        self._path = path
        self._on_bytes = on_bytes or (lambda _count: None)
        with self._guarded():
            _check_beginning(path)
            self._zip = zipfile.ZipFile(path)
            infos = self._zip.infolist()
        _check_directory(infos)
        self.packed_bytes = sum(info.compress_size for info in infos)
        self.unpacked_bytes = sum(info.file_size for info in infos)
        self._names = {info.filename.lstrip("/").casefold(): info for info in infos}
        self._read_bytes = 0

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def has(self, part: str) -> bool:
        """Whether the part is there; case does not matter."""
        return part.casefold() in self._names

    def parse(self, part: str, handlers: Handlers) -> None:
        """Run the XML of a part through ``handlers``.

        Raises:
            WorkbookRefused: ``file_damaged``, ``file_too_large``, ``file_entities``.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = _root_of(parser, handlers)
        parser.CharacterDataHandler = handlers.text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        with self._guarded(), self._zip.open(self._names[part.casefold()]) as stream:
            self._feed(parser, stream)

    def _feed(self, parser: expat.XMLParserType, stream: IO[bytes]) -> None:
        while chunk := stream.read(CHUNK_BYTES):
            self._read_bytes += len(chunk)
            if self._read_bytes > MAX_UNPACKED_BYTES:
                raise WorkbookRefused("file_too_large", megabytes=MAX_UNPACKED_BYTES // 1_000_000)
            self._on_bytes(self._read_bytes)
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    @contextmanager
    def _guarded(self) -> Generator[None]:
        name = self._path.name
        try:
            yield
        except FileNotFoundError as error:
            raise WorkbookRefused("file_missing", file=name) from error
        except IsADirectoryError as error:
            raise WorkbookRefused("file_not_workbook", file=name) from error
        except PermissionError as error:
            raise WorkbookRefused("file_locked", file=name) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError) as error:
            raise WorkbookRefused("file_damaged", file=name) from error
        except (NotImplementedError, OSError) as error:
            raise WorkbookRefused("file_unreadable", file=name, reason=str(error)) from error


def _root_of(
    parser: expat.XMLParserType, handlers: Handlers
) -> Callable[[str, dict[str, str]], None]:
    """Once the root is known to have no prefix, elements go to the handlers without detour."""

    def start(name: str, attributes: dict[str, str]) -> None:
        handlers.start(name.rpartition(":")[2], attributes)

    def root(name: str, attributes: dict[str, str]) -> None:
        has_prefix = ":" in name
        parser.StartElementHandler = start if has_prefix else handlers.start
        parser.EndElementHandler = (
            (lambda name: handlers.end(name.rpartition(":")[2])) if has_prefix else handlers.end
        )
        start(name, attributes)

    return root


def _refuse_doctype(*_: object) -> None:
    """No workbook has a document type; what has one wants to smuggle in entities."""
    raise WorkbookRefused("file_entities")


def _check_beginning(path: Path) -> None:
    """Tell by the first bytes what people try to open as a workbook."""
    with path.open("rb") as stream:
        head = stream.read(_TEXT_SAMPLE)
        if not head:
            raise WorkbookRefused("file_empty", file=path.name)
        if head.startswith(_OLE_HEADER):
            rest = head + stream.read(MAX_OLE_BYTES)
            locked = "EncryptedPackage".encode("utf-16-le") in rest
            raise WorkbookRefused("file_password" if locked else "file_old_xls", file=path.name)
    if head.startswith(b"PK"):
        return
    is_text = b"\0" not in head and path.suffix.lower() in {".csv", ".txt", ".tsv"}
    raise WorkbookRefused("file_csv" if is_text else "file_not_workbook", file=path.name)


def _check_directory(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip bomb before anything is unpacked."""
    if any(info.flag_bits & 1 for info in infos):
        raise WorkbookRefused("file_password")
    total = sum(info.file_size for info in infos)
    packed = max(1, sum(info.compress_size for info in infos))
    if len(infos) > MAX_PARTS or total > MAX_UNPACKED_BYTES:
        raise WorkbookRefused("file_too_large", megabytes=MAX_UNPACKED_BYTES // 1_000_000)
    if total > SMALL_BYTES and total / packed > MAX_RATIO:
        raise WorkbookRefused("file_bomb", ratio=round(total / packed))
