"""What the operating system is asked for: a lock among processes, and a port nobody has."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sys
import time
from collections.abc import Generator
from pathlib import Path


@contextlib.contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold a lock among processes; it ends with its holder, however that one ends."""
    with path.open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            while True:
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    time.sleep(0.1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def free_port(wished: int | None) -> int:
    """Find a free port on the loopback address: the wished one, else any.

    Any is first looked for below the ports that operating systems hand out to outgoing
    connections, so that it is likely to be free the next time too.
    """
    for port in [wished, *(20_000 + secrets.randbelow(12_000) for _ in range(30)), 0]:
        if port is None:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as candidate:
            if os.name == "posix":  # As the server does it; elsewhere this would mean stealing.
                candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                candidate.bind(("127.0.0.1", port))
                return int(candidate.getsockname()[1])
    raise OSError("no free port")
