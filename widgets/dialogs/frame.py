"""What all dialogs share: title, content, buttons at the bottom right, texts that follow.

On a screen that is too small for it, a dialog takes what there is and its content scrolls.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from widgets.speaking import Speaking

_BORDERS = QSize(8, 36)
"""What the system puts around a window."""


class _Page(QWidget):
    """What scrolls; it needs to be no higher than its lines of text do at a width."""

    def __init__(self) -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)

    @override
    def heightForWidth(self, arg__1: int) -> int:
        return self.body.minimumHeightForWidth(arg__1)


class _Content(QScrollArea):
    """As large as what is in it, and no larger than ``room``: there it scrolls."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.room = QSize(1 << 16, 1 << 16)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.page = _Page()
        self.body = self.page.body
        self._width = 0
        self.setWidget(self.page)
        for ground in (self.viewport(), self.page):
            ground.setAutoFillBackground(False)

    def expect(self, width: int) -> None:
        """It is, or will be, so wide."""
        if width != self._width:
            self._width = width
            self.updateGeometry()

    @override
    def sizeHint(self) -> QSize:
        return self.page.sizeHint()

    @override
    def minimumSizeHint(self) -> QSize:
        least = self.page.minimumSizeHint()
        if self.body.hasHeightForWidth():  # lines that wrap need more where it is narrow
            width = max(self._width, least.width())
            least.setHeight(max(least.height(), self.page.heightForWidth(width)))
        return least.boundedTo(self.room)

    @override
    def hasHeightForWidth(self) -> bool:
        return self.body.hasHeightForWidth()

    @override
    def heightForWidth(self, arg__1: int) -> int:
        return min(self.body.heightForWidth(arg__1), self.room.height())

    @override
    def resizeEvent(self, arg__1: QResizeEvent) -> None:
        super().resizeEvent(arg__1)
        self.expect(self.width())

    @override
    def eventFilter(self, arg__1: QObject, arg__2: QEvent) -> bool:
        if arg__2.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()  # what is in it has become larger or smaller
        return super().eventFilter(arg__1, arg__2)


class Dialog(Speaking, QDialog):
    """A dialog whose title is the text of ``title``; fill ``body``, then add buttons."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say(self.setWindowTitle, title)
        outer = self._outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        self._content = _Content(self)
        self.body = self._content.body
        self.body.setSpacing(8)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._buttons.addStretch(1)
        outer.addWidget(self._content, 1)
        outer.addLayout(self._buttons)

    def add_button(
        self, key: str, does: Callable[[], object], *, is_default: bool = False
    ) -> QPushButton:
        """A button at the bottom; the default one answers Enter."""
        button = QPushButton(self)
        button.setAutoDefault(is_default)
        button.setDefault(is_default)
        self.say(button.setText, key)
        button.clicked.connect(lambda _on=False: does())
        self._buttons.addWidget(button)
        return button

    def fit(self, room: QSize) -> None:
        """Become no larger than ``room``, the window's borders included."""
        most = (room - _BORDERS).expandedTo(QSize(1, 1))
        outer = self._outer
        margins = outer.contentsMargins()
        below = self._buttons.sizeHint().height() + outer.spacing()
        around = QSize(margins.left() + margins.right(), margins.top() + margins.bottom() + below)
        self._content.room = most - around
        self._content.expect(min(self.width(), most.width()) - around.width())
        self._content.updateGeometry()
        outer.activate()
        self.resize(self.size().boundedTo(most))

    def _keep_buttons_in_reach(self) -> None:
        """What came in has made it higher: it goes up rather than below the screen."""
        room, frame = self.screen().availableGeometry(), self.frameGeometry()
        below = frame.bottom() - room.bottom()
        if below > 0:
            self.move(frame.left(), max(room.top(), frame.top() - below))

    @override
    def setVisible(self, visible: bool) -> None:
        if visible and not self.isVisible():
            self.fit((self.parentWidget() or self).screen().availableGeometry().size())
        super().setVisible(visible)

    @override
    def resizeEvent(self, arg__1: QResizeEvent) -> None:
        super().resizeEvent(arg__1)
        if self.isVisible() and arg__1.size().height() > arg__1.oldSize().height():
            self._keep_buttons_in_reach()
