"""The command line: ``gantry`` or ``python -m app``."""

from __future__ import annotations

import argparse
import ctypes
import io
import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from typing_extensions import override

from app import VERSION
from app.compiling import keep_compiled_code
from app.config import Config
from app.file_errors import file_error
from db.errors import StoreError
from domain.errors import DomainError
from domain.objectives import KEEP_PLAN, PRESETS
from widgets.text import LANGUAGES, Language, error_text, set_language, tr

FAILED, USAGE = 1, 2
_LANG_CHINESE = 0x04
"""Primary language identifier of Chinese on Windows."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong and how to call it, and leaves with status 2."""

    @override
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (0 done, 1 could not be done, 2 wrong usage)."""
    multiprocessing.freeze_support()
    keep_compiled_code()
    _speak_utf8()
    config = Config()
    given = list(sys.argv[1:] if arguments is None else arguments)
    set_language(_language(given, config))
    parser = build_parser()
    args = parser.parse_args(given)
    command: Callable[[argparse.Namespace, Config], int] = args.perform
    try:
        return command(args, config)
    except KeyboardInterrupt:
        print(tr("cli.interrupted"), file=sys.stderr)
    except (DomainError, StoreError) as error:
        print(error_text(error), file=sys.stderr)
    except OSError as error:
        print(error_text(file_error(error)), file=sys.stderr)
    return FAILED


def build_parser() -> argparse.ArgumentParser:
    """The grammar of the command line, in the user's language."""
    parser = _Parser(prog="gantry", description=tr("cli.about"))
    parser.add_argument("--version", action="version", version=f"gantry {VERSION}")
    parser.add_argument("--self-check", action="store_true", help=tr("cli.help.self_check"))
    parser.set_defaults(perform=_run)
    parser.add_argument("--language", choices=LANGUAGES, help=tr("cli.help.language"))
    commands = parser.add_subparsers(
        dest="command", metavar=tr("cli.command"), parser_class=_Parser
    )
    run = commands.add_parser("run", help=tr("cli.help.run"))
    _add_database(run)
    run.set_defaults(perform=_run)
    _add_plan(commands)
    load = commands.add_parser("import", help=tr("cli.help.import"))
    load.add_argument("file", type=Path, metavar="FILE.xlsx", help=tr("cli.help.import_file"))
    load.add_argument("--check", action="store_true", help=tr("cli.help.check"))
    load.add_argument("--marked", type=Path, metavar="COPY.xlsx", help=tr("cli.help.marked"))
    load.add_argument("--json", action="store_true", help=tr("cli.help.json"))
    _add_database(load)
    load.set_defaults(perform=_import)
    save = commands.add_parser("export", help=tr("cli.help.export"))
    save.add_argument("file", type=Path, metavar="FILE.xlsx", help=tr("cli.help.export_file"))
    save.add_argument("--json", action="store_true", help=tr("cli.help.json"))
    _add_database(save)
    save.set_defaults(perform=_export)
    papers = commands.add_parser("travellers", help=tr("cli.help.travellers"))
    papers.add_argument("file", type=Path, metavar="FILE.pdf", help=tr("cli.help.travellers_file"))
    papers.add_argument("work_orders", nargs="*", metavar="WO", help=tr("cli.help.work_orders"))
    _add_database(papers)
    papers.set_defaults(perform=_travellers)
    server = commands.add_parser("server", help=tr("cli.help.server"))
    server.add_argument("action", choices=("status", "stop"), help=tr("cli.help.server_action"))
    server.set_defaults(perform=_server)
    server.add_argument("--json", action="store_true", help=tr("cli.help.json"))
    shots = commands.add_parser("screenshots", help=tr("cli.help.screenshots"))
    shots.add_argument("folder", type=Path, metavar="DIR", help=tr("cli.help.screenshots_folder"))
    shots.set_defaults(perform=_screenshots)
    _add_language(commands)
    return parser


def _add_plan(commands: argparse._SubParsersAction[_Parser]) -> None:  # pyright: ignore[reportPrivateUsage]
    plan = commands.add_parser("plan", help=tr("cli.help.plan"))
    plan.add_argument("file", type=Path, metavar="FILE.xlsx", help=tr("cli.help.plan_file"))
    plan.add_argument("--now", metavar="T", help=tr("cli.help.now"))
    plan.add_argument("--seconds", type=_positive, default=20.0, metavar="S", help=tr("cli.help.s"))
    plan.add_argument("--out", type=Path, metavar="DIR", help=tr("cli.help.out"))
    cores = min(8, os.cpu_count() or 1)
    plan.add_argument("--workers", type=_count, default=cores, metavar="N", help=tr("cli.help.w"))
    plan.add_argument("--seed", type=int, default=1, metavar="N", help=tr("cli.help.seed"))
    profiles = [each.name for each in PRESETS if each is not KEEP_PLAN]  # no plan to be kept
    plan.add_argument("--profile", choices=profiles, help=tr("cli.help.profile"))
    plan.add_argument("--json", action="store_true", help=tr("cli.help.json"))
    plan.set_defaults(perform=_plan)


def _add_language(commands: argparse._SubParsersAction[_Parser]) -> None:  # pyright: ignore[reportPrivateUsage]
    for command in commands.choices.values():  # it may stand before or after the command
        command.add_argument(
            "--language", choices=LANGUAGES, default=argparse.SUPPRESS, help=tr("cli.help.language")
        )


def _add_database(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--database", metavar="URL", help=tr("cli.help.database"))


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(tr("cli.not_positive", value=text))
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(tr("cli.not_positive", value=text))
    return value


# Commands are imported only when they are called: a usage error or --version is instant.


def _run(args: argparse.Namespace, config: Config) -> int:
    if args.self_check:
        from app.commands.selfcheck import self_check

        return self_check()
    from app.commands.run import run

    return run(getattr(args, "database", None), config)


def _plan(args: argparse.Namespace, config: Config) -> int:
    from app.commands.plan import plan

    del config
    return plan(args)


def _import(args: argparse.Namespace, config: Config) -> int:
    from app.commands.exchanging import import_file

    return import_file(args, config)


def _export(args: argparse.Namespace, config: Config) -> int:
    from app.commands.exchanging import export_file

    return export_file(args, config)


def _travellers(args: argparse.Namespace, config: Config) -> int:
    from app.commands.exchanging import print_travellers

    return print_travellers(args, config)


def _server(args: argparse.Namespace, config: Config) -> int:
    from app.commands.server import server

    del config
    return server(args)


def _screenshots(args: argparse.Namespace, config: Config) -> int:
    from app.commands.screenshots import screenshots

    del config
    return screenshots(args.folder)


def _language(given: Sequence[str], config: Config) -> Language:
    """What ``--language`` says, else the setting, else what the system speaks."""
    for at, word in enumerate(given):
        if word.startswith("--language="):
            return _known(word.partition("=")[2])
        if word == "--language" and at + 1 < len(given):
            return _known(given[at + 1])
    return _known(config.get("language") or system_language())


def _known(language: str) -> Language:
    return "zh" if language == "zh" else "en"


def system_language() -> Language:
    """``zh`` where the system speaks Chinese, else ``en``."""
    if sys.platform == "win32":
        primary = ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF
        return "zh" if primary == _LANG_CHINESE else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def _speak_utf8() -> None:
    """Chinese text must survive a console or a pipe that defaults to another encoding."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
