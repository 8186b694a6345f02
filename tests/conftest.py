"""What every test may use: a database of its own, and a Qt that leaves nothing behind."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy.engine import make_url

from app.compiling import keep_compiled_code
from widgets import text

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
keep_compiled_code()  # before anything imports Numba
# The gate tries the same examples each time: what it says is about the change. Whoever looks for
# more faults asks for others with --hypothesis-profile=explore.
settings.register_profile("explore", deadline=None, print_blob=True)
settings.register_profile("gate", deadline=None, derandomize=True, database=None)
settings.load_profile("gate")
# Neither settings nor a server of the person who runs the tests is ever touched.
_home = tempfile.mkdtemp(prefix="gantry-test-")
os.environ["GANTRY_HOME"] = _home


def pytest_unconfigure() -> None:
    shutil.rmtree(_home, ignore_errors=True)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A superuser's URL: the server ``GANTRY_TEST_DSN`` names, else one for this run alone."""
    if given := os.environ.get("GANTRY_TEST_DSN"):
        url = make_url(given).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
        return
    from db.embedded import EmbeddedServer

    server = EmbeddedServer(Path(_home), is_durable=False)
    yield server.start()
    server.destroy()


@pytest.fixture(scope="session")
def template_database(server_url: str) -> Iterator[str]:
    """Name of a database with the newest schema, from which each test's own is cloned."""
    from db.migrate import upgrade

    name = f"gantry_template_{os.getpid()}"
    _administer(server_url, f"CREATE DATABASE {name}")
    upgrade(_on(server_url, name))
    yield name
    _administer(server_url, f"DROP DATABASE {name} WITH (FORCE)")


_numbers = itertools.count(1)


@pytest.fixture
def empty_database(server_url: str) -> Iterator[str]:
    """URL of a database of this test's own, without any schema."""
    yield from _own_database(server_url, "template1")


@pytest.fixture
def database(server_url: str, template_database: str) -> Iterator[str]:
    """URL of a migrated database of this test's own, as superuser; no other test sees it.

    Roles belong to the whole server: a test that makes one removes it.
    """
    yield from _own_database(server_url, template_database)


def _own_database(server_url: str, template: str) -> Iterator[str]:
    name = f"gantry_test_{os.getpid()}_{next(_numbers)}"
    _administer(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _on(server_url, name)
    _administer(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _on(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _administer(url: str, statement: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a top-level window or a running timer behind."""
    uses_qt = bool({"qtbot", "qapp"} & set(request.fixturenames))
    if uses_qt:
        # What is there now is nobody's leak; unfrozen, looking through it takes seconds a test.
        gc.collect()
        gc.freeze()
    threads, objects = set(threading.enumerate()), _qt_leftovers() if uses_qt else set()
    yield
    give_up_at = time.monotonic() + 3.0
    while left := [t for t in threading.enumerate() if t not in threads and t.is_alive()]:
        if time.monotonic() > give_up_at:
            pytest.fail(f"threads left running: {[thread.name for thread in left]}")
        time.sleep(0.01)
    if uses_qt:
        _settle()
        if leaked := _qt_leftovers() - objects:
            pytest.fail(f"left behind by Qt: {sorted(text for _, text in leaked)}")


def _settle() -> None:
    """Let Qt delete what was given up, and Python what nobody holds any more."""
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _qt_leftovers() -> set[tuple[int, str]]:
    """Visible windows, running timers and running threads of Qt, by address and in words."""
    from PySide6.QtCore import QCoreApplication, QThread, QTimer
    from PySide6.QtWidgets import QApplication
    from shiboken6 import isValid

    application = QCoreApplication.instance()
    main_thread = application.thread() if application else None
    found = {
        (id(window), f"window {type(window).__name__}")
        for window in QApplication.topLevelWidgets()
        if window.isVisible()
    }
    for thing in gc.get_objects():
        if isinstance(thing, QTimer) and isValid(thing) and thing.isActive():
            found.add((id(thing), f"timer of {type(thing.parent()).__name__}"))
        elif (
            isinstance(thing, QThread)
            and isValid(thing)
            and thing.isRunning()
            and thing is not main_thread
        ):
            found.add((id(thing), f"thread {type(thing).__name__}"))
    return found


@pytest.fixture(autouse=True)
def _same_voice() -> Iterator[None]:
    """A test may speak another language or show another zone's time: the next one hears nothing."""
    language, zone = text.language(), text.zone()
    yield
    text.set_language(language)
    text.set_zone(zone)


@pytest.fixture(scope="session", autouse=True)
def _one_application(request: pytest.FixtureRequest) -> None:
    """Qt knows one application a process: it is there before any code under test makes its own."""
    request.getfixturevalue("qapp")  # by name, so that not every test counts as one that uses Qt
