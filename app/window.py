"""The main window: panels in docks, rail, top bar, status bar. It has no rules of its own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QToolBar, QWidget
from typing_extensions import override

from app.config import Config
from app.priority import answer_soon
from app.shares import Dock, DockShares
from app.workspaces import Workspaces
from widgets import theme
from widgets.dashboard.panel import DashboardPanel
from widgets.details.panel import DetailsPanel
from widgets.inventory.panel import InventoryPanel
from widgets.items.panel import ItemsPanel
from widgets.mrp.panel import MrpPanel
from widgets.orders.panel import OrdersPanel
from widgets.panel import Panel
from widgets.quality.panel import QualityPanel
from widgets.schedule.panel import SchedulePanel
from widgets.shell.rail import ActivityRail
from widgets.shell.status import StatusBar
from widgets.shell.toolbar import TopBar
from widgets.shopfloor.panel import ShopFloorPanel
from widgets.speaking import Speaking, speak
from widgets.text import language
from widgets.todo.panel import TodoPanel

SMALLEST = (900, 460)
"""It fits 1920 x 1080 pixels at 200 %, which are 960 x 540, between its title and the task bar."""
LARGEST = QSize(1600, 940)
"""How large the window is at the very first start, where the screen has room for it."""


class MainWindow(Speaking, QMainWindow):
    """Holds the panels; ``files_dropped`` brings paths, ``closing`` a QCloseEvent to refuse."""

    files_dropped = Signal(list)
    closing = Signal(object)

    def __init__(self, config: Config) -> None:
        super().__init__()
        self._config = config
        self._covers: list[QWidget] = []
        self.setObjectName("gantry")
        self.setMinimumSize(*SMALLEST)
        self.setDockNestingEnabled(True)
        self.setAcceptDrops(True)
        self.say(self.setWindowTitle, "app.title")
        self.schedule = SchedulePanel(self)
        self.details = DetailsPanel(self)
        self.panels: dict[str, Panel] = {
            panel.name: panel
            for panel in (
                OrdersPanel(self),
                self.schedule,
                MrpPanel(self),
                ItemsPanel(self),
                ShopFloorPanel(self),
                QualityPanel(self),
                InventoryPanel(self),
                DashboardPanel(self),
                TodoPanel(self),
                self.details,
            )
        }
        self.rail, self.top, self.status = ActivityRail(), TopBar(self), StatusBar(self)
        self._add_bars()
        self.docks = {name: self._dock(panel) for name, panel in self.panels.items()}
        for panel in self.panels.values():
            panel.remember_in(config.section(f"layout.{panel.name}"))
            panel.totals_changed.connect(self.status.show_totals)
            # Their keys work wherever the keyboard is, and while the panel is hidden.
            self.addActions(
                [each for each in panel.commands.values() if not each.shortcut().isEmpty()]
            )
        self.workspaces = Workspaces(self, self.docks, config.section("workspace"))
        self._shares = DockShares(self, self.docks.values())

    def _add_bars(self) -> None:
        self.setCentralWidget(None)  # pyright: ignore[reportArgumentType]
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.top)
        side = QToolBar(self)
        side.setObjectName("rail")
        side.setMovable(False)
        side.addWidget(self.rail)
        self.say(side.setWindowTitle, "shell.rail")
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, side)
        self.setStatusBar(self.status)
        self.rail.wished.connect(self.open_panel)

    def _dock(self, panel: Panel) -> Dock:
        dock = Dock(self)
        dock.setObjectName(panel.name)
        dock.setWidget(panel)
        self.say(dock.setWindowTitle, f"panel.{panel.name}")
        dock.visibilityChanged.connect(
            lambda on, name=panel.name: self.rail.show_open(name, is_open=on)
        )
        dock.visibilityChanged.connect(panel.set_in_front)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        return dock

    def open_panel(self, name: str) -> None:
        """Bring a panel to the front, and the keyboard to it."""
        dock = self.docks[name]
        dock.show()
        dock.raise_()
        self.panels[name].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_panels(self, *, is_loaded: bool) -> None:
        """Until the factory is known, cover the panels: they would say that there is none.

        Hidden panels would lose their sizes.
        """
        for cover in self._covers:
            cover.deleteLater()
        self._covers = [] if is_loaded else [_cover(panel) for panel in self.panels.values()]

    def restore(self) -> None:
        """Place and arrange the window as it was left, or to fill most of the screen."""
        place = self._config.get("window.place")
        if not (isinstance(place, str) and self._restore_place(place)):
            space = self.screen().availableGeometry().size()
            if space.width() > LARGEST.width() and space.height() > LARGEST.height():
                self.resize(LARGEST)
            else:  # a window without its frame that fills the screen would lose its foot
                self.setWindowState(Qt.WindowState.WindowMaximized)
        if self.isMaximized():  # panels get their parts of the size that it will have
            self.resize(self.screen().availableGeometry().size())
        self.workspaces.restore()

    def _restore_place(self, place: str) -> bool:
        return self.restoreGeometry(QByteArray.fromBase64(place.encode()))

    def remember(self) -> None:
        """Keep place and arrangement for the next start."""
        place = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self._config["window.place"] = place
        self.workspaces.save()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shares.keep()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit(event)
        if event.isAccepted():
            self.remember()

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        urls = event.mimeData().urls()
        self.files_dropped.emit([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])


def _cover(panel: QWidget) -> QWidget:
    cover = QWidget(panel, autoFillBackground=True)
    cover.setGeometry(0, 0, 10_000, 10_000)  # larger than any screen: it need not follow
    cover.show()
    return cover


def make_application(config: Config) -> QApplication:
    """The application with its look and language; one a process."""
    answer_soon()
    QApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    application = QApplication(["gantry"])
    application.setApplicationName("Gantry")
    application.setOrganizationName("Gantry")
    application.setWindowIcon(theme.icon("chart-gantt", theme.Role.ACCENT))
    theme.load_fonts(application)
    theme.apply(application, config.get("scheme", "system"), config.get("density"))
    speak(application, language())
    return application
