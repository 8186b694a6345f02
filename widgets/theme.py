"""How Gantry looks: colours by role, light and dark, fonts, icons, one small style sheet.

No other module names a colour. Widgets ask ``colour(Role.LATE)`` while painting; what is painted
by Qt follows the application's palette, and a StyleChange event tells of a switch.
"""

from __future__ import annotations

import re
from enum import Enum, IntEnum
from typing import Literal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyleFactory

from widgets.text import RESOURCES

Scheme = Literal["system", "light", "dark"]
Density = Literal["compact", "roomy"]
SCHEMES: tuple[Scheme, ...] = ("system", "light", "dark")
DENSITIES: tuple[Density, ...] = ("compact", "roomy")

ROW_HEIGHT, ROOMY_ROW_HEIGHT = 24, 32  # device-independent pixels


class Role(Enum):
    """What a colour is for, with its light and dark value."""

    WINDOW = ("#F5F6F8", "#191C20")
    PANEL = ("#FFFFFF", "#212429")
    BORDER = ("#D9DEE4", "#363C44")
    GRID = ("#E8EBEF", "#2B3037")
    CONTROL = ("#8C959F", "#6E7782")
    TEXT = ("#1B1F24", "#E6E9ED")
    MUTED = ("#57606A", "#A0A9B4")
    ACCENT = ("#0B63BD", "#6AB0F3")
    ON_ACCENT = ("#FFFFFF", "#12161B")
    SELECTION = ("#D6E6F8", "#243F5A")
    LATE = ("#BC2F1D", "#FF8577")
    WARNING = ("#8F5600", "#E8A93F")
    OK = ("#1A7340", "#63C590")
    SETUP = ("#59626C", "#9EA7B2")
    FROZEN = ("#4A5A8A", "#9DB0E8")
    NONWORKING = ("#EEF0F3", "#1D2024")
    OVERTIME = ("#E9DDF7", "#3E3158")
    NOW = ("#C2255C", "#F06595")
    CATEGORY_TEXT = ("#1B1F24", "#FFFFFF")


# LATE (light) and SELECTION (dark) are chosen so that text on a selected row has 4.5:1 too.

# Fill colours that tell kinds apart, in an order that holds for the colour-blind.
_CATEGORIES = (
    ("#9CC9EE", "#2F6FA8"),  # blue
    ("#F5BC72", "#9A6212"),  # orange
    ("#94D2AE", "#2C7A52"),  # green
    ("#EBDA79", "#7C6E12"),  # yellow
    ("#CBB2E3", "#6B4C93"),  # purple
    ("#F2A68C", "#A14B30"),  # vermilion
    ("#A8DDEB", "#2A7489"),  # sky
    ("#C6CCD3", "#56606B"),  # grey
)


class Category(IntEnum):
    """The fill colours by name, as indexes for ``category_colour``."""

    BLUE = 0
    ORANGE = 1
    GREEN = 2
    YELLOW = 3
    PURPLE = 4
    VERMILION = 5
    SKY = 6
    GREY = 7


class _Look:
    """The one look of the process."""

    dark = False
    scheme: Scheme = "system"
    density: Density = "compact"


def is_dark() -> bool:
    """Whether the dark colours are in use."""
    return _Look.dark


def scheme() -> Scheme:
    """What was asked for: a scheme, or to follow the system."""
    return _Look.scheme


def row_height() -> int:
    """How high a table's row is, in device-independent pixels."""
    return ROW_HEIGHT if _Look.density == "compact" else ROOMY_ROW_HEIGHT


def colour(role: Role) -> QColor:
    """The colour of a role in the scheme in use."""
    return QColor(role.value[_Look.dark])


def category_colour(index: int) -> QColor:
    """The fill of the index-th kind; the seven hues repeat, grey is only given by name."""
    wanted = index if index == Category.GREY else index % Category.GREY
    return QColor(_CATEGORIES[wanted][_Look.dark])


def use_dark(dark: bool) -> None:
    """Take the light or dark colours without an application, to paint an image."""
    _Look.dark = dark


def apply(app: QApplication, wanted: Scheme = "system", density: Density | None = None) -> None:
    """Give the application its style, palette and style sheet, and follow the system if wanted.

    Every widget gets a StyleChange event. ``density`` None keeps the row height.
    """
    _Look.density = density or _Look.density
    first = app.property("gantryStyled") is None
    if first:
        app.setProperty("gantryStyled", True)
        app.setStyle(QStyleFactory.create("Fusion"))
        app.styleHints().colorSchemeChanged.connect(lambda _scheme: _follow(app))
    _Look.scheme = wanted
    asked = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    app.styleHints().setColorScheme(asked.get(wanted, Qt.ColorScheme.Unknown))
    _repaint(app)


def _follow(app: QApplication) -> None:
    if _Look.scheme == "system":
        _repaint(app)


def _repaint(app: QApplication) -> None:
    system_dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
    _Look.dark = system_dark if _Look.scheme == "system" else _Look.scheme == "dark"
    _pixmaps.clear()
    app.setPalette(_palette())
    app.setStyleSheet(_style_sheet())


def _palette() -> QPalette:
    palette = QPalette()
    of = QPalette.ColorRole
    for role, name in {
        of.Window: Role.WINDOW,
        of.WindowText: Role.TEXT,
        of.Base: Role.PANEL,
        of.AlternateBase: Role.WINDOW,
        of.Text: Role.TEXT,
        of.Button: Role.WINDOW,
        of.ButtonText: Role.TEXT,
        of.BrightText: Role.LATE,
        of.Highlight: Role.SELECTION,
        of.HighlightedText: Role.TEXT,
        of.Accent: Role.ACCENT,
        of.Link: Role.ACCENT,
        of.LinkVisited: Role.ACCENT,
        of.ToolTipBase: Role.PANEL,
        of.ToolTipText: Role.TEXT,
        of.PlaceholderText: Role.MUTED,
        of.Light: Role.PANEL,
        of.Midlight: Role.GRID,
        of.Mid: Role.BORDER,
        of.Dark: Role.BORDER,
        of.Shadow: Role.BORDER,
    }.items():
        palette.setColor(role, colour(name))
    muted = colour(Role.MUTED)
    muted.setAlphaF(0.65)
    for role in (of.WindowText, of.Text, of.ButtonText, of.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, muted)
    return palette


def _style_sheet() -> str:
    folder = RESOURCES / "look"
    words = {role.name.lower(): colour(role).name() for role in Role}
    words["row"] = f"{row_height()}px"
    words |= {"look": folder.as_posix(), "check": "check-dark" if _Look.dark else "check-light"}
    sheet = (folder / "style.qss").read_text(encoding="utf-8")
    return re.sub(r"@(\w+)", lambda found: words[found[1]], sheet)


def load_fonts(app: QGuiApplication) -> None:
    """The system's UI font, with the shipped Noto Sans SC for what it cannot show."""
    for path in sorted((RESOURCES / "fonts").glob("*.?tf")):
        QFontDatabase.addApplicationFont(str(path))
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setFamilies([*font.families(), "Noto Sans SC"])
    if font.pointSizeF() < 9:
        font.setPointSizeF(9)
    app.setFont(font)


def tabular(font: QFont) -> QFont:
    """The font with figures of one width, for columns of numbers."""
    figures = QFont(font)
    figures.setFeature(QFont.Tag("tnum"), 1)
    return figures


_ICON_SIZES = (16, 20, 24, 32, 40, 48, 64)
_pixmaps: dict[tuple[str, Role, int], QPixmap] = {}


def icon(name: str, role: Role = Role.TEXT) -> QIcon:
    """The line icon of that name in a role's colour; greyed where its control is disabled.

    Icons do not follow a change of scheme by themselves: ask again on StyleChange
    (``widgets.speaking.Speaking.show_icon`` does).
    """
    made = QIcon()
    for size in _ICON_SIZES:
        made.addPixmap(_tinted(name, role, size))
        faint = QPixmap(size, size)
        faint.fill(Qt.GlobalColor.transparent)
        painter = QPainter(faint)
        painter.setOpacity(0.4)
        painter.drawPixmap(0, 0, _tinted(name, role, size))
        painter.end()
        made.addPixmap(faint, QIcon.Mode.Disabled)
    return made


def icon_pixmap(name: str, size: int, ratio: float = 1.0, role: Role = Role.TEXT) -> QPixmap:
    """An icon of ``size`` device-independent pixels for a screen of that pixel ratio."""
    pixmap = QPixmap(_tinted(name, role, round(size * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _tinted(name: str, role: Role, size: int) -> QPixmap:
    found = _pixmaps.get((name, role, size))
    if found is not None:
        return found
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(str(RESOURCES / "icons" / f"{name}.svg")).render(painter, QRectF(0, 0, size, size))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), colour(role))
    painter.end()
    _pixmaps[name, role, size] = pixmap
    return pixmap
