"""A styled application that speaks English unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from tests.widgets.factory import Factory, make_factory
from widgets import theme
from widgets.speaking import speak


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    theme.load_fonts(qapp)
    theme.apply(qapp, "light")
    return qapp


@pytest.fixture(autouse=True)
def english(qapp: QApplication) -> Iterator[None]:
    speak(qapp, "en")
    qapp.processEvents()
    yield
    speak(qapp, "en")
    qapp.processEvents()


@pytest.fixture
def factory() -> Factory:
    return make_factory()
