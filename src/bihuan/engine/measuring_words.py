"""What can be wrong with indicators, in English and Chinese; see `messages`."""

from __future__ import annotations

Words = dict[str, dict[str, str]]

MEASURING: dict[str, Words] = {
    "rows-of-nothing": {
        "en": {
            "says": "`{found}` has no rows that could be counted",
            "expects": "cases, obligations, callbacks, irregularities, charges, or the id of an obligation, window, "
            "callback, count, prohibition or charge",
        },
        "zh": {
            "says": "`{found}` 没有可以统计的行",
            "expects": "cases、obligations、callbacks、irregularities、charges,或应办事项、期间、回访、计数、禁止、考核的 id",
        },
    },
    "no-such-column": {
        "en": {
            "says": "rows of {rows} have no column `{found}`",
            "hint": "Name a column of theirs, or a fact.",
        },
        "zh": {"says": "{rows} 的行没有 `{found}` 这一列", "hint": "请写它有的列,或要素。"},
    },
    "of-what": {
        "en": {
            "says": "`{what}` and `of` do not go together so",
            "expects": "`of` with sum and mean, none with count",
        },
        "zh": {"says": "`{what}` 与 `of` 不能这样搭配", "expects": "sum 和 mean 要写 `of`,count 不写"},
    },
    "not-addable": {
        "en": {
            "says": "`{found}` is no number that could be added up",
            "expects": "a number, money, a fact with points, or one of amount, late_by, used, round, attempts, points",
        },
        "zh": {
            "says": "`{found}` 不是可以相加的数",
            "expects": "数、金额、有分值的要素,或 amount、late_by、used、round、attempts、points 之一",
        },
    },
    "over-nothing": {
        "en": {
            "says": "a mean or a card has its own denominator",
            "hint": "Take `over` out, or write a sum over it.",
        },
        "zh": {"says": "平均数和评分表自有分母", "hint": "请去掉 `over`,或改写成 sum 再除。"},
    },
    "figure-period": {
        "en": {
            "says": "a figure cannot be of the period `{found}`",
            "expects": "calendar day, week, month, quarter, half-year or year",
        },
        "zh": {
            "says": "指标的期间不能是 `{found}`",
            "expects": "calendar day、week、month、quarter、half-year 或 year",
        },
    },
    "weights-do-not-sum": {
        "en": {"says": "the weights come to {total}", "expects": "{whole}, as `weights_sum` says"},
        "zh": {"says": "权重合计 {total}", "expects": "`weights_sum` 所写的 {whole}"},
    },
    "group-of-parts": {
        "en": {
            "says": "`{found}` is not divided by {group}, as the card that it is part of",
            "hint": "Give both the same `group`.",
        },
        "zh": {"says": "`{found}` 没有像评分表那样按 {group} 分列", "hint": "请把两者的 `group` 写成一样。"},
    },
    "share-above-one": {
        "en": {"says": "a share is at most 1, so nothing reaches {found}", "hint": "Write 95 % as 0.95."},
        "zh": {"says": "比例最多为 1,达不到 {found}", "hint": "95% 请写成 0.95。"},
    },
    "indicator-circle": {
        "en": {
            "says": "indicators are made of one another in a circle: {found}",
            "hint": "Take one part out.",
        },
        "zh": {"says": "指标互相引用成了循环:{found}", "hint": "请去掉其中一项。"},
    },
}
