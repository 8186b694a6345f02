"""Telling and asking in plain words: what happened, to what, what to do next. Buttons are verbs."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from widgets.text import Coded, error_text, tr


def show_error(parent: QWidget | None, error: Coded, title: str = "words.sorry") -> None:
    """Say what went wrong; the catalogue's ``error.<code>`` tells it and what to do."""
    box = QMessageBox(QMessageBox.Icon.Warning, tr(title), error_text(error), parent=parent)
    box.addButton(tr("words.close"), QMessageBox.ButtonRole.AcceptRole)
    box.exec()


def ask(parent: QWidget | None, key: str, **params: object) -> bool:
    """Ask before something grave is done: ``<key>.verb`` is on the button that does it.

    Enter and Escape leave things as they are.
    """
    box = QMessageBox(
        QMessageBox.Icon.Warning, tr(f"{key}.title"), tr(key, **params), parent=parent
    )
    go = box.addButton(tr(f"{key}.verb"), QMessageBox.ButtonRole.AcceptRole)
    stay = box.addButton(tr("words.cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.exec()
    return box.clickedButton() is go


def ask_save(parent: QWidget | None, key: str, **params: object) -> bool | None:
    """Ask whether to keep something before it is closed: True keep, False discard, None stay."""
    box = QMessageBox(
        QMessageBox.Icon.Question, tr(f"{key}.title"), tr(key, **params), parent=parent
    )
    keep = box.addButton(tr(f"{key}.keep"), QMessageBox.ButtonRole.AcceptRole)
    drop = box.addButton(tr(f"{key}.discard"), QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton(tr("words.cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(stay)
    box.exec()
    clicked = box.clickedButton()
    if clicked is keep:
        return True
    return False if clicked is drop else None
