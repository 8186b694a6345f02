"""A machining factory: gear reducers and turned, milled, hardened and coated parts for others.

40 machines in 9 work centers, six weeks of orders with a closed week at the year's end.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from app.exchange.samples.factory import Factory
from app.exchange.samples.machining_items import DIRECT_PARTS, REDUCERS, add_items
from app.exchange.samples.shops import PEOPLE, TODAY, customers, supply, workdays
from domain.orders import OrderStatus
from domain.plan import Plan

SEED = 20261201
LAST_DUE = date(2027, 1, 12)
CLOSED = tuple(date(2026, 12, 28) + timedelta(days=number) for number in range(7))
WEEK = range(1, 7)
REDUCER_LINES, PART_LINES = 44, 262
LINES_AN_ORDER = 4

CUSTOMERS = (
    "常州恒拓机械有限公司", "苏州明川自动化设备有限公司", "无锡瑞沣传动科技有限公司",
    "杭州启岳泵业有限公司", "宁波海纳液压件厂", "南通东翔重工有限公司", "嘉兴精卓模具有限公司",
    "上海申越输送设备有限公司", "合肥中皖工程机械有限公司", "扬州联丰包装机械有限公司",
    "台州双屿电机有限公司", "青岛海澜橡塑机械有限公司", "佛山顺锋陶瓷设备有限公司",
    "武汉江汉起重设备厂", "西安秦川石油装备有限公司", "沈阳北辰机床有限公司",
)  # fmt: skip
SUPPLIERS = (
    "江阴华钢特钢贸易有限公司", "常州鑫铸铸造厂", "无锡锻造三厂", "苏州贝瑞轴承经销部",
    "温州永固标准件有限公司", "常州新彩涂料有限公司",
)  # fmt: skip
NOTES = ("客户催货，请优先安排", "可分批交货", "随货附检验报告", "包装用木箱", "旺季备货")


def machining() -> Plan:
    """The whole factory, the same every time."""
    factory = Factory("CZ01", "常州机加工厂", SEED)
    _calendars(factory)
    _machines(factory)
    _people(factory)
    _changeovers(factory)
    add_items(factory)
    codes = customers(factory, CUSTOMERS)
    for number, name in enumerate(SUPPLIERS, 1):
        factory.supplier(f"S{number:02d}", name)
    _orders(factory, codes)
    supply(factory, [f"S{n:02d}" for n in range(1, len(SUPPLIERS) + 1)], "0.45", "0.35")
    _finished_stock(factory)
    return factory.plan


def _calendars(factory: Factory) -> None:
    factory.calendar("两班", (WEEK, 8, 16), (WEEK, 16, 24))
    factory.calendar("长白班", (WEEK, 8, 12), (WEEK, 13, 18))
    factory.calendar("连续", (range(1, 8), 8, 20), (range(1, 8), 20, 8))
    factory.holiday(("两班", "长白班", "连续"), CLOSED)
    overtime = (date(2026, 12, 20),)
    factory.holiday(("两班", "长白班"), overtime, (8, 16))


def _machines(factory: Factory) -> None:
    def group(
        code: str, calendar: str, letter: str, names: str, efficiencies: str, hourly: int
    ) -> None:
        shares = efficiencies.split()
        kinds = names.split()
        machines = [
            (f"{letter}{n:02d}", f"{kinds[(n - 1) * len(kinds) // len(shares)]} {n}#", share)
            for n, share in enumerate(shares, 1)
        ]
        factory.work_center(code, calendar, machines, hourly)

    group("下料", "两班", "J", "带锯床", "1 1 0.9", 30)
    group("数控车", "两班", "C", "数控车床 车削中心", "1 1 1 1 1 0.9 1.1 1.1 0.8", 60)
    group("加工中心", "两班", "V", "立式加工中心 卧式加工中心", "1 1 1 1 0.9 0.9 1.1 1.1", 90)
    group("制齿", "两班", "G", "滚齿机 插齿机", "1 1 0.9 0.9", 80)
    group("钻攻", "两班", "Z", "摇臂钻床 钻攻中心", "0.8 0.8 1.2 1.2", 45)
    group("热处理", "连续", "R", "渗碳炉 箱式炉 中频炉", "1 1 1", 70)
    group("磨削", "两班", "M", "外圆磨床 内圆磨床", "1 1 1 0.9", 75)
    group("涂装", "长白班", "T", "喷漆线", "1 1", 55)
    group("装配", "长白班", "A", "装配台 试车台", "1 1 1", 50)
    factory.downtime("C03", _at(8, 8), _at(10, 12), "主轴维修")
    factory.downtime("V05", _at(15, 8), _at(15, 16), "年度保养")
    factory.downtime("R02", _at(11, 8), _at(12, 20), "炉衬检修")
    factory.downtime("M04", _at(4, 13), _at(4, 18), "砂轮主轴校准")


def _at(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour)  # noqa: DTZ001 - plant time


def _people(factory: Factory) -> None:
    skills = (
        [("装配",)] * 6
        + [("装配", "试车")] * 2
        + [("试车",)]
        + [("喷涂",)] * 3
        + [("喷涂", "装配")]
    )
    for number, each in enumerate(skills):
        factory.operator(f"E{number + 1:03d}", PEOPLE[number], each, "长白班")


def _changeovers(factory: Factory) -> None:
    for family in ("轴类", "套类", "盘类", "齿轮"):
        factory.changeover("数控车", family, family, 15)
    factory.changeover("数控车", "*", "*", 40)
    factory.changeover("C09", "*", "*", 60)
    for family in ("箱体灰", "箱体蓝", "支架黑", "支架蓝", "阀块"):
        factory.changeover("加工中心", family, family, 15)
    factory.changeover("加工中心", "箱体灰", "箱体蓝", 15)
    factory.changeover("加工中心", "箱体蓝", "箱体灰", 15)
    factory.changeover("加工中心", "*", "*", 45)
    for before, after, minutes in (
        ("箱体灰", "箱体灰", 5), ("箱体蓝", "箱体蓝", 5), ("支架黑", "支架黑", 5),
        ("支架蓝", "支架蓝", 5), ("箱体蓝", "支架蓝", 10), ("支架蓝", "箱体蓝", 10),
        ("箱体灰", "支架黑", 20), ("支架黑", "箱体灰", 60), ("*", "支架黑", 30), ("*", "*", 45),
    ):  # fmt: skip
        factory.changeover("涂装", before, after, minutes)
    factory.changeover("热处理", "齿轮", "齿轮", 20)
    factory.changeover("热处理", "*", "*", 45)


def _orders(factory: Factory, codes: list[str]) -> None:
    """Lines shuffled into orders; every order has one customer, due dates over six weeks."""
    random = factory.random
    days = workdays(date(2026, 12, 8), LAST_DUE, CLOSED)
    urgent = workdays(date(2026, 12, 3), date(2026, 12, 5), CLOSED)
    wanted = [REDUCERS[n % len(REDUCERS)].code for n in range(REDUCER_LINES)]
    wanted += [DIRECT_PARTS[n % len(DIRECT_PARTS)].code for n in range(PART_LINES)]
    random.shuffle(wanted)
    reducers = {each.code for each in REDUCERS}
    number = 0
    while wanted:
        number += 1
        customer = random.choice(codes)
        for line in range(1, min(len(wanted), random.randint(1, LINES_AN_ORDER)) + 1):
            item = wanted.pop()
            is_reducer = item in reducers
            rush = random.random() < 0.04
            due = random.choice(urgent if rush else days[10 if is_reducer else 0 :])
            size = random.choice((6, 8, 10, 12, 16) if is_reducer else (60, 80, 100, 140, 180, 220))
            more: dict[str, object] = {"price": factory.item(item).standard_cost * Decimal("1.35")}
            more["priority"] = 2 if rush else random.choice((3, 4, 5, 5, 5, 6, 7))
            if random.random() < 0.06:
                more["note"] = random.choice(NOTES)
            if random.random() < 0.03:
                more["status"] = OrderStatus.DRAFT
            if not rush and due > date(2027, 1, 4) and random.random() < 0.1:
                more["earliest_start_at"] = _utc_start(due)
            factory.order(f"SO2611{number:03d}", line * 10, customer, item, size, due, **more)


def _utc_start(due: date) -> datetime:
    from app.exchange.samples.factory import local

    start = due - timedelta(days=20)
    return local(datetime(start.year, start.month, start.day, 8))  # noqa: DTZ001 - plant time


def _finished_stock(factory: Factory) -> None:
    for number, part in enumerate(DIRECT_PARTS[::4], 1):
        received = TODAY - timedelta(days=7 * number % 60 + 3)
        factory.stock(part.code, 20 + number * 5 % 45, "成品仓", f"F{number:02d}", received)
