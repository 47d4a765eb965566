"""Rules as records: what an obligation, window, count, prohibition or mark is to the fold."""

from typing import Any

from bihuan.engine import layout as at
from bihuan.engine.declared import Days
from bihuan.engine.draft import START_OF_CASE, Action, Draft
from bihuan.engine.errors import CallError, PolicyError
from bihuan.engine.finding import Wrong
from bihuan.engine.limit import Limit, Name, Period, Reference, parse_period
from bihuan.engine.listening import OUTCOMES, Mark, Node, all_parts, listens_to, source_of
from bihuan.engine.pattern import Condition, EventPattern
from bihuan.engine.rules import Count, Prohibition, Timed, Window
from bihuan.engine.tables import amount_of, days_record, looks_back, period_record

#: Where a rule says more than one limit of its own.
LOOKED_UP = (
    at.WITHIN_COL, at.CALENDAR_COL, at.TARGET, at.TARGET_COL, at.NOT_BEFORE, at.NOT_BEFORE_COL, at.INSTANT_COL,
    at.AHEAD_COL,
)  # fmt: skip


def record(draft: Draft, node: Node) -> list[int]:
    fields = dict.fromkeys(range(at.RULE), -1) | {at.HITS: 1, at.STRICT: 0, at.ONCE: 0}
    fields |= dict.fromkeys((at.PAUSES, at.PAUSES_END, at.EXTENSIONS, at.EXTENSIONS_END), 0)
    fields |= dict.fromkeys(
        (
            at.AFTER_PARTS,
            at.OWES_PARTS,
            at.OWES,
            at.AT_ONCE,
            at.AHEAD,
            at.WATCHED,
            at.ADDS_PART,
            at.MEASURES_ALL,
        ),
        0,
    )
    fields |= {at.DAYS: days(draft, node), at.CALENDAR: draft.calendar(draft.policy.header.calendar)}
    if isinstance(node, Mark):
        for event in node.events:
            draft.act(node, event, at.START)
        fields[at.KIND] = at.MARK
    elif isinstance(node, Prohibition):
        fields |= prohibition(draft, node)
    elif isinstance(node, Count):
        fields |= count(draft, node)
    else:
        fields |= timed(draft, node)
    if not isinstance(node, Mark):
        fields |= outcomes(draft, node)
    fields[at.LOOKS_UP] = int(any(fields[source] >= 0 for source in LOOKED_UP))
    return list(fields.values())


def outcomes(draft: Draft, node: Timed | Count | Prohibition) -> dict[int, int]:
    heard = set(draft.resolved(n for other in draft.out.rules for n in listens_to(other)))
    mine = [f"{node.name}.{outcome}" for outcome in OUTCOMES]
    listened = heard & {node.name, f"{node.name}.reached", *mine}
    return {
        at.OUTCOME: draft.out.codes[mine[0]] if listened else -1,
        at.WATCHED: int(f"{node.name}.missed" in heard),
    }


def prohibition(draft: Draft, rule: Prohibition) -> dict[int, int]:
    draft.act(rule, rule.on, at.START)
    inside = draft.by_name.get(rule.inside or "", -1)
    return {at.KIND: at.PROHIBITION, at.WHEN: condition(draft, rule, rule.when), at.INSIDE: inside}


def count(draft: Draft, rule: Count) -> dict[int, int]:
    draft.act(rule, rule.of, at.START)
    draft.act(rule, rule.reset_by, at.RESTART)
    need = whole(draft, rule, "at_least", 0) or whole(draft, rule, "above", 0) + 1
    draft.out.ring = max(draft.out.ring, need)
    adds = rule.adds
    return {
        at.KIND: at.COUNT,
        at.HITS: need,
        at.PER: draft.value("key", rule.per) if rule.per else -1,
        at.IN: counting_period(draft, rule, draft.parameters.of(rule, "in_")),
        at.ONCE_PER: counting_period(draft, rule, rule.once_per),
        at.ADDS: draft.limit(adds.used) if adds else -1,
        at.ADDS_PART: int(bool(adds and adds.part == "begun")),
    }


def timed(draft: Draft, rule: Timed) -> dict[int, int]:
    after, part = draft.parts(rule, rule.after, at.START, at.PART)
    if rule.after is None:
        begin = draft.out.codes[START_OF_CASE]
        draft.actions.setdefault(begin, []).append(Action(draft.numbers[id(rule)], at.START))
    owes, part = draft.parts(rule, rule.ends, at.END, part)
    for pattern in (rule.void_by, draft.policy.header.void_by):
        draft.act(rule, pattern, at.VOID)
    draft.act(rule, rule.restarted_by, at.RESTART)
    fields = {
        at.KIND: at.WINDOW if isinstance(rule, Window) else at.OBLIGATION,
        at.AFTER_PARTS: after,
        at.OWES_PARTS: owes,
        at.HITS: whole(draft, rule, "at_least", 1),
        at.ONCE: int(rule.once),
        at.STRICT: int(rule.strict),
        at.WHEN: condition(draft, rule, rule.when),
        at.PER: draft.value("key", rule.per) if rule.per else -1,
        **calendar_of(draft, rule),
        **limits(draft, rule),
        **ahead(draft, rule),
    }
    if rule.per and (followed := next((name for name in agreed(draft, rule) if name), None)):
        fields[at.BRINGS] = draft.test("carries", followed)
    fields |= pauses_of(draft, rule, part)
    if rule.every is not None:
        fields[at.PERIOD] = series(draft, rule)
    bounded = fields[at.NOT_BEFORE] >= 0 or fields[at.NOT_BEFORE_COL] >= 0 or rule.every is not None
    fields[at.OWES] = owes | at.END
    fields[at.MEASURES_ALL] = int(bool(rule.extensions) or is_added_up(draft, rule))
    fields[at.AT_ONCE] = int(not (owes or bounded) and fields[at.HITS] < 2)
    return fields


def agreed(draft: Draft, rule: Timed) -> list[str | None]:
    """The facts whose instants decide when a rule is due."""
    within = draft.parameters.of(rule, "within")
    names = (within.name if isinstance(within, Name) else None, rule.ahead_of)
    return [
        name if name and (fact := draft.policy.facts.get(name)) and fact.type in ("instant", "date") else None
        for name in names
    ]


def is_added_up(draft: Draft, rule: Timed) -> bool:
    """Whether a count adds up the time of the rule's instances, perhaps in another unit than its limit."""
    counts = (node for node in draft.out.rules if isinstance(node, Count) and node.adds)
    return any(source_of(name) == rule.name for count in counts for name in listens_to(count))


def condition(draft: Draft, rule: Node, condition: Condition | None) -> int:
    if condition is None:
        return -1
    missing = draft.prepared.missing(condition)
    if missing:
        draft.lack(rule, *missing, surely=False)
    return draft.test("when", condition)


def whole(draft: Draft, rule: Timed | Count, key: str, default: int) -> int:
    """A number at a key, literal or parameter."""
    value = draft.parameters.of(rule, key)
    if isinstance(value, Name):
        name, value = value.name, draft.parameters[value.name].on()
        if value is None:
            draft.lack(rule, name)
    if isinstance(value, str):
        raise CallError(f"{rule.name}.{key} = {value}: expected a number", rule=rule.name)
    return default if value is None else int(value)


def limits(draft: Draft, rule: Timed) -> dict[int, int]:
    window = isinstance(rule, Window)
    soft = rule.every is not None or rule.ahead_of is not None or window
    within = source(draft, rule, "within")
    if within == (-1, -1, -1) and soft and not is_declared(draft, rule, "within"):
        within = (at.UNLIMITED, -1, -1)
    target = (-1, -1, -1) if is_lacking(draft, rule, "target") else source(draft, rule, "target")
    not_before, lead = (source(draft, rule, key) for key in ("not_before", "lead"))
    return {
        at.WITHIN: within[0], at.WITHIN_COL: within[1], at.INSTANT_COL: within[2],
        at.TARGET: target[0], at.TARGET_COL: target[1],
        at.NOT_BEFORE: not_before[0], at.NOT_BEFORE_COL: not_before[1],
        at.NOT_BEFORE_DAYS: days_number(draft, draft.policy.days_of(rule).model_copy(update={"rolls": "no"})),
        at.LEAD: lead[0], at.LEAD_COL: lead[1],
    }  # fmt: skip


def source(draft: Draft, rule: Timed, key: str) -> tuple[int, int, int]:
    """A limit, a column of limits, or a column of instants; all -1 where there is none or it is missing."""
    value = draft.parameters.of(rule, key)
    name = f"{rule.name}.{key}"
    if value is None:
        if is_declared(draft, rule, key):
            draft.lack(rule, name)
        return -1, -1, -1
    if isinstance(value, Reference):
        draft.lack(rule, value.by)
        return -1, -1, -1
    if isinstance(value, Name):
        return named(draft, rule, value.name)
    return draft.limit(value if isinstance(value, Limit) else draft.parameters[name].limit_on()), -1, -1


def is_declared(draft: Draft, rule: Timed, key: str) -> bool:
    """Whether the rule says something at a key, if only that it is missing."""
    name = f"{rule.name}.{key}"
    missing = name in draft.parameters and draft.parameters[name].missing
    return missing or draft.parameters.of(rule, key) is not None


def is_lacking(draft: Draft, rule: Timed, key: str) -> bool:
    """Whether what stands at a key is a parameter without a value, or in a document that is not held."""
    value = draft.parameters.of(rule, key)
    if isinstance(value, Name):
        return value.name not in draft.policy.facts and bool(draft.prepared.missing(value.name))
    return isinstance(value, Reference) or (value is None and is_declared(draft, rule, key))


def named(draft: Draft, rule: Timed, name: str) -> tuple[int, int, int]:
    missing = draft.prepared.missing(name)
    fact = draft.policy.facts.get(name)
    if missing:
        draft.lack(rule, *missing, surely=fact is None)
    if missing and fact is None:
        return -1, -1, -1
    if (fact and fact.type in ("instant", "date")) or (not fact and name not in draft.parameters):
        return -1, -1, draft.value("due", name)
    if not fact and len(draft.parameters[name].dated) == 1:
        return draft.limit(draft.parameters[name].limit_on()), -1, -1
    return -1, draft.value("limit", name), -1


def ahead(draft: Draft, rule: Timed) -> dict[int, int]:
    if rule.ahead_of is None:
        return {}
    name = rule.ahead_of
    if name in draft.policy.facts or name.endswith("_at"):
        return {at.AHEAD: 1, at.AHEAD_COL: draft.value("instant", name)}
    draft.act(rule, EventPattern((name,)), at.ANCHOR)
    return {at.AHEAD: 1}


def pauses_of(draft: Draft, rule: Timed, part: int) -> dict[int, int]:
    first_pause, first_extension = len(draft.pauses), len(draft.extensions)
    for pause in rule.pauses:
        draft.act(rule, pause.from_, part)
        draft.act(rule, pause.to, part << 1)
        draft.pauses.append([part, part << 1, int(pause.both_days), int(pause.holds)])
        part <<= 2
    for extension in rule.extensions:
        mask = 0
        for pattern in (extension.by, *extension.needs):
            for one in all_parts(pattern):
                draft.act(rule, one, part)
                mask |= part
                part <<= 1
        draft.extensions.append(extension_record(draft, rule, extension, mask))
    if part >= 1 << 62:
        raise PolicyError(
            f"rule {rule.name}: too many pauses, extensions and parts; divide it", rule=rule.name
        )
    return {
        at.PAUSES: first_pause,
        at.PAUSES_END: len(draft.pauses),
        at.EXTENSIONS: first_extension,
        at.EXTENSIONS_END: len(draft.extensions),
    }


def extension_record(draft: Draft, rule: Timed, extension: Any, mask: int) -> list[int]:
    to, add = extension.to, extension.add
    limit = column = instant = added = added_column = -1
    if isinstance(to, Limit):
        limit = draft.limit(to)
    elif isinstance(to, Name):
        limit, column, instant = named(draft, rule, to.name)
    if isinstance(add, Limit):
        added = amount_of(add)[1]
    elif isinstance(add, Name):
        added_column = draft.value("amount", add.name)
    most = extension.at_most
    if isinstance(most, Name):
        most = draft.parameters[most.name].limit_on()
    at_most = amount_of(most)[1] if isinstance(most, Limit) else -1
    when = draft.test("when", extension.when)
    return [mask, when, limit, column, instant, added, added_column, at_most, int(extension.in_time)]


def calendar_of(draft: Draft, rule: Timed) -> dict[int, int]:
    name = draft.policy.calendar_of(rule)
    if name in draft.policy.facts:
        return {at.CALENDAR_COL: draft.value("calendar", name)}
    return {at.CALENDAR: draft.calendar(name)}


def days(draft: Draft, node: Node) -> int:
    if isinstance(node, Timed):
        return days_number(draft, draft.policy.days_of(node))
    return days_number(draft, None)


def days_number(draft: Draft, days: Days | None) -> int:
    record = days_record(days) if days else (0, 0, -1, 0, 0, 0, 0)
    if record not in draft.out.days:
        draft.out.days.append(record)
    return draft.out.days.index(record)


def series(draft: Draft, rule: Timed) -> int:
    period = period_of(draft, rule, draft.parameters.of(rule, "every"))
    if period is None:
        return -1
    within, from_, until = (source(draft, rule, key)[0] for key in ("within", "from_", "until"))
    if is_lacking(draft, rule, "from_"):
        return -1  # when its periods begin is not known: a single row, that is unset
    # What is due at an unknown time after a period has one row a period that is over, none for the one that runs.
    back = looks_back(draft.out.limits[within]) if within >= 0 else rule.within is not None
    draft.periods.append(list(period_record(period, back, from_, until)))
    return len(draft.periods) - 1


def period_of(draft: Draft, rule: Timed | Count, value: Any) -> Period | None:
    """A period, literal or parameter; a missing one leaves a single row that is unset."""
    name = rule.name
    if isinstance(value, Name):
        name, value = value.name, draft.parameters[value.name].on()
        if value is None:
            draft.lack(rule, name)
    try:
        return parse_period(value) if isinstance(value, str) else value
    except Wrong:
        raise CallError(
            f"{name} = {value}: expected a period such as 'calendar month' or '3 months'", parameter=name
        ) from None


def counting_period(draft: Draft, rule: Count, value: Any) -> int:
    period = period_of(draft, rule, value)
    if period is None:
        return -1
    draft.counted_periods.append(list(period_record(period)))
    own = sum(isinstance(n, Timed) and n.every is not None for n in draft.out.rules)
    return own + len(draft.counted_periods) - 1
