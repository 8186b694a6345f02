"""Plan every instance of a folder and compare with the best known values beside it."""

import argparse
import csv
import re
from argparse import Namespace
from pathlib import Path

from tests.bench.report import Meter, show
from tests.bench.schedule import FORMATS, add_options, run
from tests.bench.shop_process import ShopProcess


def best_known(folder: Path, objective: str, factor: float) -> dict[str, tuple[float, float]]:
    """Lower and upper bound per instance, from `best_known.csv` in the folder or the one above."""
    places = [folder / "best_known.csv", folder.parent / "best_known.csv"]
    place = next((place for place in places if place.exists()), None)
    if place is None:
        return {}
    wanted = "makespan" if objective != "wtjsp" else f"weighted tardiness f={factor:g}"
    with place.open(encoding="utf-8-sig", newline="") as file:
        return {
            row["instance"]: (float(row["LB"] or 0), float(row["UB"]))
            for row in csv.DictReader(file)
            if row["objective"].startswith(wanted) and row["UB"]
        }


def guess_format(path: Path) -> str:
    """The format of a file, by the name of its folder."""
    name = path.parent.name
    return "fjsp-sdst" if "sdst" in name else "fjsp" if name.startswith("fjsp") else "jsp"


def _compare(line: dict[str, object], known: dict[str, tuple[float, float]]) -> None:
    value, bound = int(str(line["value"])), int(str(line["bound"]))
    line["bound_gap_percent"] = round(100 * (value - bound) / value, 3) if value else 0.0
    if (pair := known.get(str(line["case"]))) is None:
        return
    line["best_known"] = pair[1]
    if pair[1] > 0:
        line["gap_percent"] = round(100 * (value / pair[1] - 1), 3)
    else:
        line["gap_percent"] = 0.0 if value == 0 else 100.0


def _summary(lines: list[dict[str, object]]) -> dict[str, object]:
    gaps = [float(str(line["gap_percent"])) for line in lines if "gap_percent" in line]
    bound_gaps = [float(str(line["bound_gap_percent"])) for line in lines]
    return {
        "instances": len(lines),
        "mean_gap": round(sum(gaps) / len(gaps), 3) if gaps else None,
        "worst_gap": max(gaps, default=None),
        "best_known_reached": sum(gap <= 0 for gap in gaps),
        "proven": sum(bool(line["proven"]) for line in lines),
        "bound_within_5_percent": sum(gap <= 5 for gap in bound_gaps),
    }


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.schedule_set", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--format", choices=FORMATS, help="default: by the folder's name")
    parser.add_argument("--only", default="", help="regular expression that the case must match")
    parser.add_argument("--every", type=int, default=1, help="take every n-th of them")
    add_options(parser)
    options = parser.parse_args(arguments)
    files = sorted(path for path in options.folder.rglob("*.*") if path.suffix in (".txt", ".fjs"))
    files = [path for path in files if re.search(options.only, f"{path.parent.name}/{path.name}")]
    known = best_known(options.folder, options.format or "", options.factor)
    if options.format == "wtjsp":
        files = [path for path in files if f"{path.parent.name}/{path.name}" in known]
    meter, lines = Meter(), []
    with ShopProcess() as process:
        for path in files[:: options.every]:
            own = Namespace(**{**vars(options), "format": options.format or guess_format(path)})
            lines.append(run(process, path, own))
            _compare(lines[-1], known)
            show(lines[-1])
    case = options.folder.name + (f" ({options.only})" if options.only else "")
    total = meter.line("schedule-set", case, **_summary(lines))
    total["cpu_seconds"] = round(sum(float(str(line["cpu_seconds"])) for line in lines), 3)
    show(total)


if __name__ == "__main__":
    main()
