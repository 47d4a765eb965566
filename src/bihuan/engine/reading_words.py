"""What can be wrong with a value as written, in English and Chinese; see `messages`."""

READING: dict[str, dict[str, dict[str, str]]] = {
    "missing": {
        "en": {"says": "the key `{found}` is missing", "hint": "Add `{found} = …`."},
        "zh": {"says": "缺少键 `{found}`", "hint": "请补写 `{found} = …`。"},
    },
    "unknown-key": {
        "en": {"says": "unknown key `{found}`", "expects": "one of {names}"},
        "zh": {"says": "没有 `{found}` 这个键", "expects": "下列之一:{names}"},
    },
    "text": {
        "en": {"says": "found {found}", "expects": "text in quotes"},
        "zh": {"says": "写的是 {found}", "expects": "加引号的文字"},
    },
    "flag": {
        "en": {"says": "found {found}", "expects": "true or false, without quotes"},
        "zh": {"says": "写的是 {found}", "expects": "true 或 false,不加引号"},
    },
    "whole": {
        "en": {"says": "found {found}", "expects": "a whole number of at least 1"},
        "zh": {"says": "写的是 {found}", "expects": "不小于 1 的整数"},
    },
    "number": {
        "en": {"says": "found {found}", "expects": "a number, or the name of a fact or parameter"},
        "zh": {"says": "写的是 {found}", "expects": "数字,或要素、参数的名称"},
    },
    "choice": {
        "en": {"says": "found {found}", "expects": "one of {names}"},
        "zh": {"says": "写的是 {found}", "expects": "下列之一:{names}"},
    },
    "list": {
        "en": {"says": "found {found}", "expects": "a list in [ ] of the right length"},
        "zh": {"says": "写的是 {found}", "expects": "方括号 [ ] 内的列表,个数相符"},
    },
    "table": {
        "en": {"says": "found {found}", "expects": "a table in {{ }} or under a [heading]"},
        "zh": {"says": "写的是 {found}", "expects": "花括号 {{ }} 内或 [标题] 下的表"},
    },
    "unreadable": {
        "en": {"says": "{found} cannot be read here", "hint": "See docs/writing-policies.md for this key."},
        "zh": {"says": "此处读不懂 {found}", "hint": "请查 docs/writing-policies.md 中该键的写法。"},
    },
    "toml": {
        "en": {"says": "this is not TOML: {found}", "hint": "Mind quotes, brackets and repeated headings."},
        "zh": {"says": "不是合法的 TOML:{found}", "hint": "请检查引号、括号和重复的标题。"},
    },
    "encoding": {
        "en": {"says": "not UTF-8 at {found}", "hint": "Save the file as UTF-8."},
        "zh": {"says": "{found} 处不是 UTF-8", "hint": "请存为 UTF-8。"},
    },
    "example-instant": {
        "en": {"says": "found {found}", "expects": 'a time such as "2026-09-30 15:10", or a date'},
        "zh": {"says": "写的是 {found}", "expects": '时刻(如 "2026-09-30 15:10")或日期'},
    },
    "example-event": {
        "en": {
            "says": "found {found}",
            "expects": '["2026-09-30 15:10", "event"] or with {{ data }} after it',
        },
        "zh": {"says": "写的是 {found}", "expects": '["2026-09-30 15:10", "事件"],其后可加 {{ 数据 }}'},
    },
    "example-cases": {
        "en": {
            "says": "the example has both its own events or facts and named cases",
            "hint": "Move them into a case.",
        },
        "zh": {"says": "例子本身有事件或要素,又有分名的工单", "hint": "请移入某个工单。"},
    },
    "example-expect": {
        "en": {"says": "the example expects nothing", "hint": "Say under `expect` what must come out."},
        "zh": {"says": "例子什么也没有期望", "hint": "请在 `expect` 下写明应得的结果。"},
    },
    "id": {
        "en": {
            "says": "found {found}",
            "expects": 'an id in lower case with "-" between words, such as "send-again"',
        },
        "zh": {"says": "写的是 {found}", "expects": '小写编号,词间用 "-",如 "send-again"'},
    },
    "name": {
        "en": {"says": "found {found}", "expects": 'one name in lower case with "_" between words'},
        "zh": {"says": "写的是 {found}", "expects": '一个小写名称,词间用 "_"'},
    },
    "names": {
        "en": {"says": "found {found}", "expects": "a name, or a list of names"},
        "zh": {"says": "写的是 {found}", "expects": "一个名称,或名称的列表"},
    },
    "word": {
        "en": {"says": "found {found}", "expects": "a choice or other text in quotes"},
        "zh": {"says": "写的是 {found}", "expects": "加引号的选项或文字"},
    },
    "date": {
        "en": {"says": "found {found}", "expects": "a date without quotes, such as 2026-01-01"},
        "zh": {"says": "写的是 {found}", "expects": "不加引号的日期,如 2026-01-01"},
    },
    "instant": {
        "en": {
            "says": "found {found}",
            "expects": "a date or time without quotes, such as 2026-01-01T09:00:00",
        },
        "zh": {"says": "写的是 {found}", "expects": "不加引号的日期或时刻,如 2026-01-01T09:00:00"},
    },
    "edition": {
        "en": {
            "says": "found {found}",
            "expects": 'the first day in force without quotes, such as 2005-08-01, or "unknown"',
        },
        "zh": {"says": "写的是 {found}", "expects": '施行首日,不加引号,如 2005-08-01,或 "unknown"'},
    },
    "scalar": {
        "en": {
            "says": "found {found}",
            "expects": "a number, text, true/false, date, or a list of one of them",
        },
        "zh": {"says": "写的是 {found}", "expects": "数字、文字、true/false、日期,或其列表"},
    },
    "amount": {
        "en": {
            "says": "found {found}",
            "expects": 'a number, a name, {{ between = [100, 200] }}, {{ from = 800 }} or {{ by = "reference" }}',
        },
        "zh": {
            "says": "写的是 {found}",
            "expects": '数字、名称、{{ between = [100, 200] }}、{{ from = 800 }} 或 {{ by = "文件" }}',
        },
    },
    "payer": {
        "en": {
            "says": "found {found}",
            "expects": 'a role or fact, or {{ all = ["a", "b"] }} where each pays',
        },
        "zh": {"says": "写的是 {found}", "expects": '角色或要素;各自都付写 {{ all = ["a", "b"] }}'},
    },
    "reference": {
        "en": {"says": "found {found}", "expects": 'a document: {{ by = "name of a reference" }}'},
        "zh": {"says": "写的是 {found}", "expects": '引用的文件:{{ by = "引用名" }}'},
    },
    "limit": {
        "en": {
            "says": "found {found}",
            "expects": 'a limit such as "4 working days", "24 hours", "next day 10:00", "day 7 of next month 16:00"',
        },
        "zh": {
            "says": "写的是 {found}",
            "expects": '时限,如 "4 working days"、"24 hours"、"next day 10:00"、"day 7 of next month 16:00"',
        },
    },
    "limit-zero": {
        "en": {
            "says": "{found} leaves no time at all",
            "hint": 'Write at least 1, "same day", or leave the limit out.',
        },
        "zh": {"says": "{found} 等于不给时间", "hint": '至少写 1,或写 "same day",或不写时限。'},
    },
    "limit-negative": {
        "en": {"says": "{found} lies before the start", "hint": "Backwards is `ahead_of` with `lead`."},
        "zh": {"says": "{found} 早于起点", "hint": "倒推期限请写 `ahead_of` 和 `lead`。"},
    },
    "limit-fraction": {
        "en": {
            "says": "{found} is not a whole amount",
            "hint": 'Use a smaller unit: "90 minutes", "15 days".',
        },
        "zh": {"says": "{found} 不是整数", "hint": '请换小一级单位,如 "90 minutes"、"15 days"。'},
    },
    "limit-clock": {
        "en": {
            "says": "{found} gives an hour of the day to an amount in {unit}s",
            "expects": "an amount in days or longer",
        },
        "zh": {"says": "{found} 给以 {unit} 计的时限加了钟点", "expects": "以天或更长单位计的时限"},
    },
    "limit-day": {
        "en": {"says": "{found} is a day that no month has", "expects": "a day from 1 to {most}"},
        "zh": {"says": "{found}:没有这样一天", "expects": "1 到 {most}"},
    },
    "clock": {
        "en": {"says": "found {found}", "expects": "an hour HH:MM from 00:00 to 24:00"},
        "zh": {"says": "写的是 {found}", "expects": "00:00 到 24:00 的钟点 HH:MM"},
    },
    "day-end": {
        "en": {"says": "found {found}", "expects": '"24:00", "close", "same time" or "HH:MM"'},
        "zh": {"says": "写的是 {found}", "expects": '"24:00"、"close"、"same time" 或 "HH:MM"'},
    },
    "period": {
        "en": {
            "says": "found {found}",
            "expects": '"calendar month", "calendar day 12:00", "working day" or "3 months"',
        },
        "zh": {
            "says": "写的是 {found}",
            "expects": '"calendar month"、"calendar day 12:00"、"working day" 或 "3 months"',
        },
    },
    "pattern": {
        "en": {
            "says": "found {found}",
            "expects": 'an event, a list of them (any), {{ all = [...] }}, or {{ event = "…", where = {{…}} }}',
        },
        "zh": {
            "says": "写的是 {found}",
            "expects": '事件名、事件列表(任一)、{{ all = [...] }} 或 {{ event = "…", where = {{…}} }}',
        },
    },
    "pattern-all": {
        "en": {"says": "found {found}", "expects": "{{ all = [...] }} alone, with at least one event in it"},
        "zh": {"says": "写的是 {found}", "expects": "单独的 {{ all = [...] }},其中至少一个事件"},
    },
    "event-name": {
        "en": {
            "says": "found {found}",
            "expects": "an event such as `accepted`, or an outcome such as `contact.missed`",
        },
        "zh": {"says": "写的是 {found}", "expects": "事件名(如 `accepted`)或规则结果(如 `contact.missed`)"},
    },
    "condition": {
        "en": {"says": "found {found}", "expects": "a condition {{ fact = value }}"},
        "zh": {"says": "写的是 {found}", "expects": "条件 {{ 要素 = 值 }}"},
    },
    "test": {
        "en": {
            "says": "found {found}",
            "expects": "a value, a list, or one of {{ not }}, {{ known }}, {{ all }}, {{ at_least, above, at_most, below, from }}",
        },
        "zh": {
            "says": "写的是 {found}",
            "expects": "值、列表,或 {{ not }}、{{ known }}、{{ all }}、{{ at_least, above, at_most, below, from }} 之一",
        },
    },
    "bound-twice": {
        "en": {
            "says": "{found} bounds the same side twice",
            "expects": "at_least or above, at_most or below",
        },
        "zh": {"says": "{found} 同一侧写了两个界", "expects": "at_least 与 above 择一,at_most 与 below 择一"},
    },
    "not-ordered": {
        "en": {
            "says": "{found} bounds a choice that has no order",
            "hint": "Give the fact `ordered = true`, or list the choices.",
        },
        "zh": {
            "says": "{found}:该选项要素没有次序,不能比较",
            "hint": "给要素写 `ordered = true`,或列出各选项。",
        },
    },
    "fact-type": {
        "en": {
            "says": "the type of this fact is not said",
            "expects": "`type`, `choices`, `tree`, or `rows` that show it",
        },
        "zh": {"says": "看不出这个要素的类型", "expects": "`type`、`choices`、`tree`,或能看出类型的 `rows`"},
    },
    "tree": {
        "en": {"says": "found {found}", "expects": "a label, or a table of further choices"},
        "zh": {"says": "写的是 {found}", "expects": "标签,或下一级选项的表"},
    },
    "one-of": {
        "en": {"says": "found {found}", "expects": "exactly one of {names}"},
        "zh": {"says": "写了:{found}", "expects": "下列恰好一个:{names}"},
    },
    "needs-key": {
        "en": {"says": "`{found}` stands without `{key}`", "hint": "Add `{key}`, or take `{found}` out."},
        "zh": {"says": "只有 `{found}` 而没有 `{key}`", "hint": "补写 `{key}`,或去掉 `{found}`。"},
    },
    "share": {
        "en": {"says": "{found} is no share", "expects": "a number from 0 to 1"},
        "zh": {"says": "{found} 不是比例", "expects": "0 到 1 之间的数"},
    },
    "draw-period": {
        "en": {
            "says": "no draw can be made by {found}",
            "expects": "a calendar period without a clock time, such as `calendar month`",
        },
        "zh": {"says": "不能按 {found} 抽样", "expects": "不带钟点的日历周期,如 `calendar month`"},
    },
    "origin-missing": {
        "en": {
            "says": "a missing parameter has a value",
            "hint": 'Take the value out, or say where it is from: origin = "text", "user" or "outside".',
        },
        "zh": {
            "says": "缺失的参数却有值",
            "hint": '去掉该值,或写明来历:origin = "text"、"user" 或 "outside"。',
        },
    },
    "origin-value": {
        "en": {
            "says": "a parameter of origin {found} has no value",
            "hint": 'Give `value`, or write origin = "missing".',
        },
        "zh": {"says": "来历为 {found} 的参数没有值", "hint": '请写 `value`,或写 origin = "missing"。'},
    },
}
