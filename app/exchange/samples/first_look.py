"""A small sheet-metal shop: tool cabinets, control boxes and shelves in two colours.

12 machines, some 40 order lines over four weeks, three levels of parts below what is sold.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from app.exchange.samples.factory import Factory
from app.exchange.samples.shops import PEOPLE, TODAY, customers, supply, workdays
from domain.items import Item, ItemType, LotRule, Tracking
from domain.orders import OrderStatus
from domain.plan import Plan
from domain.routings import BreakRule

SEED = 41
LINES = 40
LAST_DUE = date(2026, 12, 25)
WEEK = range(1, 7)

CUSTOMERS = (
    "昆山佳明机电有限公司", "苏州科畅电气有限公司", "太仓远帆物流设备有限公司",
    "上海锦程工具商行", "无锡嘉禾自动化有限公司", "常熟同创车业有限公司",
)  # fmt: skip
SUPPLIERS = ("昆山宝昌钢材有限公司", "宁波固信五金有限公司", "苏州彩塑粉末涂料厂")

# Code, name, unit, cost, lead time in days.
BOUGHT = (
    ("LZB-12", "冷轧板 1.2mm", "kg", "5.1", 5), ("LZB-20", "冷轧板 2.0mm", "kg", "4.9", 5),
    ("FM-H", "塑粉 灰", "kg", "24", 4), ("FM-L", "塑粉 蓝", "kg", "26", 4),
    ("JL-01", "铰链", "pcs", "1.8", 3), ("SJ-01", "门锁", "pcs", "6.5", 6),
    ("HG-01", "三节滑轨", "set", "14", 7), ("JL-02", "万向脚轮", "pcs", "8.2", 7),
    ("LD-M6", "六角螺栓 M6", "pcs", "0.12", 2), ("DG-01", "接线导轨", "m", "4.4", 5),
)  # fmt: skip

# Sheet parts: code, name, sheet, weight in kg, minutes for laser, bending.
PARTS = (
    ("CB-01", "侧板", "LZB-12", "6.2", "3.5", "4"),
    ("BB-01", "背板", "LZB-12", "5.4", "3", "2.5"),
    ("CD-01", "层板", "LZB-12", "3.8", "2.5", "3.5"),
    ("MB-01", "门板", "LZB-12", "5.6", "3.2", "5"),
    ("CT-01", "抽屉体", "LZB-12", "2.9", "3", "6"),
    ("XB-01", "箱壳", "LZB-20", "7.5", "4.5", "6.5"),
    ("XM-01", "箱门", "LZB-20", "3.1", "2.4", "4"),
    ("AZB-01", "安装板", "LZB-20", "2.6", "2", "0"),
    ("LZ-01", "立柱", "LZB-20", "4.8", "3", "4.5"),
    ("HL-01", "横梁", "LZB-20", "3.2", "2.2", "3"),
)

# Welded and sprayed parts: code, name, colour, minutes for welding, parts of them.
WELDED = (
    ("GT-01-H", "柜体 灰", "灰", "16", (("CB-01", 2), ("BB-01", 1), ("CD-01", 2))),
    ("GT-01-L", "柜体 蓝", "蓝", "16", (("CB-01", 2), ("BB-01", 1), ("CD-01", 2))),
    ("MZ-01-H", "门组件 灰", "灰", "6", (("MB-01", 1), ("JL-01", 2), ("SJ-01", 1))),
    ("MZ-01-L", "门组件 蓝", "蓝", "6", (("MB-01", 1), ("JL-01", 2), ("SJ-01", 1))),
    ("CZ-01-L", "抽屉组件 蓝", "蓝", "5", (("CT-01", 1), ("HG-01", 1))),
    ("XT-01-H", "箱体 灰", "灰", "12", (("XB-01", 1), ("XM-01", 1), ("JL-01", 2))),
    ("KJ-01-L", "货架框 蓝", "蓝", "14", (("LZ-01", 4), ("HL-01", 6))),
)  # fmt: skip

# Sold: code, name, minutes to assemble, parts of it.
WHEELS, BOLT = ("JL-02", 4), "LD-M6"
SOLD = (
    ("GJG-01", "工具柜 双门 灰", "18", (("GT-01-H", 1), ("MZ-01-H", 2), WHEELS, (BOLT, 16))),
    ("GJG-02", "工具柜 双门 蓝", "18", (("GT-01-L", 1), ("MZ-01-L", 2), WHEELS, (BOLT, 16))),
    ("GJG-03", "工具车 五抽 蓝", "26", (("GT-01-L", 1), ("CZ-01-L", 5), WHEELS, (BOLT, 20))),
    ("KZX-01", "控制箱 6040", "14", (("XT-01-H", 1), ("AZB-01", 1), ("SJ-01", 1), ("DG-01", 2))),
    ("HJ-01", "货架 四层 蓝", "12", (("KJ-01-L", 2), ("CD-01", 4), (BOLT, 32))),
)


def first_look() -> Plan:
    """The whole shop, the same every time."""
    factory = Factory("KS01", "昆山钣金厂", SEED)
    _shop(factory)
    _items(factory)
    codes = customers(factory, CUSTOMERS)
    for number, name in enumerate(SUPPLIERS, 1):
        factory.supplier(f"S{number:02d}", name)
    _orders(factory, codes)
    supply(factory, [f"S{n:02d}" for n in range(1, len(SUPPLIERS) + 1)], "0.5", "0.3")
    factory.stock("CD-01", 24, "半成品仓", "B01", date(2026, 11, 24))
    factory.stock("GJG-01", 3, "成品仓", "F01", date(2026, 11, 27))
    return factory.plan


def _shop(factory: Factory) -> None:
    factory.calendar("白班", (WEEK, 8, 12), (WEEK, 13, 17))
    factory.calendar("长白班", (WEEK, 8, 12), (WEEK, 13, 20))
    factory.holiday(("白班", "长白班"), (date(2026, 12, 19),))
    factory.holiday(("白班",), (date(2026, 12, 13),), (8, 12), (13, 17))
    factory.work_center(
        "激光", "白班", (("L1", "激光切割机 3kW", "1"), ("L2", "激光切割机 6kW", "1.3")), 120
    )
    bending = [(f"B{n}", f"数控折弯机 {n}#", share) for n, share in enumerate(("1", "1", "0.8"), 1)]
    factory.work_center("折弯", "白班", bending, 60)
    factory.work_center("冲压", "白班", (("P1", "数控冲床", "1"),), 70)
    factory.work_center("焊接", "白班", [(f"W{n}", f"焊接工位 {n}", "1") for n in (1, 2, 3)], 45)
    factory.work_center("喷塑", "长白班", (("S1", "喷塑流水线", "1"),), 90)
    factory.work_center("装配", "白班", (("A1", "装配台 1", "1"), ("A2", "装配台 2", "1")), 40)
    for number, skills in enumerate((("焊工",), ("焊工",), ("焊工", "装配"), ("装配",), ("装配",))):
        factory.operator(f"E{number + 1:02d}", PEOPLE[number + 6], skills, "白班")
    factory.changeover("喷塑", "灰", "蓝", 30)
    factory.changeover("喷塑", "蓝", "灰", 50)
    factory.changeover("喷塑", "*", "*", 0)
    stop = datetime(2026, 12, 9, 8)  # noqa: DTZ001 - plant time
    factory.downtime("L1", stop, stop.replace(hour=14), "激光器保养")


def _items(factory: Factory) -> None:
    for code, name, unit, cost, days in BOUGHT:
        factory.add(
            Item(
                id=factory.new_id(), code=code, name=name, unit=unit, type=ItemType.BUY,
                lead_time_days=Decimal(days), standard_cost=Decimal(cost),
                multiple=Decimal(100) if unit == "kg" and code.startswith("LZB") else None,
                safety_stock=Decimal(200) if code == "LD-M6" else Decimal(0),
                lot_rule=LotRule.MINMAX if code == "LD-M6" else LotRule.L4L,
                lot_size=Decimal(2000) if code == "LD-M6" else None,
                shelf_life_days=365 if code.startswith("FM") else None,
                tracking=Tracking.LOT if unit == "kg" else Tracking.NONE,
            )
        )  # fmt: skip
    factory.unit("LZB-12", "张", "29.4")
    factory.unit("LZB-20", "张", "49")
    for part in PARTS:
        _sheet_part(factory, *part)
    for part in WELDED:
        _welded(factory, *part)
    for code, name, minutes, components in SOLD:
        factory.add(Item(id=factory.new_id(), code=code, name=name, standard_cost=Decimal(420)))
        for component, quantity in components:
            factory.component(code, component, quantity, operation=10)
        factory.operation(
            code, 10, "装配", "装配", setup=10, run=minutes, skill="装配", operators=1,
            inspection=True,
        )  # fmt: skip


def _sheet_part(
    factory: Factory, code: str, name: str, sheet: str, weight: str, cut: str, bend: str
) -> None:
    factory.add(
        Item(
            id=factory.new_id(), code=code, name=name, standard_cost=Decimal(weight) * 9,
            lot_rule=LotRule.POQ if code == "CD-01" else LotRule.L4L,
            lot_size=Decimal(3) if code == "CD-01" else None,
            scrap_ratio=Decimal("0.02") if code == "MB-01" else Decimal(0),
        )
    )  # fmt: skip
    factory.component(code, sheet, weight, operation=10, unit="kg", scrap="0.08")
    if code == "AZB-01":
        factory.operation(code, 10, "冲孔", "冲压", setup=25, run=cut)
        factory.operation(code, 20, "镀锌", subcontract_days=Decimal(2))
        return
    factory.operation(code, 10, "激光切割", "激光", setup=10, run=cut, transfer_batch=Decimal(10))
    if code == "CB-01":  # too long for the third press
        factory.operation(code, 20, "折弯", setup=15, run=bend, machines=("B1", "B2"))
    else:
        factory.operation(code, 20, "折弯", "折弯", setup=15, run=bend)


def _welded(
    factory: Factory, code: str, name: str, colour: str, weld: str,
    components: tuple[tuple[str, int], ...],
) -> None:  # fmt: skip
    factory.add(
        Item(id=factory.new_id(), code=code, name=name, family=colour, standard_cost=Decimal(160))
    )
    for component, quantity in components:
        factory.component(code, component, quantity, operation=10)
    powder = "FM-H" if colour == "灰" else "FM-L"
    factory.component(code, powder, "0.35", operation=20, unit="kg")
    factory.operation(code, 10, "焊接打磨", "焊接", setup=10, run=weld, skill="焊工", operators=1)
    factory.operation(
        code, 20, "喷塑", "喷塑", setup=15, run="3.2", wait_minutes=Decimal(120),
        break_rule=BreakRule.FIT,
    )  # fmt: skip


def _orders(factory: Factory, codes: list[str]) -> None:
    random = factory.random
    days = workdays(date(2026, 12, 7), LAST_DUE, (date(2026, 12, 19),))
    number = line = 0
    customer = codes[0]
    for count in range(LINES):
        line += 1
        if line > 1 + number % 3 or count == 0:
            number, line, customer = number + 1, 1, random.choice(codes)
        item = SOLD[count % len(SOLD)][0]
        more: dict[str, object] = {"priority": random.choice((2, 4, 5, 5, 5, 6))}
        more["price"] = Decimal(random.choice((680, 720, 760)))
        due = random.choice(days)
        if count in (7, 23):  # promised too early: no plan can deliver them in time
            due, more["priority"], more["note"] = TODAY.replace(day=3), 1, "客户急单"
        if count == LINES - 1:
            more["status"] = OrderStatus.DRAFT
        quantity = random.choice((10, 12, 15, 20, 24))
        factory.order(f"SO{number:04d}", line, customer, item, quantity, due, **more)
