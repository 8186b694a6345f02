"""A cable that can be pulled: a relay between a client and the server."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from enum import Enum

from sqlalchemy.engine import URL, make_url


class Cut(Enum):
    """Where the cable breaks when COMMIT passes."""

    BEFORE = "the server never hears of it"
    AFTER = "the answer never comes back"


class Relay:
    """Passes everything on until it is told to break."""

    def __init__(self, url: str) -> None:
        target = make_url(url)
        self._target = (target.host or "127.0.0.1", target.port or 5432)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._door]
        self._threads: list[threading.Thread] = []
        self.cut: Cut | None = None
        self._start(self._accept)
        self._url: URL = target.set(host="127.0.0.1", port=self._door.getsockname()[1])

    @property
    def url(self) -> str:
        """The server's URL, by way of the relay."""
        return self._url.render_as_string(hide_password=False)

    def pull(self) -> None:
        """Breaks all connections at once."""
        for each in self._sockets[1:]:
            _close(each)
        del self._sockets[1:]

    def close(self) -> None:
        """Breaks everything and ends."""
        self.pull()
        _close(self._door)
        for thread in self._threads:
            thread.join(5)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.create_connection(self._target)
                self._sockets += [client, server]
                self._start(self._pass_on, client, server)
                self._start(self._pass_on, server, client)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if b"COMMIT\0" in data and self.cut is not None:
                    cut, self.cut = self.cut, None
                    if cut is Cut.AFTER:
                        _close(source)
                        _tell_last_words(target, data)
                    break
                target.sendall(data)
        _close(source)
        _close(target)


def _tell_last_words(server: socket.socket, data: bytes) -> None:
    """Sends them and waits until the server has dealt with them; nobody hears its answer."""
    server.sendall(data)
    threading.Event().wait(0.3)


def _close(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()


@contextlib.contextmanager
def relay_to(url: str) -> Iterator[Relay]:
    """A relay to a server, for a while."""
    relay = Relay(url)
    try:
        yield relay
    finally:
        relay.close()
