"""What the factory workbook looks like: its sheets and columns, in both languages.

This table is all that reading, checking and writing know about the format.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from enum import Enum
from functools import lru_cache

from app.exchange.columns import Column, Kind, Sheet
from domain.calendars import Calendar, Holiday, Overtime, Shift
from domain.changes import Row
from domain.inventory import Stock
from domain.items import MOST_LEAD_DAYS, BomLine, Item, ItemType, LotRule, Tracking
from domain.orders import (
    LEAST_URGENT,
    MOST_URGENT,
    Customer,
    OrderLine,
    OrderStatus,
    PurchaseLine,
    Supplier,
)
from domain.resources import (
    MOST_FROZEN_HOURS,
    MOST_UNITS,
    Absence,
    Changeover,
    Downtime,
    Machine,
    Operator,
    Plant,
    Tool,
    Transfer,
    WorkCenter,
)
from domain.routings import MOST_PARTS, BreakRule, RoutingOperation
from domain.units import UnitConversion

_ZERO, _ONE = Decimal(0), Decimal(1)


def _code(name: str = "code", zh: str = "编码", also: str = "", field: str = "code") -> Column:
    return Column(name, zh, field, Kind.CODE, key=True, required=True, also=tuple(also.split()))


def _text(name: str, zh: str, field: str = "", also: str = "", *, key: bool = False) -> Column:
    return Column(name, zh, field or name, key=key, default="", also=tuple(also.split()))


def _number(
    name: str, zh: str, field: str, default: Decimal | None = _ZERO, also: str = ""
) -> Column:
    """0 or more."""
    return Column(
        name, zh, field, Kind.NUMBER, default=default, low=_ZERO, also=tuple(also.split())
    )


def _amount(name: str, zh: str, field: str, *, required: bool = False, also: str = "") -> Column:
    """More than 0."""
    return Column(name, zh, field, Kind.NUMBER, required=required, low=_ZERO, above=True,
                  also=tuple(also.split()))  # fmt: skip


def _scrap(also: str = "损耗 损耗率 报废率 废品率 scrap") -> Column:
    return Column(
        "scrap %", "损耗率", "scrap_ratio", Kind.PERCENT, default=_ZERO, low=_ZERO, high=_ONE,
        also=tuple(also.split()),
    )  # fmt: skip


def _day(name: str, zh: str, field: str, also: str = "", *, required: bool = False) -> Column:
    return Column(name, zh, field, Kind.DAY, required=required, also=tuple(also.split()))


def _to(
    refers: type[Row],
    name: str,
    zh: str,
    field: str,
    also: str = "",
    *,
    key: bool = False,
    required: bool = False,
) -> Column:
    """A reference by code."""
    return Column(
        name, zh, field, Kind.REFERENCE, key=key, required=required or key, refers=refers,
        also=tuple(also.split()),
    )  # fmt: skip


def _unit(also: str = "计量单位 uom") -> Column:
    return Column("unit", "单位", "unit", Kind.UNIT, default="", also=tuple(also.split()))


def _choice(name: str, zh: str, field: str, default: Enum, also: str = "") -> Column:
    return Column(
        name, zh, field, Kind.CHOICE, default=default, choices=type(default),
        also=tuple(also.split()),
    )  # fmt: skip


_ITEM_ALSO = "物料编码 物料代码 料号 品号 产品 产品编码 零件号 itemcode itemno partno sku"
_QUANTITY_ALSO = "qty 件数 订单数量 需求数量 库存数量 现存量 采购数量"

PLANTS = Sheet("Plants", "工厂", Plant, (
    _code(also="工厂 工厂编码 plant plantcode"),
    _text("name", "名称", also="工厂名称"),
    Column("timezone", "时区", "timezone", default="Asia/Shanghai"),
    Column("frozen hours", "冻结小时", "frozen_hours", Kind.WHOLE, default=0, low=_ZERO,
           high=Decimal(MOST_FROZEN_HOURS), extra=True, also=("冻结期", "冻结时间")),
), ("plant", "厂区"))  # fmt: skip

TRANSFERS = Sheet("Transfers", "厂间转运", Transfer, (
    _to(Plant, "from plant", "发出工厂", "from_plant_id", "从工厂 from", key=True),
    _to(Plant, "to plant", "到达工厂", "to_plant_id", "到工厂 to", key=True),
    _number("minutes", "分钟", "minutes", also="转运分钟 转运时间"),
), ("transfer", "转运"), extra=True)  # fmt: skip

CALENDARS = Sheet("Calendars", "日历", Shift, (
    Column("calendar", "日历", "calendar_id", Kind.CODE, key=True, required=True,
           also=("日历编码", "班次", "calendarcode")),
    Column("weekday", "星期", "weekday", Kind.WEEKDAYS, key=True, also=("周", "weekdays", "day")),
    Column("start", "开始", "start_minute", Kind.TIME, key=True,
           also=("开始时间", "上班", "starttime")),
    Column("end", "结束", "end_minute", Kind.TIME, also=("结束时间", "下班", "endtime")),
), ("calendar", "工作日历", "班次日历"))  # fmt: skip

HOLIDAYS = Sheet("Holidays", "节假日", Holiday, (
    _to(Calendar, "calendar", "日历", "calendar_id", "日历编码", key=True),
    Column("date", "日期", "day_on", Kind.DAY, key=True, required=True),
    Column("start", "开始", "start_minute", Kind.TIME, key=True, also=("开始时间",)),
    Column("end", "结束", "end_minute", Kind.TIME, also=("结束时间",)),
), ("holiday", "假期", "假日", "节日"))  # fmt: skip

OVERTIME = Sheet("Overtime", "加班", Overtime, (
    _to(Calendar, "calendar", "日历", "calendar_id", "日历编码 班次 calendarcode", key=True),
    Column("weekday", "星期", "weekday", Kind.WEEKDAYS, key=True, required=True,
           also=("周", "weekdays", "day")),
    Column("start", "开始", "start_minute", Kind.TIME, key=True, required=True,
           also=("开始时间", "starttime")),
    Column("end", "结束", "end_minute", Kind.TIME, required=True, also=("结束时间", "endtime")),
    _number("hourly cost", "小时加价", "hourly_cost", also="加班费 加班费率 小时加班费 rate cost"),
), ("overtimehours", "可加班时间", "加班时间"), extra=True)  # fmt: skip

MACHINES = Sheet("Machines", "设备", Machine, (
    _code(also="设备 设备编码 设备编号 机台 机台号 machine machinecode"),
    _text("name", "名称", also="设备名称 机台名称 machinename"),
    _to(WorkCenter, "work center", "工作中心", "work_center_id", "workcentre 工作中心编码 设备组"),
    _to(Calendar, "calendar", "日历", "calendar_id", "工作日历"),
    Column("efficiency", "效率", "efficiency", Kind.NUMBER, default=_ONE, low=_ZERO, above=True),
    _number("hourly cost", "小时费率", "hourly_cost", also="费率 小时成本 rate"),
    _to(Plant, "plant", "工厂", "plant_id", "工厂编码 所属工厂"),
    Column("batch capacity", "装炉容量", "batch_capacity", Kind.NUMBER, low=_ZERO, above=True,
           extra=True, also=("炉容量", "装炉量", "槽容量", "capacity")),
), ("machine", "机台", "设备清单"))  # fmt: skip

OPERATORS = Sheet("Operators", "人员", Operator, (
    _code(also="工号 人员编码 员工号 employeeno"),
    _text("name", "姓名", also="名称 人员姓名"),
    Column("skills", "技能", "skills", Kind.SKILLS, default=(), also=("skill", "工种")),
    _to(Calendar, "calendar", "日历", "calendar_id", "班次"),
    _number("hourly cost", "小时费率", "hourly_cost", also="费率 小时成本"),
), ("operator", "员工", "操作工", "人员清单"))  # fmt: skip

TOOLS = Sheet("Tools", "工装", Tool, (
    _code(also="工装 工装编码 模具 模具编码 tool toolcode mould"),
    _text("name", "名称", also="工装名称 模具名称"),
    Column("count", "数量", "count", Kind.WHOLE, default=1, low=_ZERO, high=Decimal(MOST_UNITS),
           also=("套数", "模具数量", "quantity", "qty")),
), ("tool", "模具", "夹具", "moulds", "molds", "fixtures"), extra=True)  # fmt: skip

DOWNTIME = Sheet("Downtime", "停机", Downtime, (
    _to(Machine, "machine", "设备", "machine_id", "设备编码 机台", key=True),
    Column("start", "开始", "start_at", Kind.INSTANT, key=True, required=True,
           also=("开始时间", "from")),
    Column("end", "结束", "end_at", Kind.INSTANT, required=True, also=("结束时间", "to")),
    _text("reason", "原因", also="停机原因"),
), ("downtimes", "停机计划", "设备停机", "检修"))  # fmt: skip

ABSENCES = Sheet("Absences", "缺勤", Absence, (
    _to(Operator, "operator", "人员", "operator_id", "人员编码 工号 员工", key=True),
    Column("start", "开始", "start_at", Kind.INSTANT, key=True, required=True,
           also=("开始时间", "from")),
    Column("end", "结束", "end_at", Kind.INSTANT, required=True, also=("结束时间", "to")),
    _text("reason", "原因", also="缺勤原因"),
), ("absence", "请假", "人员缺勤"), extra=True)  # fmt: skip

ITEMS = Sheet("Items", "物料", Item, (
    _code(also=_ITEM_ALSO + " 物料 item"),
    _text("name", "名称", also="物料名称 品名 产品名称 itemname description 描述"),
    _text("specification", "规格", also="规格型号 型号 spec"),
    Column("unit", "单位", "unit", Kind.UNIT, default="pcs", also=("计量单位", "uom")),
    _choice("type", "类型", "type", ItemType.MAKE, "物料类型 属性 物料属性 来源"),
    Column("lead time days", "提前期天", "lead_time_days", Kind.NUMBER, default=_ZERO, low=_ZERO,
           high=Decimal(MOST_LEAD_DAYS), also=("提前期", "采购提前期", "leadtime")),
    _choice("lot rule", "批量规则", "lot_rule", LotRule.L4L, "批量策略 批量政策"),
    _amount("lot size", "批量", "lot_size", also="固定批量"),
    _number("minimum", "最小批量", "minimum", None, also="最小订货量 起订量 moq"),
    _amount("multiple", "倍量", "multiple", also="批量倍数 倍数 包装量"),
    _number("safety stock", "安全库存", "safety_stock", also="安全库存量"),
    _scrap(),
    _number("standard cost", "标准成本", "standard_cost", also="成本"),
    _choice("tracking", "追溯", "tracking", Tracking.NONE, "追溯方式 批次管理"),
    Column("shelf life days", "保质期天", "shelf_life_days", Kind.WHOLE, low=_ZERO,
           also=("保质期", "shelflife")),
    Column("family", "换型族", "family", Kind.CODE, default="", also=("产品族", "换型组")),
    Column("may buy", "可外购", "may_buy", Kind.YES, default=False, extra=True,
           also=("可外购替代", "自制可外购", "makeorbuy")),
    Column("buy extra cost", "外购加价", "buying_surcharge", Kind.NUMBER, default=_ZERO, low=_ZERO,
           extra=True, also=("外购附加成本", "外购差价", "buyingsurcharge")),
), ("item", "物料主数据", "物料清册", "产品", "parts"))  # fmt: skip

UNITS = Sheet("Units", "单位换算", UnitConversion, (
    _to(Item, "item", "物料", "item_id", _ITEM_ALSO, key=True),
    Column("unit", "单位", "unit", Kind.UNIT, key=True, required=True, also=("换算单位", "uom")),
    _amount("factor", "换算率", "factor", required=True, also="系数 换算系数"),
), ("unit", "计量单位换算", "unitconversions"))  # fmt: skip

BOM = Sheet("BOM", "物料清单", BomLine, (
    _to(Item, "parent", "父项", "parent_id", "父件 母件 父项物料 父项编码 父项物料编码", key=True),
    _to(Item, "component", "子项", "component_id", "子件 子项物料 子项编码 子项物料编码", key=True),
    Column("operation", "工序", "operation_number", Kind.WHOLE, key=True, low=_ZERO,
           also=("工序号", "投料工序")),
    _amount("quantity", "用量", "quantity", required=True, also="qty 数量 单位用量 qtyper"),
    _unit(),
    _scrap(),
    _day("valid from", "生效日", "valid_from_on", "生效日期"),
    Column("valid to", "失效日", "valid_to_on", Kind.DAY, open_end=True, also=("失效日期",)),
), ("billofmaterial", "billofmaterials", "boms", "产品结构"))  # fmt: skip

ROUTINGS = Sheet("Routings", "工艺路线", RoutingOperation, (
    _to(Item, "item", "物料", "item_id", _ITEM_ALSO, key=True),
    Column("routing", "工艺路线名", "routing", key=True, default="", extra=True,
           also=("工艺路线名称", "替代工艺", "工艺版本", "variant")),
    Column("operation", "工序", "number", Kind.WHOLE, key=True, required=True, low=_ZERO,
           also=("工序号", "序号", "opno", "op")),
    _text("name", "工序名称", also="名称 工序内容 operationname"),
    _to(WorkCenter, "work center", "工作中心", "work_center_id", "workcentre 工作中心编码"),
    Column("machines", "设备", "", Kind.MACHINES, default=(),
           also=("machine", "可用设备", "机台", "设备编码")),
    _number("setup minutes", "准备分钟", "setup_minutes", also="准备时间 准备工时 换模分钟 setup"),
    _number("run minutes", "单件分钟", "run_minutes", also="单件工时 加工分钟 单件加工分钟 run"),
    _number("wait minutes", "等待分钟", "wait_minutes", also="等待时间 转运分钟 wait"),
    _amount("transfer batch", "转移批量", "transfer_batch", also="转移批 流转批量"),
    Column("skill", "技能", "skill", Kind.CODE, default="", also=("所需技能", "技能要求", "工种")),
    Column("operators", "人数", "operators", Kind.WHOLE, low=_ZERO, also=("操作人数", "人员数")),
    _choice("break rule", "跨班", "break_rule", BreakRule.PAUSE, "跨班规则 中断规则"),
    Column("inspection", "检验", "inspection", Kind.YES, default=False, also=("是否检验", "质检")),
    _number("subcontract days", "委外天数", "subcontract_days", None, "外协天数 委外天"),
    Column("max wait minutes", "最长等待分钟", "max_wait_minutes", Kind.NUMBER, low=_ZERO,
           extra=True, also=("最长等待", "最大等待", "maxwait")),
    Column("after", "紧前工序", "after", Kind.STEPS, extra=True,
           also=("前道工序", "前序", "predecessors", "follows")),
    Column("tool", "工装", "tool_id", Kind.REFERENCE, refers=Tool, extra=True,
           also=("模具", "夹具", "工装编码", "模具编码", "mould", "mold", "fixture")),
    Column("tools", "工装数量", "tools", Kind.WHOLE, default=1, low=_ONE,
           high=Decimal(MOST_UNITS), extra=True, also=("模具数量", "工装套数")),
    Column("load", "单件装载量", "load", Kind.NUMBER, default=_ONE, low=_ZERO, above=True,
           extra=True, also=("装载量", "单件装炉量", "单件占用")),
    Column("split", "最多拆分", "split_most", Kind.WHOLE, default=1, low=_ONE,
           high=Decimal(MOST_PARTS), extra=True, also=("拆分", "最大拆分数", "splitmost")),
), ("routing", "工艺", "工序", "工艺流程"))  # fmt: skip

CHANGEOVERS = Sheet("Changeovers", "换型", Changeover, (
    Column("work center or machine", "工作中心/设备", "", Kind.TARGET, key=True, required=True,
           also=("工作中心", "设备", "workcenter", "machine", "工作中心或设备", "设备编码")),
    Column("from family", "从族", "from_family", Kind.CODE, key=True, default="*",
           also=("前族", "原族", "from")),
    Column("to family", "到族", "to_family", Kind.CODE, key=True, default="*",
           also=("后族", "目标族", "to")),
    _number("minutes", "分钟", "minutes", also="换型分钟 换型时间"),
), ("changeover", "换型矩阵", "换型时间"))  # fmt: skip

CUSTOMERS = Sheet("Customers", "客户", Customer, (
    _code(also="客户 客户编码 客户代码 客户编号 customercode"),
    _text("name", "名称", also="客户名称 customername"),
    _text("class", "等级", "customer_class", "客户等级 级别"),
    _number("credit limit", "信用额度", "credit_limit", None, "额度"),
    _text("channel", "渠道", also="销售渠道"),
), ("customer", "客户清单"))  # fmt: skip

SUPPLIERS = Sheet("Suppliers", "供应商", Supplier, (
    _code(also="供应商 供应商编码 供应商代码 suppliercode vendor"),
    _text("name", "名称", also="供应商名称 suppliername"),
), ("supplier", "vendors", "供方"))  # fmt: skip

ORDERS = Sheet("Orders", "订单", OrderLine, (
    _code("order", "订单号", "订单 订单编号 销售订单号 销售订单 orderno", "order_number"),
    _code("line", "行号", "订单行 订单行号 lineno 项次", "line"),
    _to(Customer, "customer", "客户", "customer_id", "客户编码 客户代码 客户编号"),
    _to(Item, "item", "物料", "item_id", _ITEM_ALSO, required=True),
    _amount("quantity", "数量", "quantity", required=True, also=_QUANTITY_ALSO),
    _unit(),
    _day("due", "交期", "due_on", "交货日期 交货期 交付日期 要求交期 duedate", required=True),
    Column("priority", "优先级", "priority", Kind.WHOLE, default=5, low=Decimal(MOST_URGENT),
           high=Decimal(LEAST_URGENT), also=("优先", "紧急程度")),
    _number("price", "单价", "price", None, "价格 含税单价 unitprice"),
    Column("earliest start", "最早开工", "earliest_start_at", Kind.INSTANT,
           also=("最早开工时间", "最早开始", "最早开工日期")),
    _text("channel", "渠道", also="销售渠道"),
    _choice("status", "状态", "status", OrderStatus.CONFIRMED, "订单状态 审核状态"),
    _text("note", "备注", also="说明 notes remark"),
    Column("must finish", "必须按期", "must_finish", Kind.YES, default=False, extra=True,
           also=("必保", "必须完成", "mustfinish")),
), ("order", "销售订单", "订单明细", "salesorders"))  # fmt: skip

STOCK = Sheet("Stock", "库存", Stock, (
    _to(Item, "item", "物料", "item_id", _ITEM_ALSO, key=True),
    _text("warehouse", "仓库", also="仓库编码 库房", key=True),
    _text("location", "库位", also="货位 储位", key=True),
    _text("lot", "批号", also="批次 批次号 lotno", key=True),
    Column("quantity", "数量", "quantity", Kind.NUMBER, required=True, low=_ZERO,
           also=tuple(_QUANTITY_ALSO.split())),
    _unit(),
    _day("received", "入库日", "received_on", "入库日期"),
    Column("expires", "失效日", "expires_on", Kind.DAY, open_end=True,
           also=("失效日期", "有效期至")),
    _number("unit cost", "单价", "unit_cost", None, "单位成本 成本"),
), ("inventory", "库存现存量", "现存量"))  # fmt: skip

PURCHASES = Sheet("Purchases", "采购在途", PurchaseLine, (
    _code("po", "采购单号", "采购订单号 采购订单 采购单 pono purchaseorder", "order_number"),
    _code("line", "行号", "采购行号 lineno 项次", "line"),
    _to(Supplier, "supplier", "供应商", "supplier_id", "供应商编码 供应商代码 vendor"),
    _to(Item, "item", "物料", "item_id", _ITEM_ALSO, required=True),
    _amount("quantity", "数量", "quantity", required=True, also=_QUANTITY_ALSO + " 在途数量"),
    _unit(),
    _day("due", "到货日", "due_on", "到货日期 预计到货 交期 交货日期 duedate", required=True),
    _number("price", "单价", "price", None, "价格 采购单价"),
), ("purchase", "采购", "采购订单", "在途", "purchaseorders"))  # fmt: skip

# In the order in which they refer to one another.
SHEETS = (
    PLANTS, TRANSFERS, CALENDARS, HOLIDAYS, OVERTIME, MACHINES, OPERATORS, TOOLS, DOWNTIME,
    ABSENCES, ITEMS,
    UNITS, BOM, ROUTINGS, CHANGEOVERS, CUSTOMERS, SUPPLIERS, ORDERS, STOCK, PURCHASES,
)  # fmt: skip


def normal(heading: str) -> str:
    """A name as it is compared: NFKC, no case, no blanks, no punctuation but ``%``."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[^\w%]|_", "", folded).removesuffix("必填")


@lru_cache(maxsize=64)
def _names(titles: tuple[Sheet | Column, ...]) -> dict[str, Sheet | Column]:
    """Every accepted normal name; the format's own names win over other words for them."""
    found: dict[str, Sheet | Column] = {}
    for title in titles:
        en, zh = normal(title.name), normal(title.zh)
        found |= dict.fromkeys([en, zh, en + zh, zh + en], title)
    for title in titles:
        for word in title.also:
            found.setdefault(normal(word), title)
    return found


def find(titles: tuple[Sheet, ...] | tuple[Column, ...], heading: str) -> Sheet | Column | None:
    """The sheet or column a heading names; what stands in brackets is left out if need be."""
    names = _names(titles)
    plain = re.sub(r"[(\[【].*?[)\]】]", "", unicodedata.normalize("NFKC", heading))
    return names.get(normal(heading)) or names.get(normal(plain))


def nearest(titles: tuple[Sheet, ...] | tuple[Column, ...], heading: str) -> Sheet | Column | None:
    """What an unknown heading probably means, or None."""
    from difflib import get_close_matches

    names = _names(titles)
    wanted = normal(heading)
    for name, title in names.items():
        if len(name) > 1 and (name in wanted or (len(wanted) > 1 and wanted in name)):
            return title
    near = get_close_matches(wanted, names, n=1, cutoff=0.6)
    return names[near[0]] if near else None
