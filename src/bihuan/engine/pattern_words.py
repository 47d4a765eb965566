"""What can be wrong with where an event pattern stands, in English and Chinese; see `messages`."""

from __future__ import annotations

PATTERNS: dict[str, dict[str, dict[str, str]]] = {
    "all-here": {
        "en": {
            "says": "all of {events} cannot be asked here",
            "expects": "one event, or a list, any of which will do; `{{ all = [...] }}` may stand in {names}",
            "hint": "For all of them declare a window with that as `may`, and write its outcome (`id.met`) here.",
        },
        "zh": {
            "says": "此处不能要求 {events} 全部发生",
            "expects": "一个事件,或列表(任一);`{{ all = [...] }}` 只能写在 {names}",
            "hint": "要全部的,请声明一个期间(window),把它写作 `may`,此处写该期间的结果(`编号.met`)。",
        },
    },
    "all-twice": {
        "en": {
            "says": "one `{found}` would do for two parts of `{{ all = [...] }}`",
            "hint": "Leave one out; how often it is owed says `at_least` of the rule.",
        },
        "zh": {
            "says": "`{{ all = [...] }}` 中有两件相同,一次 `{found}` 就都算做了",
            "hint": "请去掉其一;要做几次,写规则的 `at_least`。",
        },
    },
    "since-here": {
        "en": {
            "says": '`since = "{found}"` would have no effect here',
            "expects": "`since` in `needs` of a step, or beside an `at_least` above 1",
            "hint": 'Or declare a window with `after = "{found}"` and the event as `may`, and write its outcome '
            "(`id.met`) here.",
        },
        "zh": {
            "says": '此处的 `since = "{found}"` 不起作用',
            "expects": "`since` 写在环节的 `needs`,或与大于 1 的 `at_least` 同用",
            "hint": '也可声明一个期间(window),写 `after = "{found}"`,把该事件写作 `may`,此处写其结果(`编号.met`)。',
        },
    },
    "not-in-header": {
        "en": {
            "says": "`void_by` of the header does not understand `{found}`",
            "expects": "plain events of the log, with `where` and `by` at most",
            "hint": "Write it as `void_by` of each rule.",
        },
        "zh": {
            "says": "表头的 `void_by` 不支持 `{found}`",
            "expects": "日志中的事件,至多带 `where` 和 `by`",
            "hint": "请写在各条规则自己的 `void_by`。",
        },
    },
    "nobodys-deed": {
        "en": {
            "says": "`{asked}` asks who did `{found}`, which nobody does",
            "hint": "Ask it of the event itself; how often something happened is a count.",
        },
        "zh": {
            "says": "`{asked}` 问的是谁做了 `{found}`,而它不是谁做的事",
            "hint": "请对事件本身提出要求;要数次数的写计数(count)。",
        },
    },
    "by-here": {
        "en": {
            "says": "a pattern cannot ask for the role `{found}`",
            "expects": "a role of the organisation, one that a fact names, `actor` or `customer`",
            "hint": "A role that is earned by events (`did`) can be asked for in a step (`by`).",
        },
        "zh": {
            "says": "事件式的 `by` 不能写角色 `{found}`",
            "expects": "单位里的角色、由要素指名的角色、`actor` 或 `customer`",
            "hint": "因做过某事而得的角色(`did`)可在环节的 `by` 里要求。",
        },
    },
    "every-per": {
        "en": {
            "says": "periods (`every`) are of the case or the subject, not of each `{found}`",
            "hint": "Make `{found}` the subject (`across`), or ask once for each by an event of its own.",
        },
        "zh": {
            "says": "周期(`every`)属于工单或对象,不按 `{found}` 分开",
            "hint": "请让 `{found}` 做对象(`across`),或者各用自己的事件来起算。",
        },
    },
    "across-missed": {
        "en": {
            "says": "`{missed}` is no event of a case, so that across cases nobody's `{found}` is meant",
            "expects": "facts of the subject itself (`of`)",
            "hint": "Ask for it in the rule that is missed (`when`), and write one for each answer.",
        },
        "zh": {
            "says": "`{missed}` 不是哪一单的事件,跨工单时说不出 `{found}` 是谁的",
            "expects": "对象自己的要素(`of`)",
            "hint": "请在误了的那条规则里用 `when` 问,一种答案写一条。",
        },
    },
    "every-restart": {
        "en": {
            "says": "`{found}` cannot restart a period: periods (`every`) follow each other whatever happens",
            "hint": "End the series with `void_by` and let `after` begin another.",
        },
        "zh": {
            "says": "`{found}` 不能让周期重新起算:周期(`every`)一期接一期,不看发生了什么",
            "hint": "请用 `void_by` 结束,再由 `after` 起算另一串。",
        },
    },
    "every-pause": {
        "en": {
            "says": "`{found}` pauses nothing: a period without `within` ends on its day of the calendar",
            "hint": "Give the rule a `within`, or leave out the pause.",
        },
        "zh": {
            "says": "`{found}` 停不了什么:没有 `within` 的周期到日历上的那天为止",
            "hint": "请给这条规则写 `within`,或删去暂停。",
        },
    },
    "every-fact": {
        "en": {
            "says": "when a series of periods begins or ends cannot hang on the fact `{found}`",
            "expects": "a limit, or a parameter",
            "hint": "Write a rule for each answer, with `when`.",
        },
        "zh": {
            "says": "一串周期何时开始、何时结束,不能由要素 `{found}` 定",
            "expects": "时限,或参数",
            "hint": "请按不同的情形各写一条规则,用 `when` 分开。",
        },
    },
    "step-role": {
        "en": {
            "says": "a step cannot ask for the role `{found}`",
            "expects": "a declared role, `actor` or `customer`",
            "hint": "Who owes something stands in the obligation (`by`); a step asks for the role of who acts.",
        },
        "zh": {
            "says": "环节不能要求角色 `{found}`",
            "expects": "声明过的角色、`actor` 或 `customer`",
            "hint": "谁承担义务写在应办事项的 `by`;环节里写做这件事的人的角色。",
        },
    },
    "unlike-alternatives": {
        "en": {
            "says": "`{asked}` would be taken for all of {events} together",
            "hint": "Write them as one table with `event = [...]` if that is meant; else declare a window each, and "
            "let the need name the outcomes.",
        },
        "zh": {
            "says": "`{asked}` 会被当作对 {events} 一并的要求",
            "hint": "本意如此的,请合写一张表 `event = [...]`;否则请各声明一个期间(window),此处写其结果。",
        },
    },
    "all-per": {
        "en": {
            "says": "parts of `after = {{ all = [...] }}` are gathered for the whole case, not for each `{found}`",
            "hint": "Leave `per` out, or start from one event.",
        },
        "zh": {
            "says": "`after = {{ all = [...] }}` 的各件按整单凑齐,不按每个 `{found}` 分别凑齐",
            "hint": "请去掉 `per`,或改由一个事件起算。",
        },
    },
}
