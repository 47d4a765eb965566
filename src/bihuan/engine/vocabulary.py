"""The event names that policies share, with their Chinese labels, so that logs and desks can be compared.

A policy declares further events itself; this module knows no policy.
"""

from __future__ import annotations

EVENTS: dict[str, str] = {
    "accepted": "受理",
    "classified": "定性",
    "dispatched": "派单",
    "returned": "退单",
    "redispatched": "再派单",
    "contacted": "联系客户",
    "appointed": "预约",
    "arrived": "到场",
    "suspended": "挂起",
    "resumed": "恢复",
    "extended": "延期",
    "escalated": "升级",
    "urged": "催办",
    "supervised": "督办",
    "transferred": "移交",
    "merged": "并单",
    "withdrawn": "撤回",
    "investigated": "查明",
    "resolved": "办结",
    "answered": "答复客户",
    "replied": "回复派单方",
    "reviewed": "审核",
    "approved": "批准",
    "rejected": "驳回",
    "reported": "上报",
    "called_back": "回访",
    "called_in_vain": "回访未接通",
    "drawn": "抽中",
    "corrected": "更正",
    "verified": "核实属实",
    "refuted": "核实不属实",
    "archived": "归档",
    "reopened": "重开",
    "closed": "关闭",
    "handed_over": "交接",
    "designed": "设计",
    "inspected": "检查",
    "accepted_works": "验收",
    "energised": "送电",
    "issued": "签发",
    "permitted": "许可",
    "interrupted": "间断",
    "ended": "终结",
}

OUTCOMES = ("met", "missed", "late", "void")
# what is done to a month of charges, in this order
MONTH_STEPS = ("collected", "confirmed", "approved", "settled")
BUILT_IN_ROLES = ("actor", "owner", "customer", "company")
BUILT_IN_CALENDARS = ("natural", "cn", "cn-office")
