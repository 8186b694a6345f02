"""``gantry server status|stop``: look at the embedded PostgreSQL, or stop it."""

from __future__ import annotations

import argparse
import json

from db.embedded import EmbeddedServer, ServerStatus
from widgets.text import tr


def server(args: argparse.Namespace) -> int:
    """Show or stop the embedded server; 0 also when it was not running."""
    embedded = EmbeddedServer()
    if args.action == "stop":
        embedded.stop()
    status = embedded.status()
    print(_describe(status))
    if args.json:
        print(
            json.dumps(
                {
                    "running": status.is_running,
                    "folder": str(status.folder),
                    "port": status.port,
                    "version": status.version,
                    "clients": status.clients,
                }
            )
        )
    return 0


def _describe(status: ServerStatus) -> str:
    if not status.is_running:
        return tr("cli.server_stopped", folder=status.folder)
    return tr(
        "cli.server_running",
        version=status.version,
        port=status.port,
        folder=status.folder,
        clients=status.clients,
    )
