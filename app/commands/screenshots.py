"""``gantry screenshots DIR``: every panel, workspace and dialog as PNG, to be looked at.

The machining sample is planned and shown in both languages, light and dark, at both sizes; panels
are shown empty as well. No database is touched.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mode
from uuid import uuid4

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.config import Config
from app.exchange.gantt_image import has_display
from app.exchange.reading import read_workbook
from app.first_start import SAMPLE_DAY
from app.meaning import meaning_of
from app.outlooks import look_at
from app.palette import palette_entries
from app.plan_run import PlanRequest
from app.solving import PlanningProcess
from app.window import MainWindow, make_application
from app.workspaces import LAYOUTS
from domain.changes import ChangeSet
from domain.errors import Finding, Severity
from domain.happenings import HappeningKind
from domain.items import Item
from domain.mend_offers import Figures, MendOffer, RushEnd, Way
from domain.objectives import LEAN, PRESETS
from domain.order_entry import next_order_number, wish_of
from domain.orders import OrderLine
from domain.plan import Plan
from widgets import theme
from widgets.dialogs.about import AboutDialog
from widgets.dialogs.conflict import Clashing, ConflictDialog, Difference
from widgets.dialogs.importing import CountView, FaultView, ImportWizard
from widgets.dialogs.mapping import Unknown
from widgets.dialogs.preferences import PreferencesDialog
from widgets.orders.promise import PromiseDialog
from widgets.outlook import Outlook
from widgets.palette import PaletteDialog
from widgets.schedule.mending import MendingDialog
from widgets.schedule.objectives import ObjectivesDialog
from widgets.speaking import speak
from widgets.text import LANGUAGES, RESOURCES, Language, set_zone, tr

SIZES = (QSize(1366, 768), QSize(1920, 1080))
SCHEMES: tuple[theme.Scheme, ...] = ("light", "dark")
NOW = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai on the samples' day
PLAN_SECONDS = 8.0


def screenshots(folder: Path) -> int:
    """Write all pictures to a folder, a sub-folder for each language, scheme and size."""
    if not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    plan = planned_sample(RESOURCES / "samples" / "machining.xlsx")
    with tempfile.TemporaryDirectory(prefix="gantry-shots-") as scratch:
        config = Config(Path(scratch) / "settings.json")
        application = make_application(config)
        meaning = meaning_of(plan, look_at(plan, NOW).bookings.values(), NOW)
        outlook = _with_odds(look_at(plan, NOW, meaning=meaning))
        set_zone(outlook.zone)
        for language in LANGUAGES:
            for scheme in SCHEMES:
                for size in SIZES:
                    _shoot_all(application, config, outlook, (language, scheme, size), folder)
    return 0


def _with_odds(outlook: Outlook) -> Outlook:
    from domain.scheduling.odds import plan_odds

    if outlook.scenario is None:
        return outlook
    return replace(outlook, odds=plan_odds(outlook.plan, outlook.scenario, NOW))


def planned_sample(path: Path) -> Plan:
    """A sample factory with a plan, in memory."""
    reading = read_workbook(path, Plan(), new_id=uuid4, today=SAMPLE_DAY)
    plan = Plan()
    plan.apply(reading.changes)
    with PlanningProcess() as process:
        request = PlanRequest(NOW, PLAN_SECONDS, scenario_name="Plan")
        last = process.run(plan.rows(), request, lambda _message: None)
    if last.error is not None:
        raise last.error
    if last.changes is not None:
        plan.apply(last.changes)
    return plan


def _shoot_all(
    application: QApplication,
    config: Config,
    outlook: Outlook,
    look: tuple[Language, theme.Scheme, QSize],
    folder: Path,
) -> None:
    language, scheme, size = look
    theme.apply(application, scheme)
    speak(application, language)
    target = folder / f"{language}-{scheme}-{size.width()}x{size.height()}"
    target.mkdir(parents=True, exist_ok=True)
    window = MainWindow(config)
    window.resize(size)
    window.status.show_server("192.168.1.20", "gantry")
    window.status.show_link("live")
    window.top.show_user("wang.fang")
    window.show()
    for kind, shown in (("full", outlook), ("empty", Outlook())):
        for panel in window.panels.values():
            panel.show_outlook(shown)
        window.schedule.show_running(is_running=False)
        for name, shot in _scenes(window, shown):
            shot()
            _grab(application, window, target / f"{kind}-{name}.png")
    for name, dialog in _dialogs(window, outlook):
        dialog.show()
        _grab(application, dialog, target / f"dialog-{name}.png")
        dialog.close()
        dialog.deleteLater()
    window.close()
    window.deleteLater()
    application.processEvents()


def _grab(application: QApplication, widget: QWidget, path: Path) -> None:
    for _ in range(4):  # layouts settle over several rounds of events
        application.processEvents()
    widget.grab().save(str(path))


def _scenes(window: MainWindow, outlook: Outlook) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each workspace, then each panel alone."""
    for name in LAYOUTS:
        yield f"workspace-{name}", lambda name=name: _arrange(window, name, outlook)
    for name in window.panels:
        yield f"panel-{name}", lambda name=name: _show_alone(window, name, outlook)


def _arrange(window: MainWindow, name: str, outlook: Outlook) -> None:
    window.workspaces.name = name
    window.workspaces.reset()
    _choose_first(window, outlook)


def _show_alone(window: MainWindow, name: str, outlook: Outlook) -> None:
    window.workspaces.reset()
    for each, dock in window.docks.items():
        dock.setVisible(each == name)
    _choose_first(window, outlook)


def _choose_first(window: MainWindow, outlook: Outlook) -> None:
    """Something is selected, as when people work: the latest order."""
    late = sorted(outlook.fates.values(), key=lambda fate: -fate.late_minutes)
    if late:
        window.details.show_chosen([late[0].order_line])


def _dialogs(window: MainWindow, outlook: Outlook) -> Iterator[tuple[str, QDialog]]:
    wizard = ImportWizard(window)
    wizard.path = Path("orders.xlsx")
    yield "import-file", wizard
    for name, show in _wizard_pages():
        wizard = ImportWizard(window)
        wizard.path = Path("orders.xlsx")
        show(wizard)
        yield f"import-{name}", wizard
    yield "preferences", PreferencesDialog({"language": "zh"}, window)
    yield "about", AboutDialog({"about.version": "0.1.0"}, "Apache-2.0", window)
    change = Difference("column.due_on", "2026-12-08", "2026-12-04")
    clash = Clashing("SO-2612-004/10", "li.na", NOW, is_gone=False, differences=[change])
    yield "conflict", ConflictDialog([clash], window)
    yield "promise", _promise(window, outlook)
    objectives = ObjectivesDialog(window)
    own = replace(LEAN, id=uuid4(), name="VIP", is_weighted=True)
    objectives.show_profiles([*PRESETS, own], own.id)
    yield "objectives", objectives
    yield "mending", _mending(window, outlook)
    yield "mending-rush", _mending_rush(window, outlook)
    palette = PaletteDialog(window)
    palette.set_entries(palette_entries(outlook.plan, ["run_schedule", "import_workbook"]))
    palette.show()
    palette.line.setText("CNC")
    yield "palette", palette


def _promise(window: MainWindow, outlook: Outlook) -> PromiseDialog:
    """A few of the orders asked for once more, as drafts."""
    from domain.scheduling.quote import Quoter

    dialog, plan = PromiseDialog(outlook, window), outlook.plan
    if outlook.scenario is not None:
        quoter = Quoter(plan, outlook.scenario, NOW, uuid4)
        dialog.asked.connect(
            lambda rows: dialog.show_answers(
                [replace(row, quote=quoter.quote(row.wish)) for row in rows]
            )
        )
    lines = sorted(plan.table(OrderLine).values(), key=lambda line: line.due_on)[-4:]
    dialog.ask_for([(wish_of(plan, line), line) for line in lines])
    dialog.suggest_number(next_order_number(plan))
    return dialog


def _mending(window: MainWindow, outlook: Outlook) -> MendingDialog:
    """A machine is down, and two of three offers are there."""
    dialog = MendingDialog(outlook, window)
    dialog.show_running(is_running=True, seconds=3)
    for way, late, moved in ((Way.PUSH, 34, 1323), (Way.LOCAL, 18, 67)):
        figures = Figures(late * 26_000, late, 53_310)
        offer = MendOffer(way, figures, moved, ChangeSet("mend_plan", ()))
        dialog.show_offer(Figures(419_406, 16, 53_310), offer)
    return dialog


def _mending_rush(window: MainWindow, outlook: Outlook) -> MendingDialog:
    """A rush order of the item that is made most often, with all offers."""
    dialog, plan = MendingDialog(outlook, window), outlook.plan
    item_id = mode(line.item_id for line in plan.table(OrderLine).values())
    dialog.suggest(HappeningKind.RUSH, {HappeningKind.RUSH: item_id})
    dialog.form.rush.quantity.setValue(24)
    dialog.show_running(is_running=True)
    offered = ((Way.PUSH, 21, 412, 0), (Way.LOCAL, 17, 38, 190), (Way.GLOBAL, 16, 655, 0))
    for way, late, moved, late_minutes in offered:
        end = RushEnd(NOW + timedelta(hours=52, minutes=late_minutes), late_minutes)
        figures = Figures(late * 26_000, late, 53_310)
        told = {"item": plan.need(Item, item_id).code, "work_order": "WO-000213", "routing": "B"}
        chosen = (Finding("chosen_routing", Severity.INFO, (), told),) if way is Way.GLOBAL else ()
        changes = ChangeSet("mend_plan", ())
        offer = MendOffer(way, figures, moved, changes, rush=end, chosen=chosen)
        dialog.show_offer(Figures(419_406, 16, 53_310), offer)
    dialog.show_running(is_running=False)
    return dialog


def _wizard_pages() -> Sequence[tuple[str, Callable[[ImportWizard], object]]]:
    counts = [CountView(uuid4(), name, 12, 3, 285) for name in ("Items 物料", "Orders 订单")]
    unknown_item = tr("fault.unknown", code="A-10O1", listed="物料")
    faults = [
        FaultView(uuid4(), "订单", 7, "数量", "一百", tr("fault.number_unreadable", value="一百")),
        FaultView(uuid4(), "订单", 12, "物料", "A-10O1", unknown_item),
    ]
    unknown = [Unknown("订单", "要货日", [("due", "交期"), ("note", "备注")])]
    return (
        ("mapping", lambda wizard: wizard.show_unknown(unknown, {("订单", "要货日"): "due"})),
        ("progress", lambda wizard: wizard.show_progress(0.4)),
        ("preview", lambda wizard: wizard.show_preview(counts)),
        ("faults", lambda wizard: wizard.show_faults(faults)),
        ("done", lambda wizard: wizard.show_done(tr("import.done", count=315))),
    )
