"""Published MRP records: one bucket of the record is one day here, a receipt is there at 00:00 and
a demand is met by 24:00. The lead time is a single subcontracted operation of that many days."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.items import LotRule
from domain.mrp import explode
from domain.mrp.structure import Structure
from tests.builders import (
    NOW,
    TODAY,
    id_maker,
    make_bom_line,
    make_item,
    make_order_line,
    make_plan,
    make_purchase_line,
    make_routing_operation,
    make_stock,
)

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = sorted(path for path in GOLDEN.glob("mrp_*"))
# The records' first bucket begins at midnight.
START = NOW - timedelta(hours=8)


def bucket_day(bucket: str | int):
    return TODAY + timedelta(days=int(bucket) - 1)


def read(case: Path, name: str):
    return json.loads((case / f"{name}.json").read_text(encoding="utf-8"))


def build(given):
    items, rows = {}, []
    for code, facts in given["items"].items():
        lead = facts.pop("lead_time_days")
        on_hand, receipts = facts.pop("on_hand", None), facts.pop("receipts", {})
        rule = facts.pop("lot_rule", "L4L")
        numbers = {name: Decimal(value) for name, value in facts.items()}
        item = items[code] = make_item(code=code, lot_rule=LotRule(rule), **numbers)
        rows += [item, make_routing_operation(item, subcontract_days=Decimal(lead))]
        if on_hand:
            rows.append(make_stock(item, on_hand))
        rows += [
            make_purchase_line(item, quantity, due_on=bucket_day(bucket), line=bucket)
            for bucket, quantity in receipts.items()
        ]
    for parent, components in given["bom"].items():
        rows += [make_bom_line(items[parent], items[c], q) for c, q in components.items()]
    for code, demands in given["demand"].items():
        rows += [
            make_order_line(items[code], quantity, due_on=bucket_day(bucket), line=bucket)
            for bucket, quantity in demands.items()
        ]
    return items, make_plan(rows)


@pytest.mark.parametrize("case", CASES, ids=[path.name for path in CASES])
def test_record(case):
    items, plan = build(read(case, "input"))
    found = explode(plan, START, id_maker())
    zone = ZoneInfo(plan.home_plant().timezone)
    levels = Structure(plan).levels
    for code, expected in read(case, "expected").items():
        receipts: Counter[int] = Counter()
        releases: Counter[int] = Counter()
        for order in found.work_orders:
            if order.item_id == items[code].id:
                last = (order.due_at - timedelta(minutes=1)).astimezone(zone).date()
                receipts[(last - TODAY).days + 1] += order.good_quantity
                releases[(order.release_on - TODAY).days + 1] += order.quantity
        assert receipts == numbers(expected["planned_receipts"]), code
        # What should have been released in the past is released in the first bucket.
        assert releases == numbers(expected["planned_releases"], at_least=1), code
        assert levels[items[code].id] == expected["low_level_code"]


def numbers(buckets, at_least=-99):
    found: Counter[int] = Counter()
    for bucket, quantity in buckets.items():
        found[max(at_least, int(bucket))] += Decimal(quantity)
    return found


def test_there_are_published_records():
    states = [read(case, "input")["checked"] for case in CASES]
    assert sum(state.startswith("published") for state in states) == 4
