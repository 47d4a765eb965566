"""What can be wrong with charges, in English and Chinese; see `messages`."""

from __future__ import annotations

Words = dict[str, dict[str, str]]

CHARGING: dict[str, Words] = {
    "charge-pattern": {
        "en": {
            "says": "a charge cannot be on a pattern with `{found}`",
            "hint": "Write a count or a prohibition with it, and the charge on that.",
        },
        "zh": {
            "says": "考核的 `on` 不能用 `{found}`",
            "hint": "请把它写成计数(count)或禁止(prohibition),考核再以后者为触发。",
        },
    },
    "charged-twice": {
        "en": {
            "says": "`{found}.missed` and `{found}.late` are both raised when it is done late: two charges",
            "hint": "Keep one of them, unless two are meant.",
        },
        "zh": {
            "says": "逾期办结时 `{found}.missed` 和 `{found}.late` 都会发生,会考核两次",
            "hint": "请只留一个;本意是两次则保留。",
        },
    },
    "no-lateness": {
        "en": {
            "says": "`{found}` has no due time past which `further` could count",
            "expects": "only `<obligation>.missed` or `.late` in `on`",
        },
        "zh": {
            "says": "`{found}` 没有到期时间,`further` 无从计算逾期",
            "expects": "`on` 只写 `<应办事项>.missed` 或 `.late`",
        },
    },
    "rung": {
        "en": {"says": "`{found}` is no rung of this ladder", "expects": "one of {names}"},
        "zh": {"says": "处分阶梯里没有 `{found}`", "expects": "下列之一:{names}"},
    },
    "cap-period": {
        "en": {"says": "{found} cannot have a cap", "expects": 'a calendar period such as "calendar month"'},
        "zh": {"says": "{found} 不能用来封顶", "expects": '日历周期,如 "calendar month"'},
    },
    "points-booked": {
        "en": {
            "says": "a charge in {found} cannot be booked in a ledger, which deducts money",
            "hint": "Leave out `ledger`, or `unit` if it is money.",
        },
        "zh": {
            "says": "以“{found}”计的考核不能入台账,台账扣的是钱",
            "hint": "请去掉 `ledger`;若是金额,请去掉 `unit`。",
        },
    },
    "points-multiplied": {
        "en": {
            "says": "`{found}` is counted in points, and a factor applies to money only",
            "hint": "Take it out of `charges`.",
        },
        "zh": {"says": "`{found}` 是计分的,倍数只及金额", "hint": "请从 `charges` 里去掉。"},
    },
    "absorbs-circle": {
        "en": {
            "says": "charges absorb one another, so that none would be left: {found}",
            "hint": "Let the heavier one absorb the lighter.",
        },
        "zh": {"says": "考核互相吸收,会一笔不剩:{found}", "hint": "请只让较重的吸收较轻的。"},
    },
}
