from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from domain.errors import Finding, RuleViolation
from domain.items import ItemType
from widgets import text
from widgets.text import (
    error_text,
    finding_text,
    format_duration,
    format_instant,
    format_quantity,
    set_language,
    show,
    tr,
)


@pytest.fixture(autouse=True)
def shanghai() -> None:
    text.set_zone(ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("quantity", "unit", "shown"),
    [
        ("1234.500", "", "1,234.5"),
        ("1E+3", "pcs", "1,000 pcs"),
        ("-0.00", "", "0"),
        ("0.0001", "kg", "0.0001 kg"),
        ("12", "crate", "12 crate"),
    ],
)
def test_quantities(quantity, unit, shown):
    assert format_quantity(Decimal(quantity), unit) == shown


def test_a_text_may_name_a_key():
    error = RuleViolation("duplicate_key", table="Item", key="A-1")
    assert error_text(error).startswith("Item: A-1 exists already.")


def test_what_was_worked_out_is_rounded():
    assert format_quantity(Decimal("141.484501"), "kg", 3) == "141.485 kg"


@pytest.mark.parametrize(
    ("minutes", "in_english", "in_chinese"),
    [
        (0, "0 min", "0分"),
        (59, "59 min", "59分"),
        (60, "1 h", "1小时"),
        (1500, "1 d 1 h", "1天1小时"),
        (1441, "1 d", "1天"),
        (-75, "−1 h 15 min", "−1小时15分"),
    ],
)
def test_durations(minutes, in_english, in_chinese):
    assert format_duration(minutes) == in_english
    set_language("zh")
    assert format_duration(minutes) == in_chinese


def test_instants_are_shown_in_the_plants_zone():
    at = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)
    assert format_instant(at) == "2026-12-01 00:30"
    assert format_instant(at, UTC) == "2026-11-30 16:30"


def test_values_in_texts_are_written_for_people():
    assert show((ItemType.MAKE, date(2026, 12, 1), Decimal(1000), True)) == (
        "Make, 2026-12-01, 1,000, Yes"
    )
    set_language("zh")
    assert show((ItemType.MAKE, None)) == "自制、"
    error = RuleViolation("unit_unknown", item="X", unit="kilo")
    assert "kilo" in error_text(error)
    finding = Finding(
        "below_safety",
        params={"item": "X", "stock": Decimal("1500.0"), "safety_stock": Decimal(2000)},
    )
    assert "1,500" in finding_text(finding)


def test_one_is_singular_and_gaps_stay_visible():
    assert tr("shell.unsaved", count=1) == "1 change not saved yet"
    assert tr("shell.unsaved", count=2) == "2 changes not saved yet"
    assert tr("orders.late") == "Late by {by}"
    assert tr("orders.late", other=1) == "Late by {by}"
    assert tr("no.such.key") == "no.such.key"


def test_only_known_languages():
    with pytest.raises(ValueError, match="unknown language"):
        set_language("fr")  # pyright: ignore[reportArgumentType]


def test_two_files_may_not_say_a_key_differently(tmp_path, monkeypatch):
    folder = tmp_path / "i18n"
    folder.mkdir()
    (folder / "a.en.json").write_text('{"k": "one"}', encoding="utf-8")
    (folder / "b.en.json").write_text('{"k": "two"}', encoding="utf-8")
    monkeypatch.setattr(text, "RESOURCES", tmp_path)
    text.catalogue.cache_clear()
    try:
        with pytest.raises(ValueError, match="differently"):
            text.catalogue("en")
    finally:
        text.catalogue.cache_clear()
