"""What can be wrong with a policy as a whole, in English and Chinese; see `messages`."""

from __future__ import annotations

Words = dict[str, dict[str, str]]

# What a name should have been the name of, and where such names come from.
NOUNS = {
    "event": ("event or outcome", "事件或规则结果", "Declare it under [events].", "请在 [events] 中声明。"),
    "tested": ("fact", "要素", "Declare it under [facts].", "请在 [facts] 中声明。"),
    "fact": ("fact", "要素", "Declare it under [facts].", "请在 [facts] 中声明。"),
    "role": ("role", "角色", "Declare it under [roles].", "请在 [roles] 中声明。"),
    "party": ("role or fact", "角色或要素", "Declare it under [roles].", "请在 [roles] 中声明。"),
    "subject": (
        "subject with a register",
        "有名册的对象",
        "Give the fact `register = true`.",
        "请给该要素写 `register = true`。",
    ),
    "value": (
        "fact or parameter",
        "要素或参数",
        "Declare it under [parameters].",
        "请在 [parameters] 中声明。",
    ),
    "limit": (
        "limit, and no fact or parameter",
        "时限,也没有这个要素或参数",
        'Write a limit such as "3 days", or declare the name.',
        '请写时限,如 "3 days",或声明该名称。',
    ),
    "number": (
        "fact or parameter",
        "要素或参数",
        "Declare it under [parameters].",
        "请在 [parameters] 中声明。",
    ),
    "period": ("period, and no parameter", "周期,也没有这个参数", "", ""),
    "anchor": ("event or instant fact", "事件或时刻要素", "", ""),
    "window": ("window", "期间(window)", "", ""),
    "charge": ("charge", "考核(charge)", "", ""),
    "indicator": ("indicator", "指标", "", ""),
    "rule": ("obligation or window", "应办事项或期间", "", ""),
    "rows": ("rule or table of rows", "规则或行表", "", ""),
    "contents": ("indicator, rule or table of rows", "指标、规则或行表", "", ""),
    "column": ("fact or column", "要素或列", "", ""),
    "form": ("form", "表单", "Declare it under [forms].", "请在 [forms] 中声明。"),
    "ledger": ("ledger", "台账", "Declare it under [ledgers].", "请在 [ledgers] 中声明。"),
    "ladder": ("ladder", "处分阶梯", "Declare it under [ladders].", "请在 [ladders] 中声明。"),
    "reference": ("document", "引用文件", "Declare it under [references].", "请在 [references] 中声明。"),
    "parameter": ("parameter", "参数", "Declare it under [parameters].", "请在 [parameters] 中声明。"),
    "calendar": (
        "calendar that is built in",
        "自带的日历",
        "See that the installation has it, or name a fact of type calendar.",
        "请确认使用单位有此日历,或写类型为 calendar 的要素。",
    ),
}

UNKNOWN: dict[str, Words] = {
    f"unknown-{means}": {
        "en": {"says": f"`{{found}}` is no {en}", "hint": en_hint},
        "zh": {"says": f"没有 `{{found}}` 这个{zh}", "hint": zh_hint},
    }
    for means, (en, zh, en_hint, zh_hint) in NOUNS.items()
}

CHECKING: dict[str, Words] = {
    **UNKNOWN,
    "unfit": {
        "en": {"says": "`{found}` is a fact of type {type}", "expects": "one of type {wanted}"},
        "zh": {"says": "要素 `{found}` 的类型是 {type}", "expects": "类型 {wanted}"},
    },
    "name-clash": {
        "en": {"says": "`{found}` is the name of several things: {kinds}", "hint": "Rename all but one."},
        "zh": {"says": "`{found}` 同时是几样东西的名称:{kinds}", "hint": "请只留一个,其余改名。"},
    },
    "reserved": {
        "en": {"says": "`{found}` is a column of every log", "hint": "Rename the fact; taken are: {names}."},
        "zh": {"says": "`{found}` 是日志自有的列", "hint": "请给要素改名;已占用:{names}。"},
    },
    "id-twice": {
        "en": {"says": "the id `{found}` is used twice", "hint": "Every rule of the file has its own id."},
        "zh": {"says": "编号 `{found}` 用了两次", "hint": "文件内每条规则编号不同。"},
    },
    "unknown-choice": {
        "en": {"says": "`{found}` has no choice `{choice}`", "expects": "one of {names}"},
        "zh": {"says": "要素 `{found}` 没有选项 `{choice}`", "expects": "下列之一:{names}"},
    },
    "held-where": {
        "en": {
            "says": "`{found}` is held, but not said where",
            "hint": 'Add `policy = "<id>"`, or `held = false`.',
        },
        "zh": {
            "says": "`{found}` 注明持有,却没写在哪里",
            "hint": '请写 `policy = "<编号>"`,或 `held = false`。',
        },
    },
    "zone": {
        "en": {"says": "`{found}` is no time zone", "expects": 'an IANA name such as "Asia/Shanghai"'},
        "zh": {"says": "没有 `{found}` 这个时区", "expects": 'IANA 名称,如 "Asia/Shanghai"'},
    },
    "table-gap": {
        "en": {
            "says": "no row answers: {missing}",
            "hint": "Add a row, or `otherwise`, or leave it if the text does.",
        },
        "zh": {"says": "没有一行适用于:{missing}", "hint": "请补一行或写 `otherwise`;原文如此则保留。"},
    },
    "table-overlap": {
        "en": {
            "says": "rows {rows} answer differently: {both}",
            "hint": "Narrow one, unless the text says both.",
        },
        "zh": {"says": "第 {rows} 行结果不同而同时适用:{both}", "hint": "请收窄其一;原文如此则保留。"},
    },
    "table-undecided": {
        "en": {"says": "gaps and overlaps of `{found}` cannot be found before {why} is known"},
        "zh": {"says": "`{found}` 有无缺漏和重叠,在 {why} 确定之前无法检查"},
    },
    "band-gap": {
        "en": {
            "says": "no band names: {missing}",
            "hint": "Let each band begin where the one before it ends.",
        },
        "zh": {"says": "没有一档包含:{missing}", "hint": "每一档应从上一档的终点开始。"},
    },
    "band-overlap": {
        "en": {"says": "bands {rows} both name: {both}", "hint": "Write `below` on the lower one."},
        "zh": {"says": "第 {rows} 档都包含:{both}", "hint": "较低一档的上界请写 `below`。"},
    },
    "two-ways": {
        "en": {
            "says": "two steps of `{found}` can apply together and lead to `{one}` and to `{two}`",
            "hint": "Give them conditions `when` that exclude each other; `from` does not choose between steps.",
        },
        "zh": {
            "says": "`{found}` 的两个环节可能同时适用,却分别转到 `{one}` 和 `{two}`",
            "hint": "请写互斥的 `when`;`from` 并不在环节之间作选择。",
        },
    },
    "not-before": {
        "en": {
            "says": "{found} does not come before `{other}` = {limit}",
            "hint": "Exchange them, or correct one.",
        },
        "zh": {"says": "{found} 并不早于或小于 `{other}` = {limit}", "hint": "请对调或更正其一。"},
    },
    "shortens": {
        "en": {
            "says": "{found} is no longer than `within` = {limit}",
            "hint": "`to` counts from the original start.",
        },
        "zh": {"says": "{found} 并不长于 `within` = {limit}", "hint": "`to` 从原起点算起。"},
    },
    "other-unit": {
        "en": {"says": "{found} cannot be added to {limit}", "expects": "an amount in the same unit"},
        "zh": {"says": "{found} 不能加到 {limit} 上", "expects": "同一单位的数量"},
    },
    "bound-broken": {
        "en": {
            "says": "the value {found} breaks the bound {bound}",
            "hint": "Correct the value or the bound.",
        },
        "zh": {"says": "值 {found} 超出界限 {bound}", "hint": "请更正值或界限。"},
    },
    "range": {
        "en": {"says": "found {found}", "expects": "the smaller number first"},
        "zh": {"says": "写的是 {found}", "expects": "小的数在前"},
    },
    "month-end": {
        "en": {
            "says": "{found}: not every month has that day; its last day is taken",
            "hint": 'Or write "last day".',
        },
        "zh": {"says": "{found}:有的月份没有这一天,取月末日", "hint": '或写 "last day"。'},
    },
    "circle": {
        "en": {
            "says": "rules wait for each other in a circle: {found}",
            "hint": "Let one follow an event instead.",
        },
        "zh": {"says": "规则互相等待,形成循环:{found}", "hint": "请让其中一条改由事件起算。"},
    },
    "fact-circle": {
        "en": {
            "says": "facts are looked up in a circle: {found}",
            "hint": "Take one of them out of the rows.",
        },
        "zh": {"says": "要素查表形成循环:{found}", "hint": "请从行中去掉其一。"},
    },
    "unreachable": {
        "en": {
            "says": "no step leads to the state `{found}` of {track}",
            "hint": "Add the step, or correct `from`.",
        },
        "zh": {"says": "没有环节能转到 {track} 的状态 `{found}`", "hint": "请补环节,或更正 `from`。"},
    },
    "repeats": {
        "en": {
            "says": "`{found}` can come again (see `{why}`) and is ignored while this rule is open",
            "hint": "Say `per`, `restarted_by`, `void_by` or `once`, or leave it if that is meant.",
        },
        "zh": {
            "says": "`{found}` 可能再次发生(见 `{why}`),而本规则未结束时会忽略它",
            "hint": "请写 `per`、`restarted_by`、`void_by` 或 `once`;本意如此则保留。",
        },
    },
    "other-scope": {
        "en": {
            "says": "`{found}` is folded over {other} and this rule over {scope}: it never sees that outcome",
            "hint": "Give both the same `across`.",
        },
        "zh": {
            "says": "`{found}` 按 {other} 归并,本规则按 {scope} 归并,看不到它的结果",
            "hint": "两者的 `across` 应相同。",
        },
    },
    "no-rule": {
        "en": {
            "says": "the article has no rule",
            "hint": 'Add one, or say why not: no_rule = "…", or lost = true.',
        },
        "zh": {"says": "本条没有规则", "hint": '请补规则,或写明缘由:no_rule = "…" 或 lost = true。'},
    },
    "no-rule-and-rules": {
        "en": {
            "says": "the article has rules and says why it has none: {found}",
            "hint": "Take `no_rule` out.",
        },
        "zh": {"says": "本条已有规则,又写了无规则的缘由:{found}", "hint": "请去掉 `no_rule`。"},
    },
    "no-owner": {
        "en": {
            "says": "nobody owes `{found}`",
            "hint": 'Add `by = "role"`, or a contradiction if the text names nobody.',
        },
        "zh": {
            "says": "`{found}` 没有责任人",
            "hint": '请写 `by = "角色"`;原文未写明的,记入 contradiction。',
        },
    },
    "draw-outcome": {
        "en": {
            "says": "a sample is drawn after `{found}`, which only the other rules decide",
            "hint": "Start from an event of the log, or draw from a register (`draw_from`).",
        },
        "zh": {
            "says": "抽样以 `{found}` 起算,而那是其他规则的结果",
            "hint": "请以日志中的事件起算,或从名册抽取(`draw_from`)。",
        },
    },
    "draw-unit": {
        "en": {
            "says": "a sample cannot go with `{found}`",
            "expects": "a sample of cases, or of a register (`draw_from`)",
        },
        "zh": {"says": "抽样不能同时写 `{found}`", "expects": "从工单中抽,或从名册中抽(`draw_from`)"},
    },
    "missing-number": {
        "en": {
            "says": "`{found}` is not in the text; rows stay unset: {rules}",
            "hint": "`--set {found}=…` gives it; at a desk it is set among the parameters.",
        },
        "zh": {
            "says": "原文没有 `{found}`;下列规则不作判断:{rules}",
            "hint": "命令行用 `--set {found}=…` 给定;工单台上在“参数”里设。",
        },
    },
    "missing-beside": {
        "en": {
            "says": "`{found}` is not in the text; judged without it: {rules}",
            "hint": "`--set {found}=…` gives it; at a desk it is set among the parameters.",
        },
        "zh": {
            "says": "原文没有 `{found}`;下列规则照判,只是没有它:{rules}",
            "hint": "命令行用 `--set {found}=…` 给定;工单台上在“参数”里设。",
        },
    },
    "not-held": {
        "en": {"says": "the document {title} is not held; rows stay unset: {rules}"},
        "zh": {"says": "未持有文件《{title}》;下列规则不作判断:{rules}"},
    },
    "question-scale": {
        "en": {
            "says": "the question “{ask}” asks for `{found}` of type {type}",
            "expects": "choices, points or a range",
        },
        "zh": {"says": "问句“{ask}”所问的 `{found}` 类型是 {type}", "expects": "选项、分值或范围"},
    },
    "question-kind": {
        "en": {
            "says": "the question “{ask}” asks which, and `{found}` ({type}) answers how much",
            "hint": "Give the fact choices without points, or make it a text; leave it if the text asks so.",
        },
        "zh": {
            "says": "问句“{ask}”问的是哪一个,`{found}`({type})答的却是程度",
            "hint": "请给该要素写不计分的选项,或改为 text;原文如此则保留。",
        },
    },
    "question-later": {
        "en": {
            "says": "whether `{found}` is asked depends on `{other}`, which is only asked later",
            "hint": "Exchange the questions, or correct `when`.",
        },
        "zh": {
            "says": "`{found}` 问不问取决于 `{other}`,而后者在它之后才问",
            "hint": "请调换问句的先后,或更正 `when`。",
        },
    },
    "question-unreachable": {
        "en": {
            "says": "no answers lead to the question of `{found}`",
            "hint": "Correct its `when`, or that of the question it depends on.",
        },
        "zh": {
            "says": "怎样回答都问不到 `{found}`",
            "hint": "请更正它的 `when`,或它所取决于的那一问的 `when`。",
        },
    },
    "form-unused": {
        "en": {
            "says": "no rule uses the form `{found}`",
            "hint": "Name it in `asks` of a step, `holds` of an archive or `contains` of a report.",
        },
        "zh": {
            "says": "没有规则用到表单 `{found}`",
            "hint": "请写进环节的 `asks`、档案的 `holds` 或报表的 `contains`。",
        },
    },
    "points-of-nothing": {
        "en": {
            "says": "`{found}` ({type}) has points and no answers to give them to",
            "expects": "points of choices, or of true and false; a number is its own points",
        },
        "zh": {
            "says": "`{found}`({type})写了分值,却没有可得分的选项",
            "expects": "选项的分值,或 true、false 的分值;数字本身就是分",
        },
    },
    "verdict-idle": {
        "en": {
            "says": "nothing follows from the verdict `{found}`",
            "hint": "Let a rule follow `called_back` with it, or leave it if the text does.",
        },
        "zh": {
            "says": "评价为 `{found}` 的,没有下文",
            "hint": "请写以此回访起算的规则;原文如此则保留。",
        },
    },
    "rounds-endless": {
        "en": {
            "says": "after `{found}` the matter may be called back again and again, and nobody counts the rounds",
            "hint": "Count them and let something follow from `<count>.reached`; the number may be a missing parameter.",
        },
        "zh": {
            "says": "`{found}` 之后可以一轮一轮访下去,没有计数来了结",
            "hint": "请写计数,并以 `<计数>.reached` 起算下一步;原文没有数字的写缺失的参数。",
        },
    },
    "points-left": {
        "en": {
            "says": "choices of `{found}` without points: {names}",
            "hint": "Give each its points, 0 included.",
        },
        "zh": {"says": "`{found}` 有选项没有分值:{names}", "hint": "请给每个选项写分值,包括 0。"},
    },
    "not-loaded": {
        "en": {
            "says": "the policy `{found}` is not loaded",
            "hint": "Nothing is inherited; read it beside this one.",
        },
        "zh": {"says": "没有载入制度 `{found}`", "hint": "内容不会继承,请对照阅读。"},
    },
    "reference-rules": {
        "en": {"says": "a text of status {found} has rules", "hint": "Take them out, or change the status."},
        "zh": {"says": "状态为 {found} 的文本却有规则", "hint": "请去掉规则或改状态。"},
    },
    "not-in-force": {
        "en": {"says": "status {found}: judges only with --draft"},
        "zh": {"says": "状态为 {found}:只能用 --draft 试算"},
    },
    "until": {
        "en": {"says": "the last day {found} lies before the first, {edition}"},
        "zh": {"says": "末日 {found} 早于首日 {edition}"},
    },
    "lost": {
        "en": {"says": "the text of this article is lost"},
        "zh": {"says": "本条原文缺失"},
    },
    "contradiction": {
        "en": {"says": "{found}", "hint": "We read: {reading}"},
        "zh": {"says": "{found}", "hint": "我们的读法:{reading}"},
    },
    "no-example-met": {
        "en": {"says": "no worked example keeps `{found}`", "hint": "Add one under examples/."},
        "zh": {"says": "没有例子守住 `{found}`", "hint": "请在 examples/ 补一个。"},
    },
    "no-example-missed": {
        "en": {"says": "no worked example breaks `{found}`", "hint": "Add one under examples/."},
        "zh": {"says": "没有例子违反 `{found}`", "hint": "请在 examples/ 补一个。"},
    },
    "no-example-any": {
        "en": {"says": "no worked example names `{found}`", "hint": "Add one under examples/."},
        "zh": {"says": "没有例子提到 `{found}`", "hint": "请在 examples/ 补一个。"},
    },
    "example-start": {
        "en": {
            "says": "no event of {found} may open a case",
            "expects": "one of the policy's `starts`: {names}",
        },
        "zh": {"says": "{found} 没有可以立案的事件", "expects": "表头 `starts` 之一:{names}"},
    },
    "example-name": {
        "en": {"says": "the example names `{found}`, which the policy does not have"},
        "zh": {"says": "例子中的 `{found}` 不在制度里"},
    },
}
