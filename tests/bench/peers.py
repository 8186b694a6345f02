"""PyJobShop on the same instance: with its defaults, and with interleaved search.

It lives in an environment of its own, outside the project, made on demand with `--make`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from domain.scheduling.shop import Shop
from tests.bench.instances import read_shop
from tests.bench.report import Meter, show
from tests.bench.schedule import FORMATS, add_options

SCRIPT = Path(__file__).with_name("peers_solve.py")


def environment() -> Path:
    """Where the peer is installed: `GANTRY_PEERS`, else a folder for temporary files."""
    given = os.environ.get("GANTRY_PEERS")
    return Path(given) if given else Path(tempfile.gettempdir()) / "gantry-bench-peers"


def _python(home: Path) -> Path:
    return home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _make(home: Path) -> None:
    venv.create(home, with_pip=True)
    command = [str(_python(home)), "-m", "pip", "install", "--quiet", "pyjobshop"]
    subprocess.run(command, check=True)


def as_plain_data(shop: Shop) -> dict[str, object]:
    """A shop as lists, for a process that knows nothing of this project."""
    return {
        "machines": shop.machine_count,
        "job_start": shop.job_start.tolist(),
        "option_start": shop.option_start.tolist(),
        "option_machine": shop.option_machine.tolist(),
        "option_duration": shop.option_duration.tolist(),
        "setups": shop.setups[:, :-1, :-1].tolist() if shop.has_setups else [],
        "due": shop.due.tolist(),
        "weight": shop.weight.tolist(),
    }


def run(shop: Shop, options: argparse.Namespace, *, is_interleaved: bool) -> dict[str, object]:
    """One run of the peer; its status, value and bound."""
    order = {
        "shop": as_plain_data(shop),
        "seconds": options.seconds,
        "workers": options.workers,
        "seed": options.seed,
        "interleave": is_interleaved,
    }
    done = subprocess.run(
        [str(_python(environment())), str(SCRIPT)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"the peer failed: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--format", choices=FORMATS, required=True)
    parser.add_argument("--make", action="store_true", help="install the peer if it is missing")
    add_options(parser)
    options = parser.parse_args(arguments)
    home = environment()
    if not _python(home).exists():
        if not options.make:
            raise SystemExit(f"PyJobShop is not installed in {home}; run again with --make")
        _make(home)
    shop = read_shop(options.file, options.format, options.factor, options.first_jobs)
    case = f"{options.file.parent.name}/{options.file.name}"
    meter = Meter()
    plain = run(shop, options, is_interleaved=False)
    interleaved = run(shop, options, is_interleaved=True)
    facts = {"pyjobshop": plain, "pyjobshop_interleaved": interleaved, "seed": options.seed}
    show(meter.line("peers", case, workers=options.workers, **facts))


if __name__ == "__main__":
    main()
