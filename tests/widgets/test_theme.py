from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from widgets import theme
from widgets.speaking import Speaking
from widgets.spin import NumberBox, WholeBox
from widgets.text import RESOURCES
from widgets.theme import Category, Role, category_colour, colour

TEXT_ROLES = (Role.TEXT, Role.MUTED, Role.ACCENT, Role.LATE, Role.WARNING, Role.OK, Role.FROZEN)


def contrast(one: QColor, other: QColor) -> float:
    """The contrast ratio of WCAG 2.1, 1 … 21."""

    def luminance(shade: QColor) -> float:
        parts = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (shade.redF(), shade.greenF(), shade.blueF())
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=["light", "dark"])
def scheme(request, qapp):
    theme.apply(qapp, request.param)
    yield request.param
    theme.apply(qapp, "light", "compact")


def test_every_text_colour_can_be_read(scheme):
    for role in TEXT_ROLES:
        for ground in (Role.WINDOW, Role.PANEL, Role.SELECTION):
            assert contrast(colour(role), colour(ground)) >= 4.5, (role, ground)
    assert contrast(colour(Role.ON_ACCENT), colour(Role.ACCENT)) >= 4.5
    for ground in (Role.WINDOW, Role.PANEL):
        assert contrast(colour(Role.CONTROL), colour(ground)) >= 2.8


def test_bars_carry_readable_text(scheme):
    for category in Category:
        assert contrast(colour(Role.CATEGORY_TEXT), category_colour(category)) >= 4.5


def test_the_style_sheet_names_only_roles_that_exist(scheme):
    assert "@" not in theme._style_sheet()


def test_every_icon_can_be_drawn(qapp):
    for path in (RESOURCES / "icons").glob("*.svg"):
        image = theme.icon_pixmap(path.stem, 16, 2.0).toImage()
        assert image.width() == 32
        shades = [image.pixelColor(x, y).alpha() for x in range(32) for y in range(32)]
        assert max(shades) > 200, path.stem


def test_numbers_stand_as_far_from_the_border_as_words(scheme, qtbot):
    def first_ink(field: QWidget) -> int:
        """Where the text begins, in pixels from the left."""
        qtbot.addWidget(field)
        field.resize(120, 28)
        field.show()
        image, ground = field.grab().toImage(), colour(Role.PANEL)
        rows = range(8, 20)
        return next(x for x in range(2, 60) if any(image.pixelColor(x, y) != ground for y in rows))

    words = first_ink(QLineEdit("HH"))
    whole, number = WholeBox(None, 0, 99, 11), NumberBox(None, 0, 99, 2)
    whole.setPrefix("H")
    number.setPrefix("H")
    assert [first_ink(whole), first_ink(number)] == [words, words]


def test_icons_follow_the_colours(qtbot, qapp):
    class Button(Speaking, QPushButton):
        pass

    button = Button()
    qtbot.addWidget(button)
    button.show_icon(button, "square", Role.TEXT)

    def ink(icon: QIcon) -> QColor:
        image = icon.pixmap(QSize(16, 16)).toImage()
        shades = [image.pixelColor(x, y) for x in range(16) for y in range(16)]
        return max(shades, key=lambda shade: shade.alpha())

    light = ink(button.icon())
    theme.apply(qapp, "dark")
    qapp.processEvents()
    dark = ink(button.icon())
    theme.apply(qapp, "light")
    assert light.lightness() < 80 < 180 < dark.lightness()


def test_rows_can_be_roomy(qapp):
    assert theme.row_height() == 24
    theme.apply(qapp, "light", "roomy")
    assert theme.row_height() == 32
    theme.apply(qapp, "light", "compact")
