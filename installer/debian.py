"""What Debian and Ubuntu keep in packages of their own: Qt's libraries, and Python's venv."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys

# Package by the library in it. The first group is needed for every use of Qt, a window or none.
NEEDED_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
}
SCREEN_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libcups.so.2": "libcups2",
}
QT_LIBRARIES = NEEDED_LIBRARIES | SCREEN_LIBRARIES


def is_debian() -> bool:
    """Is this a system with apt packages?"""
    return sys.platform == "linux" and shutil.which("apt-get") is not None


def missing(libraries: dict[str, str]) -> list[str]:
    """Packages of those libraries that the system's loader does not find."""
    return sorted({package for name, package in libraries.items() if not _loads(name)})


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_missing(libraries: dict[str, str], purpose: str) -> None:
    """Install what is missing as root, else say how; quit only without what is always needed."""
    if sys.platform != "linux" or not (packages := missing(libraries)):
        return
    if is_debian() and install(packages, purpose, is_vital=False):
        return
    if vital := missing(NEEDED_LIBRARIES):
        sys.exit(f"Qt cannot start without the libraries of: {' '.join(vital)}")


def install(packages: list[str], purpose: str, *, is_vital: bool = True) -> bool:
    """Install packages as root; anybody else gets the line to type."""
    line = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if sys.platform == "win32" or os.geteuid() != 0:
        print(
            f"{purpose} needs packages of the system. Please type:\n\n    sudo {line}\n", flush=True
        )
        if is_vital:
            sys.exit(1)
        return False
    print(f"{purpose} needs packages of the system: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get update", line):
        done = subprocess.run(
            command.split(),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode and is_vital:
        sys.exit(f"failed: {line}")
    return done.returncode == 0


def lacks_venv() -> bool:
    """Does this Python come without what `python -m venv` needs?"""
    return is_debian() and importlib.util.find_spec("ensurepip") is None
