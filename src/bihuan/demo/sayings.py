"""Made-up customers, and what they say on the phone: so that searching finds something and the same people call again."""

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from bihuan.demo.office import SURNAMES

Row = dict[str, Any]

PLACES = ("龙水镇玉龙街", "石桥乡桃花村", "河口镇码头路", "云台镇清泉村", "城东街道滨江路", "城西街道体育路")
SAID = {
    "attitude": ("营业厅工作人员说话不耐烦,问两句就挂电话", "抄表员上门态度生硬,与客户争吵"),
    "norms": ("窗口午间无人值班,等了四十分钟", "服务人员没有佩戴工号牌,也不作自我介绍"),
    "meter_reading": ("上月电表没有抄,这个月一起算进阶梯", "抄表数比表上多出一百多度"),
    "billing": ("电费重复扣款两次,要求退回", "发票开错户名,三次都没有改过来"),
    "price": ("小卖部按商业电价收费,认为应按居民", "峰谷电价开通后账单没有变化"),
    "dunning": ("已经缴费仍然收到催费短信", "没有通知就因欠费停电"),
    "metering": ("怀疑电表走得快,要求校验", "更换电表后电费翻倍"),
    "one_meter": ("一户一表申请递交两个月没有答复", "整栋楼合用一块表,分摊不清"),
    "other_connection": ("报装接电被要求到指定的店买设备", "申请三相电一直没有人来勘察"),
    "fault": ("夜里停电,报修后三个小时没有人到场", "变压器跳闸,一周停电四次"),
    "supply_quality": ("晚上电压低,空调带不起来", "灯光忽明忽暗,邻居家也一样"),
    "outage_notice": ("计划停电没有公告,冷库货物受损", "公告写到下午四点,晚上八点才来电"),
    "appliance_damage": ("来电瞬间电压高,烧坏电视和冰箱", "雷雨后电表箱冒烟,热水器损坏"),
    "hazard": ("电线垂到菜地里,小孩够得着", "电杆倾斜,靠近房屋"),
    "works_quality": ("施工挖断水管,没有恢复路面", "新架线路绑扎松动"),
    "environment": ("变电站噪声夜里影响休息", "砍伐线路走廊树木没有清运"),
    "grid_rebuilding": ("农网改造漏了我们这一组", "改造后表箱装得太高"),
    "publicity": ("宣传单上的缴费优惠到窗口说没有", "公众号的停电信息与实际不符"),
}
FIRMS = (
    "玉龙水泥厂",
    "石桥纺织厂",
    "河口冷链仓储",
    "云台矿泉水厂",
    "城东人民医院",
    "县自来水厂",
    "职业中学",
    "滨江商场",
)
VOLTAGES = (10, 35, 10, 10, 66, 10, 10, 35)


class Customer(NamedTuple):
    """Who calls: a name, a number, a place, the trade and the voltage."""

    name: str
    phone: str
    place: str
    trade: str
    kv: float


def customers(rng: Random, count: int) -> list[Customer]:
    """Households and, first, the firms that are large customers."""
    firms = [
        Customer(firm, phone(rng), place(rng), "企业", kv) for firm, kv in zip(FIRMS, VOLTAGES, strict=True)
    ]
    return firms + [household(rng, n) for n in range(count - len(firms))]


def household(rng: Random, number: int) -> Customer:
    title = rng.choice(("先生", "女士"))
    return Customer(f"{rng.choice(SURNAMES)}{title}{number:04d}", phone(rng), place(rng), "resident", 0.22)


def phone(rng: Random) -> str:
    return f"1{rng.choice((39, 58, 77, 86))}{rng.randrange(10**8):08d}"


def place(rng: Random) -> str:
    return f"{rng.choice(PLACES)}{rng.randint(1, 199)}号"


def told(rng: Random, case: list[Row], caller: Customer) -> list[Row]:
    """The complaint with its caller and the caller's words."""
    item = next((row["item"] for row in case if row.get("item")), "fault")
    said = f"{caller.place}:{rng.choice(choices(item))}。"
    return [{**case[0], "customer": caller.name, "customer_phone": caller.phone, "content": said}, *case[1:]]


def choices(item: str) -> Sequence[str]:
    return SAID.get(item, SAID["fault"])
