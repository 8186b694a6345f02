"""Widgets that follow a change of language or colours without a restart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from PySide6.QtCore import QEvent, QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from widgets import text, theme
from widgets.text import Language, tr


def speak(app: QApplication, language: Language) -> None:
    """Switch the whole program's language; every Speaking widget follows at once.

    Qt's own words (standard buttons, context menus) come from the translation it ships.
    """
    text.set_language(language)
    locale = "zh_CN" if language == "zh" else "en_US"
    QLocale.setDefault(QLocale(locale))
    old = cast("QTranslator | None", app.property("gantryTranslator"))
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    # English is what Qt says untranslated; an empty translator still announces the change.
    if language != "en":
        translator.load(f"qtbase_{locale}", folder)
    app.setProperty("gantryTranslator", translator)
    if old is not None:
        app.removeTranslator(old)
    app.installTranslator(translator)
    QApplication.sendEvent(app, QEvent(QEvent.Type.LanguageChange))


class HasIcon(Protocol):
    """An action, a button: anything that takes an icon."""

    def setIcon(self, icon: QIcon, /) -> object:
        """Show it."""
        ...


class Speaking:
    """Mix-in, named before the QWidget: ``class Panel(Speaking, QWidget)``.

    ``say`` and ``show_icon`` act now and again whenever language or colours change; what needs more
    overrides ``retranslate`` or ``restyle`` and calls super.
    """

    _said: list[tuple[Callable[[str], object], str, dict[str, object]]]
    _shown: list[tuple[HasIcon, str, theme.Role]]

    def say(self, setter: Callable[[str], object], key: str, **params: object) -> None:
        """Call ``setter`` with the text of ``key``, now and after each change of language."""
        self.__dict__.setdefault("_said", []).append((setter, key, params))
        setter(tr(key, **params))

    def show_icon(self, target: HasIcon, name: str, role: theme.Role = theme.Role.TEXT) -> None:
        """Give ``target`` an icon, tinted anew after each change of colours."""
        self.__dict__.setdefault("_shown", []).append((target, name, role))
        target.setIcon(theme.icon(name, role))

    def retranslate(self) -> None:
        """Say everything again in the language of now."""
        for setter, key, params in self.__dict__.get("_said", ()):
            setter(tr(key, **params))

    def restyle(self) -> None:
        """Tint everything again in the colours of now."""
        for target, name, role in self.__dict__.get("_shown", ()):
            target.setIcon(theme.icon(name, role))

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and colours."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.StyleChange:
            self.restyle()
        cast("QWidget", super()).changeEvent(event)
