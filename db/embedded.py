"""A PostgreSQL server of one's own: made, started, shared by all clients of a user, and stopped.

All of it lies in one folder: ``data``, the superuser's ``password`` (readable by its owner only),
the ``port``, and the ``lock`` that a client holds while it arrives or leaves. It is ``postgresql``
in the *home* asked for; but root's home is closed to the unprivileged account the server runs as,
so that root's servers live under ``/var/lib/gantry``, one folder for each home.

Who uses the server is asked of the server (``pg_stat_activity``), never of a list of processes.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg

from db.cluster import SECRET, SUPERUSER, make_cluster
from db.errors import StoreError
from db.locking import free_port, locked
from db.programs import Programs, find_programs, last_line, server_account

DATABASE = "gantry"
START_RETRY_SECONDS = 15.0
"""A killed server leaves a lock that its operating system may need some seconds to clear."""
RECOVERY_SECONDS = 300.0
GOODBYE_SECONDS = 2.0
"""How long a connection that its client has closed may still be listed by the server."""
LARGEST_LOG_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is known of the embedded server.

    ``clients`` counts the connections of all programs but the asking one's; ``port`` and
    ``version`` are None while it does not run.
    """

    is_running: bool
    folder: Path
    port: int | None = None
    version: str | None = None
    clients: int = 0


def default_home() -> Path:
    """Where this user's server belongs: ``GANTRY_HOME``, else the user's data folder."""
    if setting := os.environ.get("GANTRY_HOME"):
        return Path(setting).expanduser().absolute()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "Gantry"
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (data if data.is_absolute() else Path.home() / ".local" / "share") / "gantry"


class EmbeddedServer:
    """One user's server, seen by one client of it.

    ``binaries`` is an explicit setting of the folder with PostgreSQL's programs. With
    ``is_durable=False`` a server made here is fast and does not survive a crash of the machine.
    """

    def __init__(
        self, home: Path | None = None, *, binaries: Path | None = None, is_durable: bool = True
    ) -> None:
        home = (home or default_home()).absolute()
        self._account = server_account()
        self.folder = home / "postgresql"
        if self._account:
            self.folder = Path("/var/lib/gantry") / sha256(os.fsencode(home)).hexdigest()[:16]
        self._binaries = binaries
        self._is_durable = is_durable
        self._presence: psycopg.Connection[tuple[object, ...]] | None = None

    def start(self) -> str:
        """Arrive: make and start the server where needed; be a client of it until `leave`.

        Returns:
            URL of the superuser on database ``gantry``, which is created when missing.

        Raises:
            StoreError: ``server_programs_missing``, ``server_version_missing``,
                ``server_folder_unusable``, ``server_password_missing``, ``server_init_failed``
                or ``server_start_failed``.
        """
        log = self._data / "server.log"
        try:
            self._make_folder()
            with locked(self.folder / "lock"):
                self._arrive()
        except OSError as error:
            reason = error.strerror or str(error)
            raise StoreError("server_folder_unusable", path=self.folder, reason=reason) from error
        except psycopg.Error as error:
            raise StoreError(
                "server_start_failed", log=log, reason=last_line(str(error))
            ) from error
        return self.url

    def leave(self) -> None:
        """Go, and stop the server if nobody else is connected; close your connections before."""
        if self._presence is None:
            return
        with locked(self.folder / "lock"):
            self._forget()
            if self._answers() and not self._is_used():
                self._stop()

    def stop(self) -> None:
        """Stop the server whoever uses it; nothing happens where none runs."""
        if not self._data.is_dir():
            return
        with locked(self.folder / "lock"):
            self._forget()
            if self._answers():
                self._stop()

    def status(self) -> ServerStatus:
        """Look at the server without starting it."""
        try:
            with self._connect() as connection:
                version = connection.info.parameter_status("server_version")
                return ServerStatus(
                    True, self.folder, connection.info.port, version, _clients(connection)
                )
        except (psycopg.OperationalError, OSError):
            return ServerStatus(False, self.folder)

    def destroy(self) -> None:
        """Stop the server and delete its folder: every row in it is gone."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """Where the running server is reached, with the superuser's password."""
        where = f"127.0.0.1:{self._port()}/{DATABASE}"
        return f"postgresql+psycopg://{SUPERUSER}:{self._password()}@{where}"

    # -- making ----------------------------------------------------------------------------------

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _make_folder(self) -> None:
        if self.folder.is_dir():
            return
        above = self.folder.parent
        is_above_ours = not above.exists()
        above.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if self._account:  # It passes through; the files stay closed to it.
            self.folder.chmod(0o711)
            if is_above_ours:
                above.chmod(0o755)

    def _arrive(self) -> None:
        if not self._answers():
            programs = self._programs()
            if not self._data.is_dir():
                make_cluster(programs, self.folder, is_durable=self._is_durable)
            elif not (self.folder / SECRET).is_file():
                raise StoreError("server_password_missing", path=self.folder / SECRET)
            self._start(programs)
        if self._presence is None or not _is_alive(self._presence):
            self._presence = self._connect()
        known = "SELECT 1 FROM pg_database WHERE datname = %s"
        if self._presence.execute(known, [DATABASE]).fetchone() is None:
            self._presence.execute(f"CREATE DATABASE {DATABASE}")

    def _programs(self) -> Programs:
        kept = self._data / "PG_VERSION"
        major = int(kept.read_text(encoding="ascii")) if kept.is_file() else None
        return find_programs(self._binaries, self._account, self.folder / "programs", major)

    # -- running ---------------------------------------------------------------------------------

    def _start(self, programs: Programs) -> None:
        """Start, again and again while the remains of a killed server are in the way."""
        log, give_up_at = self._data / "server.log", time.monotonic() + START_RETRY_SECONDS
        if log.is_file() and log.stat().st_size > LARGEST_LOG_BYTES:
            log.unlink()
        while True:
            port = free_port(self._wished_port())
            (self.folder / "port").write_text(f"{port}\n", encoding="ascii")
            options = ["-D", self._data, "-l", log, "-w", "-t", str(int(RECOVERY_SECONDS))]
            _, text = programs.run("pg_ctl", "start", *options, "-o", f"-p {port}", cwd=self.folder)
            if self._answers():
                return
            if time.monotonic() > give_up_at:
                raise StoreError("server_start_failed", log=log, reason=last_line(text))
            time.sleep(0.5)

    def _stop(self) -> None:
        arguments = ["-D", self._data, "-m", "fast", "-w", "-t", "60"]
        is_done, text = self._programs().run("pg_ctl", "stop", *arguments, cwd=self.folder)
        if not is_done:
            raise StoreError("server_stop_failed", path=self.folder, reason=last_line(text))

    def _answers(self) -> bool:
        """Is it up? Waits for one that somebody else has begun to start or to stop."""
        give_up_at = time.monotonic() + RECOVERY_SECONDS
        while True:
            try:
                self._connect().close()
            except FileNotFoundError:
                return False
            except psycopg.OperationalError as error:
                if "the database system is" not in str(error) or time.monotonic() > give_up_at:
                    return False
                time.sleep(0.2)
            else:
                return True

    def _is_used(self) -> bool:
        give_up_at = time.monotonic() + GOODBYE_SECONDS
        with self._connect() as connection:
            while _clients(connection):
                if time.monotonic() > give_up_at:
                    return True
                time.sleep(0.05)
        return False

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """Connect as superuser; the password is shown to nobody but the server that has it."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self._port(),
            user=SUPERUSER,
            password=self._password(),
            dbname="postgres",
            application_name="gantry presence",
            require_auth="scram-sha-256",
            connect_timeout=5,
            autocommit=True,
        )

    def _forget(self) -> None:
        if self._presence is not None:
            self._presence.close()
            self._presence = None

    def _port(self) -> int:
        """Where the server listens by its own word; FileNotFoundError where none runs."""
        lines = (self._data / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
        port = [*lines.splitlines(), "", "", "", ""][3]
        if not port.isdecimal():  # The server has only begun to write it.
            raise FileNotFoundError(self._data / "postmaster.pid")
        return int(port)

    def _wished_port(self) -> int | None:
        """The port of the last time, so that whoever noted it finds the server again."""
        try:
            return int((self.folder / "port").read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def _password(self) -> str:
        return (self.folder / SECRET).read_text(encoding="ascii").strip()


def _clients(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    ).fetchone()
    return int(str(row[0])) if row else 0


def _is_alive(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
