"""The other commands: import, export, travellers, server, and what every command has in common."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from PySide6.QtWidgets import QApplication

from app import VERSION
from app.__main__ import main
from db.store import Store
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import WorkOrder
from tests.app.conftest import FIRST_LOOK, Called, gantry
from tests.app.exchange.books import save, small_factory
from widgets.text import RESOURCES

Capture = pytest.CaptureFixture[str]


def call(capsys: Capture, *arguments: object) -> Called:
    """Call the program in this process."""
    status = main([str(each) for each in arguments])
    said = capsys.readouterr()
    return Called(status, said.out, said.err)


def load(url: str) -> Plan:
    store = Store(url)
    try:
        return store.load()
    finally:
        store.close()


def test_import_then_export_then_import_changes_nothing(
    database: str, tmp_path: Path, capsys: Capture
) -> None:
    first = call(capsys, "import", FIRST_LOOK, "--json", "--database", database)
    assert first.status == 0, first.err
    assert first.numbers["faults"] == 0
    assert sum(count["new"] for count in first.numbers["sheets"].values()) > 200
    before = load(database)
    copy = tmp_path / "copy.xlsx"
    exported = call(capsys, "export", copy, "--json", "--database", database)
    assert exported.status == 0, exported.err
    assert exported.numbers == {"file": str(copy), "rows": sum(1 for _ in before.rows())}
    again = call(capsys, "import", copy, "--json", "--database", database)
    assert again.status == 0, again.err
    assert all(count["new"] == count["changed"] == 0 for count in again.numbers["sheets"].values())
    assert set(load(database).rows()) == set(before.rows())


def test_check_writes_nothing(database: str, tmp_path: Path, capsys: Capture) -> None:
    file = save(tmp_path / "factory.xlsx", small_factory())
    done = call(capsys, "import", file, "--check", "--json", "--database", database)
    assert done.status == 0, done.err
    assert done.numbers["sheets"]["Orders"]["new"] == 1
    assert list(load(database).rows()) == []


def test_a_faulty_workbook_is_told_marked_and_not_imported(
    database: str, tmp_path: Path, capsys: Capture
) -> None:
    sheets = small_factory()
    sheets["Orders"][1][4] = "ten"
    sheets["BOM"][1][1] = "S9"
    file = save(tmp_path / "factory.xlsx", sheets)
    marked = tmp_path / "marked.xlsx"
    done = call(capsys, "import", file, "--marked", marked, "--json", "--database", database)
    assert done.status == 1
    assert done.numbers["faults"] == 2
    assert "ten" in done.err
    assert "S9" in done.err
    assert list(load(database).rows()) == []
    cell = openpyxl.load_workbook(marked)["Orders"]["E2"]
    assert cell.comment is not None
    assert cell.value == "ten"


def test_unknown_sheets_and_columns_are_named_and_skipped(
    database: str, tmp_path: Path, capsys: Capture
) -> None:
    sheets = small_factory()
    sheets["Gossip"] = [["who", "what"], ["a", "b"]]
    sheets["Orders"][0].append("mood")
    sheets["Orders"][1].append("good")
    file = save(tmp_path / "factory.xlsx", sheets)
    done = call(capsys, "import", file, "--check", "--database", database)
    assert done.status == 0
    assert "Gossip" in done.err
    assert "mood" in done.err


def test_travellers_of_all_or_of_chosen_work_orders(
    stored: str, tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "paper.pdf"
    for chosen, pages in (((), 2), (("WO-000002",), 1)):
        done = call(capsys, "travellers", file, *chosen, "--database", stored)
        assert done.status == 0, done.err
        with pypdfium2.PdfDocument(file) as document:
            assert len(document) == pages
            assert "WO-000002" in document[pages - 1].get_textpage().get_text_range()


def test_travellers_of_unknown_work_or_of_none(
    database: str, tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "paper.pdf"
    none = call(capsys, "travellers", file, "--database", database)
    unknown = call(capsys, "travellers", file, "WO-9", "--database", database)
    assert (none.status, unknown.status) == (1, 1)
    assert "WO-9" in unknown.err
    assert none.err.strip()
    assert not file.exists()


@pytest.mark.parametrize("place", ["no such folder/copy.xlsx", "folder.xlsx"])
def test_a_place_that_cannot_be_written_is_told(
    stored: str, tmp_path: Path, capsys: Capture, place: str
) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    done = call(capsys, "export", tmp_path / place, "--database", stored)
    assert done.status == 1
    assert str((tmp_path / place).parent) in done.err
    assert "Traceback" not in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["folder.xlsx"]


def test_a_server_that_is_not_there_is_told(tmp_path: Path, capsys: Capture) -> None:
    nowhere = "postgresql://nobody:secret@127.0.0.1:1/factory"
    done = call(capsys, "export", tmp_path / "copy.xlsx", "--database", nowhere)
    assert done.status == 1
    assert "does not answer" in done.err
    assert "secret" not in done.err


def test_a_database_that_is_no_url_is_told(tmp_path: Path, capsys: Capture) -> None:
    done = call(capsys, "export", tmp_path / "copy.xlsx", "--database", "the big one")
    assert done.status == 1
    assert "Traceback" not in done.err


@pytest.mark.parametrize("arguments", [[], ["plan"], ["import"], ["export"], ["server"]])
@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_help_speaks_the_users_language(capsys: Capture, arguments: list[str], spoken: str) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["--language", spoken, *arguments, "--help"])
    assert leaving.value.code == 0
    assert bool(re.search("[一-鿿]", capsys.readouterr().out)) == (spoken == "zh")


def test_version(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["--version"])
    assert leaving.value.code == 0
    assert capsys.readouterr().out == f"gantry {VERSION}\n"


def test_the_own_server_comes_with_the_first_command_and_goes_with_the_last(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    file = save(tmp_path / "factory.xlsx", small_factory())
    assert gantry("server", "status", "--json", home=home).numbers["running"] is False
    done = gantry("import", file, home=home)
    assert done.status == 0, done.err
    copy = tmp_path / "copy.xlsx"
    done = gantry("export", copy, home=home, spoken="zh")
    assert done.status == 0, done.err
    assert any("订单" in name for name in openpyxl.load_workbook(copy).sheetnames)
    status = gantry("server", "stop", "--json", home=home)
    assert status.status == 0
    assert status.numbers["running"] is False


def test_the_program_finds_itself_whole(tmp_path: Path) -> None:
    done = gantry("--self-check", home=tmp_path)
    assert done.status == 0, done.out + done.err
    assert [line.split()[0] for line in done.out.splitlines()] == ["ok"] * 5


def test_without_a_screen_the_factory_is_planned_into_files(
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
    qapp: QApplication,  # a process has one application, and other tests need this kind
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("app.commands.run.HEADLESS_SECONDS", 0.2)
    monkeypatch.chdir(tmp_path)
    done = call(capsys, "run", "--database", database)
    assert done.status == 0, done.err
    assert str(tmp_path / "gantry-plan") in done.out
    assert (tmp_path / "gantry-plan" / "schedule.csv").stat().st_size > 10_000
    plan = load(database)
    assert len(plan.table(OrderLine)) > 30
    assert plan.published() is not None
    assert len(plan.table(WorkOrder)) > 100


def test_the_window_comes_up_without_the_libraries_it_does_not_need_at_first() -> None:
    heavy = ("numba", "ortools", "openpyxl", "reportlab", "pypdfium2", "alembic", "pyqtgraph")
    script = f"""
import sys, app.__main__, app.commands.run, app.desk, app.window
print([name for name in {heavy} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=RESOURCES.parent,
    )
    assert done.stdout.strip() == "[]", done.stdout
