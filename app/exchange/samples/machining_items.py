"""What the machining factory makes: reducers of five made parts each, and single parts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.exchange.samples.factory import Factory
from domain.items import Item, ItemType, LotRule, Tracking
from domain.routings import BreakRule

LARGE_BATCH = 40


@dataclass(frozen=True, slots=True)
class Product:
    """Something sold; ``size`` scales its times and materials."""

    code: str
    name: str
    specification: str
    kind: str
    size: Decimal


def _reducers() -> list[Product]:
    families = {"R": "斜齿轮减速机", "K": "锥齿轮减速机", "S": "蜗轮减速机"}
    sizes = {"47": "0.8", "57": "1", "67": "1.2", "77": "1.4"}
    return [
        Product(letter + size, name, f"机座号 {size}", letter, Decimal(scale))
        for letter, name in families.items()
        for size, scale in sizes.items()
        if (letter, size) not in {("S", "77"), ("K", "77")}
    ]


def _direct_parts() -> list[Product]:
    kinds = {
        "ZT": ("轴套", "φ{0}", (30, 40, 50, 65, 80)),
        "FL": ("法兰", "DN{0}", (50, 65, 80, 100, 125)),
        "HJZ": ("花键轴", "φ{0}", (25, 32, 38, 45)),
        "HSG": ("活塞杆", "φ{0}", (40, 50, 63, 80)),
        "ZJ": ("支架", "{0} 型", (10, 20, 30, 40, 50)),
        "PDL": ("皮带轮", "φ{0}", (120, 160, 200)),
        "LZQ": ("联轴器", "φ{0}", (55, 70, 90, 110)),
        "FK": ("阀块", "{0} 通径", (6, 10, 16, 20)),
        "DZ": ("导柱", "φ{0}", (20, 25, 32, 40)),
        "CL": ("齿轮", "m{0}", (2, 3, 4, 5)),
    }
    found: list[Product] = []
    for kind, (name, text, sizes) in kinds.items():
        for place, size in enumerate(sizes):
            scale = Decimal("0.8") + Decimal(place) * Decimal("0.1")
            found.append(Product(f"{kind}-{size}", name, text.format(size), kind, scale))
    return found


REDUCERS = _reducers()
DIRECT_PARTS = _direct_parts()

# Kind of part → changeover family, raw material, and its route: (operation name, work center,
# setup minutes, minutes a piece at size 1). A work center that is a number of days is bought.
ROUTES: dict[str, tuple[str, str, tuple[tuple[str, str, int, str], ...]]] = {
    "ZT": ("套类", "45#", (("锯切下料", "下料", 15, "1.4"), ("车外圆内孔", "数控车", 35, "5.5"),
                        ("钻油孔", "钻攻", 20, "2.8"), ("磨内孔", "磨削", 25, "3.2"))),
    "FL": ("盘类", "Q235", (("车端面止口", "数控车", 40, "6.2"), ("钻螺栓孔", "钻攻", 20, "4.2"),
                         ("镀锌", "3", 0, "0"))),
    "HJZ": ("轴类", "42CrMo", (("锯切下料", "下料", 15, "1.6"), ("车外圆", "数控车", 40, "7.5"),
                            ("滚花键", "制齿", 50, "7"), ("调质", "热处理", 45, "1.6"),
                            ("磨外圆", "磨削", 30, "4.2"))),
    "HSG": ("轴类", "45#", (("锯切下料", "下料", 15, "1.8"), ("车杆身螺纹", "数控车", 40, "7"),
                         ("感应淬火", "热处理", 30, "1.5"), ("磨外圆", "磨削", 30, "4.5"),
                         ("镀硬铬", "4", 0, "0"), ("抛光", "磨削", 15, "1.6"))),
    "ZJ": ("支架", "Q235", (("锯切下料", "下料", 15, "1.8"), ("铣削", "加工中心", 45, "7.5"),
                         ("钻攻", "钻攻", 20, "3.6"), ("喷漆", "涂装", 30, "2.4"))),
    "PDL": ("盘类", "HT200", (("车轮槽", "数控车", 45, "8.5"), ("插键槽", "加工中心", 30, "3.5"),
                           ("钻攻", "钻攻", 20, "2.6"))),
    "LZQ": ("盘类", "45#", (("锯切下料", "下料", 15, "1.6"), ("车外圆内孔", "数控车", 40, "6.5"),
                         ("铣爪", "加工中心", 45, "8"), ("钻攻", "钻攻", 20, "2.8"))),
    "FK": ("阀块", "Q235", (("锯切下料", "下料", 20, "2"), ("铣六面", "加工中心", 40, "6.5"),
                         ("镗钻孔系", "加工中心", 60, "11"), ("去毛刺攻丝", "钻攻", 15, "4"),
                         ("发黑", "2", 0, "0"))),
    "DZ": ("轴类", "GCr15", (("锯切下料", "下料", 15, "1.2"), ("车外圆", "数控车", 35, "5"),
                          ("淬火", "热处理", 45, "1.4"), ("磨外圆", "磨削", 30, "4"))),
    "CL": ("齿轮", "20CrMnTi", (("车齿坯", "数控车", 40, "7"), ("滚齿", "制齿", 55, "8.5"),
                              ("渗碳淬火", "热处理", 60, "2.2"), ("磨内孔", "磨削", 30, "3.8"))),
    "箱体": ("箱体", "", (("铣基准面", "加工中心", 60, "24"), ("镗轴承孔", "加工中心", 75, "38"),
                       ("钻攻", "钻攻", 30, "15"), ("喷漆", "涂装", 30, "12"))),
    "齿轮轴": ("轴类", "20CrMnTi", (("锯切下料", "下料", 15, "2"), ("车外圆", "数控车", 45, "16"),
                               ("滚齿", "制齿", 55, "20"), ("渗碳淬火", "热处理", 60, "5"),
                               ("磨外圆", "磨削", 35, "10"))),
    "大齿轮": ("齿轮", "20CrMnTi", (("车齿坯", "数控车", 45, "18"), ("滚齿", "制齿", 60, "26"),
                                ("渗碳淬火", "热处理", 60, "6"), ("磨内孔", "磨削", 35, "9"))),
    "输出轴": ("轴类", "42CrMo", (("锯切下料", "下料", 15, "2.5"), ("车外圆", "数控车", 45, "17"),
                              ("铣键槽", "加工中心", 35, "9"), ("调质", "热处理", 45, "4"),
                              ("磨外圆", "磨削", 35, "11"))),
    "端盖": ("盘类", "HT200", (("车端盖", "数控车", 35, "7"), ("钻孔", "钻攻", 20, "4"))),
}  # fmt: skip

STEELS = {
    "45#": ("圆钢 45#", "5.2"),
    "42CrMo": ("圆钢 42CrMo", "7.8"),
    "20CrMnTi": ("锻圆 20CrMnTi", "8.1"),
    "GCr15": ("轴承钢 GCr15", "7.5"),
    "Q235": ("板材 Q235", "4.6"),
    "HT200": ("铸件 HT200", "6.4"),
}
# The routes' times are for the newest machines; older shops take longer.
PACE = {
    "加工中心": Decimal("1.2"), "制齿": Decimal("1.15"), "热处理": Decimal("1.8"),
    "涂装": Decimal("1.5"), "下料": Decimal("1.1"),
}  # fmt: skip
FORGED = {"20CrMnTi", "HT200"}
# Machines that may do the boring of housings; the others lack the accuracy.
BORING = ("V07", "V08", "V05*0.8")


def add_items(factory: Factory) -> None:
    """Materials, bought parts, made parts, reducers, with bills of material and routings."""
    _materials(factory)
    for part in DIRECT_PARTS:
        _part(factory, part.code, part.name, part.specification, part.kind, part.size)
    for reducer in REDUCERS:
        _reducer(factory, reducer)


def _materials(factory: Factory) -> None:
    for code, (name, cost) in STEELS.items():
        factory.add(
            Item(
                id=factory.new_id(), code=f"GC-{code}", name=name, unit="kg", type=ItemType.BUY,
                lead_time_days=Decimal(9 if code in FORGED else 6), multiple=Decimal(50),
                safety_stock=Decimal(100), standard_cost=Decimal(cost), tracking=Tracking.LOT,
            )
        )  # fmt: skip
    factory.unit("GC-45#", "t", 1000)
    factory.unit("GC-42CrMo", "t", 1000)
    _bought(factory, "TL-01", "环氧底漆", "5.5", "kg", 4, shelf=180)
    _bought(factory, "YF-01", "油封 TC", "3.2", "pcs", 5, minimum=100)
    _bought(factory, "LS-01", "内六角螺栓 M10×35", "0.45", "pcs", 3, fixed=1000)
    _bought(factory, "TQM-01", "通气帽", "2.6", "pcs", 5, minimum=50)
    for size in ("47", "57", "67", "77"):
        _bought(factory, f"ZC-{size}", f"圆锥滚子轴承 {size} 用", "38", "pcs", 10, minimum=20)
        _bought(factory, f"XTM-{size}", f"箱体毛坯 {size}", "260", "pcs", 12)
        factory.add(
            Item(
                id=factory.new_id(), code=f"BZJ-{size}", name=f"标准件包 {size}", unit="set",
                type=ItemType.PHANTOM,
            )
        )  # fmt: skip
        factory.component(f"BZJ-{size}", f"ZC-{size}", 4)
        factory.component(f"BZJ-{size}", "YF-01", 2)
        factory.component(f"BZJ-{size}", "LS-01", 24, scrap="0.02")
        factory.component(f"BZJ-{size}", "TQM-01", 1)
    factory.add(
        Item(
            id=factory.new_id(), code="LQG-01", name="冷却盘管", unit="pcs",
            type=ItemType.SUBCONTRACT, lead_time_days=Decimal(8), standard_cost=Decimal(85),
        )
    )  # fmt: skip
    _bought(factory, "TG-12", "紫铜管 φ12", "62", "kg", 7)
    factory.component("LQG-01", "TG-12", "1.6", unit="kg")


def _bought(
    factory: Factory, code: str, name: str, cost: str, unit: str, days: int, *,
    minimum: int = 0, fixed: int = 0, shelf: int = 0,
) -> None:  # fmt: skip
    factory.add(
        Item(
            id=factory.new_id(), code=code, name=name, unit=unit, type=ItemType.BUY,
            lead_time_days=Decimal(days), standard_cost=Decimal(cost),
            minimum=Decimal(minimum) if minimum else None,
            lot_rule=LotRule.FOQ if fixed else LotRule.L4L,
            lot_size=Decimal(fixed) if fixed else None, shelf_life_days=shelf or None,
        )
    )  # fmt: skip


def _part(
    factory: Factory, code: str, name: str, specification: str, kind: str, size: Decimal
) -> None:
    """A made part with its raw material and route."""
    family, steel, route = ROUTES[kind]
    grey_or_blue = int(size * 10) % 4 < 2
    if family == "箱体":
        family += "灰" if grey_or_blue else "蓝"
    elif family == "支架":
        family += "黑" if grey_or_blue else "蓝"
    minutes = sum((Decimal(run) for _, _, _, run in route), Decimal(0))
    factory.add(
        Item(
            id=factory.new_id(), code=code, name=name, specification=specification, family=family,
            scrap_ratio=Decimal("0.02") if kind in {"CL", "HSG"} else Decimal(0),
            lot_rule=LotRule.POQ if kind == "端盖" else LotRule.L4L,
            lot_size=Decimal(7) if kind == "端盖" else None,
            standard_cost=(size * (20 + minutes)).quantize(Decimal("0.01")),
        )
    )  # fmt: skip
    if steel:
        weight = (size * Decimal("1.8") * (3 if kind in {"大齿轮", "输出轴"} else 1)).normalize()
        factory.component(code, f"GC-{steel}", weight, operation=10, unit="kg", scrap="0.03")
    for step, (operation, center, setup, run) in enumerate(route, 1):
        if center.isdigit():
            factory.operation(code, step * 10, operation, subcontract_days=Decimal(center))
            continue
        minutes = (Decimal(run) * PACE.get(center, 1) * size).quantize(Decimal("0.1"))
        special = _special(operation, center, kind)
        boring = operation == "镗轴承孔"
        factory.operation(
            code, step * 10, operation, "" if boring else center, setup=setup, run=minutes,
            machines=BORING if boring else (), **special,
        )  # fmt: skip
        if center == "涂装":
            factory.component(code, "TL-01", "0.15", operation=step * 10, unit="kg")


def _special(operation: str, center: str, kind: str) -> dict[str, object]:
    """What sets an operation apart: skills, cooling, flow in batches, no break, inspection."""
    found: dict[str, object] = {}
    if center == "涂装":
        found |= {"skill": "喷涂", "operators": 1, "wait_minutes": Decimal(240)}
    if center == "热处理":
        found |= {"break_rule": BreakRule.FIT, "wait_minutes": Decimal(180)}
    if center == "数控车" and kind in {"ZT", "DZ", "HSG", "FL"}:
        found["transfer_batch"] = Decimal(20)
    if operation.startswith(("磨", "镗")):
        found["inspection"] = True
    return found


def _reducer(factory: Factory, reducer: Product) -> None:
    """A reducer: five made parts, standard parts, assembly and test run."""
    code, size = reducer.code, reducer.size
    number = code[1:]
    factory.add(
        Item(
            id=factory.new_id(), code=code, name=reducer.name, unit="set",
            specification=reducer.specification, tracking=Tracking.SERIAL,
            standard_cost=(size * 1900).quantize(Decimal("0.01")),
        )
    )  # fmt: skip
    for place, (kind, quantity, operation) in enumerate(
        (("箱体", 1, 10), ("齿轮轴", 1, 10), ("大齿轮", 1, 10), ("输出轴", 1, 10), ("端盖", 2, 20)),
        1,
    ):
        part = f"{code}-{place:02d}"
        _part(factory, part, kind, f"{code} 用", kind, size)
        factory.component(code, part, quantity, operation=operation)
    factory.component(f"{code}-01", f"XTM-{number}", 1, operation=10)
    factory.component(code, f"BZJ-{number}", 1, operation=20)
    if reducer.kind == "S":
        factory.component(code, "LQG-01", 1, operation=20)
    for step, (operation, setup, run) in enumerate((("部装", 15, 30), ("总装", 15, 36)), 1):
        factory.operation(
            code, step * 10, operation, "装配", setup=setup, run=(size * run).normalize(),
            skill="装配", operators=2,
        )  # fmt: skip
    factory.operation(
        code, 30, "试车", "装配", setup=10, run=(size * 18).normalize(), skill="试车", operators=1,
        inspection=True,
    )  # fmt: skip
