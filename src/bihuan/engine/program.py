"""A policy laid out in integers for the fold, with what has to be asked of the facts of a log.

One program serves the rules about cases, and one each subject that rules are `across`. Everything here depends on
the policy and its parameters only, so a program is made once and used for any log; `columns` answers its questions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from bihuan.engine import layout as at
from bihuan.engine.errors import PolicyError
from bihuan.engine.limit import Limit, Name, Period, Reference, parse_period
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition, EventPattern, Pattern
from bihuan.engine.policy import Policy
from bihuan.engine.prepared import Prepared
from bihuan.engine.rules import Callback, Count, Prohibition, Rule, Step, Timed, Window
from bihuan.engine.tables import amount_of, days_record, looks_back, period_record

OUTCOMES = ("met", "late", "missed", "void")
COMPANY = "company"
START_OF_CASE = "start of case"
OTHER = "any other event"
EACH = " for each "  # an event repeated for the further values of a fact; only rules `per` that fact hear it


@dataclass(frozen=True)
class Ask:
    """One column that the fold needs: what is asked, of what."""

    what: str  # tests: when, where, role, carries, both. values: limit, amount, instant, due, key, person, calendar
    of: Any


@dataclass(frozen=True)
class Mark:
    """Remembers when one of some events happened last."""

    events: tuple[EventPattern, ...]


Node = Timed | Count | Prohibition | Mark


@dataclass
class Layout:
    """The program of one kind of subject; `rules[n]` and `steps[n]` are what record n was made of."""

    subject: str
    codes: dict[str, int]
    rules: list[Node] = field(default_factory=list)
    articles: list[str] = field(default_factory=list)
    steps: list[tuple[Step, str]] = field(default_factory=list)
    step_items: list[Any] = field(default_factory=list)  # what each item of a step stands for
    states: list[str] = field(default_factory=lambda: ["start"])
    tests: list[Ask] = field(default_factory=list)
    values: list[Ask] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    days: list[tuple[int, ...]] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)
    lacking: dict[int, tuple[str, ...]] = field(
        default_factory=dict
    )  # rule: parameters and documents it lacks
    perhaps: dict[int, tuple[str, ...]] = field(
        default_factory=dict
    )  # likewise, where a row comes to need them
    columns: dict[str, list[int]] = field(default_factory=dict)  # of instance.Program
    ring: int = 1

    @property
    def events(self) -> dict[str, int]:
        """Codes of events; the last stands for every event that no rule knows."""
        return {name: code for name, code in self.codes.items() if code <= self.codes[OTHER]}


def subjects(policy: Policy) -> list[str]:
    """The subjects that rules are about: "" for cases, then the facts of `across`, then the company."""
    return list(dict.fromkeys(["", *(subject_of(policy, rule) for _, _, rule in policy.rules())]))


def subject_of(policy: Policy, rule: Rule) -> str:
    """Whose events a rule is folded over."""
    if isinstance(rule, Timed | Count) and rule.across:
        return rule.across
    if isinstance(rule, Timed) and rule.every is not None and rule.after is None:
        return COMPANY
    if isinstance(rule, Timed | Count | Prohibition):
        sources = {name.rpartition(".")[0] or name for name in names_of(trigger(rule))}
        across = {subject_of(policy, policy.named[s]) for s in sources if s in policy.named} - {""}
        if across and all(s in policy.named for s in sources):
            return across.pop()
    return ""


def is_sampled(rule: Rule) -> bool:
    """Whether only a sample is called back: such callbacks are owed by those drawn, and draws are made elsewhere."""
    return isinstance(rule, Callback) and (rule.rate != 1 or rule.draw_from is not None)


def trigger(rule: Rule) -> Pattern | None:
    if isinstance(rule, Timed):
        return rule.after
    return rule.of if isinstance(rule, Count) else rule.on if isinstance(rule, Prohibition) else None


def flat(pattern: Pattern | None) -> Iterator[EventPattern]:
    if pattern is not None:
        yield from pattern.any
        for part in pattern.all:
            yield from flat(part)


def names_of(*patterns: Pattern | None) -> list[str]:
    return [name for pattern in patterns for event in flat(pattern) for name in event.event]


def listens_to(rule: Node) -> list[str]:
    """Every event and outcome that a rule reacts to."""
    if isinstance(rule, Mark):
        return [name for event in rule.events for name in event.event]
    if isinstance(rule, Count):
        return names_of(rule.of, rule.reset_by)
    if isinstance(rule, Prohibition):
        return names_of(rule.on)
    patterns = [rule.after, rule.ends, rule.void_by, rule.restarted_by]
    patterns += [p for pause in rule.pauses for p in (pause.from_, pause.to)]
    patterns += [p for e in rule.extensions for p in (e.by, *e.needs)]
    return names_of(*patterns)


class Builder:
    """Writes the records; every method adds to `out` and answers the number of what it added."""

    def __init__(self, prepared: Prepared, subject: str) -> None:
        self.prepared = prepared
        self.policy: Policy = prepared.policy
        self.parameters: Parameters = prepared.parameters
        self.out = Layout(subject, {})
        self.marks: dict[str, Mark] = {}  # by what they remember, written out: conditions cannot be hashed
        self.actions: dict[int, list[tuple[int, ...]]] = {}
        self.numbers: dict[Any, int] = {}
        self.pauses: list[int] = []
        self.extensions: list[int] = []
        self.periods: list[int] = []
        self.counted_periods: list[int] = []

    # --- the whole ---

    def build(self) -> Layout:
        steps = [] if self.out.subject else list(self.steps())
        nodes = self.in_order([*self.own_rules(), *self.marks_of(steps)])
        self.number(nodes)
        self.out.columns["rules"] = [n for node in nodes for n in self.record(node)]
        self.write_steps(steps)
        self.write_actions()
        out = self.out.columns
        out["pauses"], out["extensions"] = self.pauses, self.extensions
        out["periods"] = self.periods + self.counted_periods
        rules = range(len(nodes))
        out["follows"] = [
            r for r in rules if self.field(r, at.INSTANT_COL) >= 0 or self.field(r, at.AHEAD_COL) >= 0
        ]
        out["periodic"] = [r for r in rules if self.field(r, at.PERIOD) >= 0]
        out["shape"] = [
            len(nodes), len(self.out.tests), len(self.out.values), self.tracks, self.out.codes[START_OF_CASE],
            len(out["periodic"]), len(out["follows"]), self.out.ring, len(self.out.codes),
        ]  # fmt: skip
        return self.out

    def field(self, rule: int, name: int) -> int:
        return self.out.columns["rules"][rule * at.RULE + name]

    def own_rules(self) -> list[Node]:
        kept = (Timed, Count, Prohibition)
        return [
            rule
            for _, _, rule in self.policy.rules()
            if isinstance(rule, kept)
            and subject_of(self.policy, rule) == self.out.subject
            and not is_sampled(rule)
        ]

    def steps(self) -> Iterator[tuple[Step, str]]:
        for article, kind, rule in self.policy.rules():
            if kind == "step" and isinstance(rule, Step):
                yield rule, article.no

    def in_order(self, nodes: list[Node]) -> list[Node]:
        """Rules after those whose outcomes they listen to; otherwise as in the text."""
        by_name = {node.name: node for node in nodes if not isinstance(node, Mark)}
        sorter: TopologicalSorter[int] = TopologicalSorter()
        place = {id(node): n for n, node in enumerate(nodes)}
        for node in nodes:
            sources = [by_name.get(source_of(name)) for name in self.resolved(listens_to(node))]
            sorter.add(place[id(node)], *sorted({place[id(s)] for s in sources if s is not None}))
        try:
            return [nodes[n] for n in sorter.static_order()]
        except CycleError as error:
            circle = " -> ".join(str(getattr(nodes[n], "name", "a mark")) for n in error.args[1])
            raise PolicyError(
                f"rules refer to each other in a circle: {circle}; let one of them start from an event of the log",
                file=self.policy.path or None,
            ) from None

    def number(self, nodes: list[Node]) -> None:
        """Give a code to every event, then to the outcomes of every rule."""
        out = self.out
        out.rules = nodes
        out.articles = [self.policy.article_of(n.name) if not isinstance(n, Mark) else "" for n in nodes]
        self.numbers = {id(node): n for n, node in enumerate(nodes)}
        self.by_name = {n.name: i for i, n in enumerate(nodes) if not isinstance(n, Mark)}
        heard = [name for node in nodes for name in self.resolved(listens_to(node))]
        heard += names_of(self.policy.header.void_by)
        heard += [event for step, _ in ([] if out.subject else self.steps()) for event in step.event]
        heard += [
            a for n in nodes if isinstance(n, Timed) and (a := n.ahead_of) and a not in self.policy.facts
        ]
        for name in dict.fromkeys(heard):
            if source_of(name) not in self.by_name:
                out.codes[name] = len(out.codes)
        for node in nodes:
            if (many := self.many_key(node)) is not None:
                for name in self.resolved(listens_to(node)):
                    if name in out.codes:
                        out.codes.setdefault(f"{name}{EACH}{many}", len(out.codes))
        out.codes[OTHER] = len(out.codes)
        out.codes[START_OF_CASE] = len(out.codes)
        for name in self.by_name:
            for outcome in OUTCOMES:
                out.codes[f"{name}.{outcome}"] = len(out.codes)

    def many_key(self, node: Node) -> str | None:
        """The fact of several values that separates a rule's instances, if it has one."""
        per = node.per if isinstance(node, Timed | Count) else None
        return per if per and per in self.policy.facts and self.policy.facts[per].many else None

    def resolved(self, names: Iterable[str]) -> list[str]:
        """Names of events, with parameters that name events replaced."""
        found: list[str] = []
        for name in names:
            value = self.parameters[name].on() if name in self.parameters else None
            found += [name] if value is None else [value] if isinstance(value, str) else list(value)
        return found

    def code(self, name: str) -> int | None:
        """The code of an event, or of what becomes of a rule; a bare rule name is that it happened."""
        if name in self.by_name:
            return self.out.codes[f"{name}.met"]
        return self.out.codes.get(
            name.removesuffix(".reached") + ".met" if name.endswith(".reached") else name
        )

    # --- columns that the fold asks for ---

    def test(self, what: str, of: Any) -> int:
        if of is None:
            return -1
        return self.asked(self.out.tests, Ask(what, of))

    def value(self, what: str, of: Any) -> int:
        return self.asked(self.out.values, Ask(what, of))

    def asked(self, asks: list[Ask], ask: Ask) -> int:
        key = (ask.what, id(ask.of) if isinstance(ask.of, Condition) else ask.of)
        for n, one in enumerate(asks):
            if (one.what, id(one.of) if isinstance(one.of, Condition) else one.of) == key:
                return n
        asks.append(ask)
        return len(asks) - 1

    def limit(self, limit: Limit | None) -> int:
        if limit is None:
            return -1
        if limit not in self.out.limits:
            self.out.limits.append(limit)
        return self.out.limits.index(limit)

    def lack(self, rule: Node, *names: str, surely: bool = True) -> None:
        of = self.out.lacking if surely else self.out.perhaps
        n = self.numbers[id(rule)]
        of[n] = tuple(dict.fromkeys((*of.get(n, ()), *names)))

    # --- actions ---

    def act(self, rule: Node, pattern: Pattern | EventPattern | None, bits: int) -> None:
        """Let every event of a pattern fire `bits` in a rule."""
        events = [pattern] if isinstance(pattern, EventPattern) else flat(pattern)
        for event in events:
            for name in self.resolved(event.event):
                copies = f"{name}{EACH}{self.many_key(rule)}"
                for code in (self.code(name), self.out.codes.get(copies)):
                    if code is not None:
                        self.actions.setdefault(code, []).append(self.action(rule, event, bits))

    def action(self, rule: Node, event: EventPattern, bits: int) -> tuple[int, ...]:
        test = self.test("where", event.where)
        if event.by is not None:
            by = self.test("role", event.by)
            test = by if test < 0 else self.test("both", (test, by))
        since = self.marks.get(repr(since_events(event)))
        own = self.numbers[id(rule)]
        return own, bits, test, event.at_least, self.numbers[id(since)] if since else -1

    def parts(self, rule: Node, pattern: Pattern | None, bits: int, part: int) -> tuple[int, int]:
        """Fire `bits` for an any-pattern; for an all-pattern a bit for each part. Answers their mask and the next bit."""
        if pattern is None or not pattern.all:
            self.act(rule, pattern, bits)
            return 0, part
        mask = 0
        for one in all_parts(pattern):
            self.act(rule, one, part)
            mask |= part
            part <<= 1
        return mask, part

    def write_actions(self) -> None:
        """Actions by code, those of a rule together."""
        out = self.out
        out.columns["action_from"], out.columns["actions"] = [], []
        for code in range(len(out.codes)):
            out.columns["action_from"].append(len(out.columns["actions"]) // at.ACTION)
            out.columns["actions"] += [n for action in sorted(self.actions.get(code, [])) for n in action]
        out.columns["action_from"].append(len(out.columns["actions"]) // at.ACTION)

    # --- records of rules ---

    def record(self, node: Node) -> list[int]:
        fields = dict.fromkeys(range(at.RULE), -1) | {at.HITS: 1, at.ABSENT: 0, at.STRICT: 0, at.ONCE: 0}
        fields |= dict.fromkeys((at.PAUSES, at.PAUSES_END, at.EXTENSIONS, at.EXTENSIONS_END), 0)
        fields |= dict.fromkeys(
            (at.AFTER_PARTS, at.OWES_PARTS, at.AHEAD, at.WATCHED, at.ADDS, at.ADDS_PART), 0
        )
        fields |= {at.DAYS: self.days(node), at.CALENDAR: self.calendar(self.policy.header.calendar)}
        if isinstance(node, Mark):
            for event in node.events:
                self.act(node, event, at.START)
            fields[at.KIND] = at.MARK
        elif isinstance(node, Prohibition):
            fields |= self.prohibition(node)
        elif isinstance(node, Count):
            fields |= self.count(node)
        else:
            fields |= self.timed(node)
        if not isinstance(node, Mark):
            fields |= self.outcomes(node)
        n = self.numbers[id(node)]
        fields[at.ABSENT] = at.SURELY if n in self.out.lacking else at.PERHAPS if n in self.out.perhaps else 0
        return list(fields.values())

    def outcomes(self, node: Timed | Count | Prohibition) -> dict[int, int]:
        heard = set(self.resolved(n for other in self.out.rules for n in listens_to(other)))
        mine = [f"{node.name}.{outcome}" for outcome in OUTCOMES]
        listened = heard & {node.name, f"{node.name}.reached", *mine}
        return {
            at.OUTCOME: self.out.codes[mine[0]] if listened else -1,
            at.WATCHED: int(f"{node.name}.missed" in heard),
        }

    def prohibition(self, rule: Prohibition) -> dict[int, int]:
        self.act(rule, rule.on, at.START)
        inside = self.by_name.get(rule.inside or "", -1)
        return {at.KIND: at.PROHIBITION, at.WHEN: self.condition(rule, rule.when), at.INSIDE: inside}

    def count(self, rule: Count) -> dict[int, int]:
        self.act(rule, rule.of, at.START)
        self.act(rule, rule.reset_by, at.RESTART)
        need = self.whole(rule, "at_least", 0) or self.whole(rule, "above", 0) + 1
        self.out.ring = max(self.out.ring, need)
        adds = rule.adds
        return {
            at.KIND: at.COUNT,
            at.HITS: need,
            at.PER: self.value("key", rule.per) if rule.per else -1,
            at.IN: self.counting_period(rule, self.parameters.of(rule, "in_")),
            at.ONCE_PER: self.counting_period(rule, rule.once_per),
            at.ADDS: amount_of(adds.used)[1] if adds else 0,
            at.ADDS_PART: int(bool(adds and adds.part == "begun")),
        }

    def timed(self, rule: Timed) -> dict[int, int]:
        after, part = self.parts(rule, rule.after, at.START, at.PART)
        if rule.after is None:
            self.actions.setdefault(self.out.codes[START_OF_CASE], []).append(
                (self.numbers[id(rule)], at.START, -1, 1, -1)
            )
        owes, part = self.parts(rule, rule.ends, at.END, part)
        for pattern in (rule.void_by, self.policy.header.void_by):
            self.act(rule, pattern, at.VOID)
        self.act(rule, rule.restarted_by, at.RESTART)
        fields = {
            at.KIND: at.WINDOW if isinstance(rule, Window) else at.OBLIGATION,
            at.AFTER_PARTS: after,
            at.OWES_PARTS: owes,
            at.HITS: self.whole(rule, "at_least", 1),
            at.ONCE: int(rule.once),
            at.STRICT: int(rule.strict),
            at.WHEN: self.condition(rule, rule.when),
            at.PER: self.value("key", rule.per) if rule.per else -1,
            **self.calendar_of(rule),
            **self.limits(rule),
            **self.ahead(rule),
        }
        fields |= self.pauses_of(rule, part)
        if rule.every is not None:
            fields[at.PERIOD] = self.series(rule)
        return fields

    def condition(self, rule: Node, condition: Condition | None) -> int:
        if condition is None:
            return -1
        missing = self.prepared.missing(condition)
        if missing:
            self.lack(rule, *missing, surely=False)
        return self.test("when", condition)

    def whole(self, rule: Timed | Count, key: str, default: int) -> int:
        """A number at a key, literal or parameter."""
        value = self.parameters.of(rule, key)
        if isinstance(value, Name):
            name, value = value.name, self.parameters[value.name].on()
            if value is None:
                self.lack(rule, name)
        return default if value is None else int(value)

    def limits(self, rule: Timed) -> dict[int, int]:
        window = isinstance(rule, Window)
        soft = rule.every is not None or rule.ahead_of is not None or window
        within = self.source(rule, "within")
        if within == (-1, -1, -1) and soft:
            within = (at.UNLIMITED, -1, -1)
        target, not_before, lead = (self.source(rule, key) for key in ("target", "not_before", "lead"))
        return {
            at.WITHIN: within[0], at.WITHIN_COL: within[1], at.INSTANT_COL: within[2],
            at.TARGET: target[0], at.TARGET_COL: target[1],
            at.NOT_BEFORE: not_before[0], at.NOT_BEFORE_COL: not_before[1],
            at.LEAD: lead[0], at.LEAD_COL: lead[1],
        }  # fmt: skip

    def source(self, rule: Timed, key: str) -> tuple[int, int, int]:
        """A limit, a column of limits, or a column of instants; all -1 where there is none or it is missing."""
        value = self.parameters.of(rule, key)
        name = f"{rule.name}.{key}"
        if value is None:
            if name in self.parameters and self.parameters[name].missing:
                self.lack(rule, name)
            return -1, -1, -1
        if isinstance(value, Reference):
            self.lack(rule, value.by)
            return -1, -1, -1
        if isinstance(value, Name):
            return self.named(rule, value.name)
        return self.limit(value if isinstance(value, Limit) else self.parameters[name].limit_on()), -1, -1

    def named(self, rule: Timed, name: str) -> tuple[int, int, int]:
        missing = self.prepared.missing(name)
        fact = self.policy.facts.get(name)
        if missing:
            self.lack(rule, *missing, surely=fact is None)
        if missing and fact is None:
            return -1, -1, -1
        if (fact and fact.type in ("instant", "date")) or (not fact and name not in self.parameters):
            return -1, -1, self.value("due", name)
        if not fact and len(self.parameters[name].dated) == 1:
            return self.limit(self.parameters[name].limit_on()), -1, -1
        return -1, self.value("limit", name), -1

    def ahead(self, rule: Timed) -> dict[int, int]:
        if rule.ahead_of is None:
            return {}
        name = rule.ahead_of
        if name in self.policy.facts or name.endswith("_at"):
            return {at.AHEAD: 1, at.AHEAD_COL: self.value("instant", name)}
        self.act(rule, EventPattern((name,)), at.ANCHOR)
        return {at.AHEAD: 1}

    def pauses_of(self, rule: Timed, part: int) -> dict[int, int]:
        first_pause, first_extension = len(self.pauses) // at.PAUSE, len(self.extensions) // at.EXTENSION
        for pause in rule.pauses:
            self.act(rule, pause.from_, part)
            self.act(rule, pause.to, part << 1)
            self.pauses += [part, part << 1, int(pause.both_days), int(pause.holds)]
            part <<= 2
        for extension in rule.extensions:
            mask = 0
            for pattern in (extension.by, *extension.needs):
                for one in all_parts(pattern):
                    self.act(rule, one, part)
                    mask |= part
                    part <<= 1
            self.extensions += self.extension(rule, extension, mask)
        if part >= 1 << 62:
            raise PolicyError(
                f"rule {rule.name}: too many pauses, extensions and parts; divide it", rule=rule.name
            )
        return {
            at.PAUSES: first_pause,
            at.PAUSES_END: len(self.pauses) // at.PAUSE,
            at.EXTENSIONS: first_extension,
            at.EXTENSIONS_END: len(self.extensions) // at.EXTENSION,
        }

    def extension(self, rule: Timed, extension: Any, mask: int) -> list[int]:
        to, add = extension.to, extension.add
        limit = column = instant = added = added_column = -1
        if isinstance(to, Limit):
            limit = self.limit(to)
        elif isinstance(to, Name):
            limit, column, instant = self.named(rule, to.name)
        if isinstance(add, Limit):
            added = amount_of(add)[1]
        elif isinstance(add, Name):
            added_column = self.value("amount", add.name)
        most = extension.at_most
        if isinstance(most, Name):
            most = self.parameters[most.name].limit_on()
        at_most = amount_of(most)[1] if isinstance(most, Limit) else -1
        when = self.test("when", extension.when)
        return [mask, when, limit, column, instant, added, added_column, at_most, int(extension.in_time)]

    # --- calendars, days, periods ---

    def calendar(self, name: str) -> int:
        if name not in self.out.calendars:
            self.out.calendars.append(name)
        return self.out.calendars.index(name)

    def calendar_of(self, rule: Timed) -> dict[int, int]:
        name = self.policy.calendar_of(rule)
        if name in self.policy.facts:
            return {at.CALENDAR_COL: self.value("calendar", name)}
        return {at.CALENDAR: self.calendar(name)}

    def days(self, node: Node) -> int:
        if isinstance(node, Timed):
            record = days_record(self.policy.days_of(node))
        else:
            record = (0, 0, -1, 0, 0, 0)
        if record not in self.out.days:
            self.out.days.append(record)
        return self.out.days.index(record)

    def series(self, rule: Timed) -> int:
        period = self.period_of(rule, self.parameters.of(rule, "every"))
        if period is None:
            return -1
        within, from_, until = (self.source(rule, key)[0] for key in ("within", "from_", "until"))
        # What is due at an unknown time after a period has one row a period that is over, none for the one that runs.
        back = looks_back(self.out.limits[within]) if within >= 0 else rule.within is not None
        self.periods += period_record(period, back, from_, until)
        return len(self.periods) // at.PERIOD_RECORD - 1

    def period_of(self, rule: Timed | Count, value: Any) -> Period | None:
        """A period, literal or parameter; a missing one leaves a single row that is unset."""
        if isinstance(value, Name):
            name, value = value.name, self.parameters[value.name].on()
            if value is None:
                self.lack(rule, name)
        return parse_period(value) if isinstance(value, str) else value

    def counting_period(self, rule: Count, value: Any) -> int:
        period = self.period_of(rule, value)
        if period is None:
            return -1
        self.counted_periods += period_record(period)
        own = sum(isinstance(n, Timed) and n.every is not None for n in self.out.rules)
        return own + len(self.counted_periods) // at.PERIOD_RECORD - 1

    # --- steps ---

    def marks_of(self, steps: list[tuple[Step, str]]) -> list[Mark]:
        """What must be remembered: gates of steps, events that earn a role, what `since` counts from."""
        for step, _ in steps:
            for pattern in step.needs:
                for part in all_parts(pattern):
                    self.mark(part.any)
            for role in (*step.by, *step.not_by, *step.distinct):
                self.earned(role)
        for node in self.own_rules():
            for event in events_of(node):
                self.mark(since_events(event))
        return list(self.marks.values())

    def mark(self, events: tuple[EventPattern, ...]) -> None:
        if events and repr(events) not in self.marks:
            self.marks[repr(events)] = Mark(events)
            for event in events:
                self.mark(since_events(event))

    def earned(self, role: str) -> tuple[EventPattern, ...]:
        declared = self.policy.roles.get(role)
        events = (EventPattern(declared.did),) if declared and declared.did else ()
        self.mark(events)
        return events

    @property
    def tracks(self) -> int:
        return len(self.track_numbers)

    def write_steps(self, steps: list[tuple[Step, str]]) -> None:
        """Steps by event; a step of several events is written for each of them."""
        out = self.out.columns
        self.track_numbers = {"": 0}
        out["step_from"], out["steps"], out["step_items"] = [], [], []
        for name in [*self.out.events]:
            out["step_from"].append(len(out["steps"]) // at.STEP)
            for step, article in steps:
                if name in step.event:
                    out["steps"] += self.step(step)
                    self.out.steps.append((step, article))
        out["step_from"].append(len(out["steps"]) // at.STEP)

    def step(self, step: Step) -> list[int]:
        runs = [
            [(self.actor_item(role), role) for role in step.by],
            [(self.actor_item(role), role) for role in step.not_by],
            [(self.person_item(role), role) for role in step.distinct],
            [item for pattern in step.needs for part in all_parts(pattern) for item in self.need(part)],
            [(n, name) for name in step.settled if (n := self.by_name.get(name)) is not None],
            [item for entry in self.asked_by(step) for item in self.asked_entry(entry)],
        ]
        begins = [self.items(run) for run in runs]
        mask = sum({1 << self.state(name) for name in step.from_})
        return [
            self.test("when", step.when),
            mask,
            self.state(step.to) if step.to else -1,
            self.track_numbers.setdefault(step.track or "", len(self.track_numbers)),
            self.test("when", step.requires) if not self.prepared.missing(step.requires) else -1,
            self.by_name.get(step.inside or "", -1),
            int(step.refused),
            *begins,
            len(self.out.columns["step_items"]),
        ]

    def items(self, run: list[tuple[int, Any]]) -> int:
        begin = len(self.out.columns["step_items"])
        self.out.columns["step_items"] += [n for n, _ in run]
        self.out.step_items += [what for _, what in run]
        return begin

    def state(self, name: str) -> int:
        if name not in self.out.states:
            self.out.states.append(name)
        if len(self.out.states) > 62:
            raise PolicyError(
                f"more than 62 states, at {name!r}: divide the policy by tracks", file=self.policy.path
            )
        return self.out.states.index(name)

    def actor_item(self, role: str) -> int:
        events = self.earned(role)
        return -2 - self.numbers[id(self.marks[repr(events)])] if events else self.test("role", role)

    def person_item(self, role: str) -> int:
        events = self.earned(role)
        return -2 - self.numbers[id(self.marks[repr(events)])] if events else self.value("person", role)

    def need(self, part: Pattern) -> list[tuple[int, Any]]:
        since = next((m for e in part.any if (m := self.marks.get(repr(since_events(e))))), None)
        persons = max(event.at_least for event in part.any)
        mark = self.numbers[id(self.marks[repr(part.any)])]
        return [(mark, part), (self.numbers[id(since)] if since else -1, part), (persons, part)]

    def asked_by(self, step: Step) -> Iterable[Any]:
        return self.policy.forms[step.asks].fields if isinstance(step.asks, str) else step.asks

    def asked_entry(self, entry: Any) -> list[tuple[int, Any]]:
        return [(self.test("carries", entry.fact), entry.fact), (self.test("when", entry.when), entry.fact)]


def source_of(name: str) -> str:
    """The rule that a name of an outcome belongs to; the name itself for an event."""
    head, dot, tail = name.rpartition(".")
    return head if dot and tail in (*OUTCOMES, "reached") else name


def all_parts(pattern: Pattern) -> list[Pattern]:
    """The any-patterns of which every one must come."""
    return [p for part in pattern.all for p in all_parts(part)] if pattern.all else [pattern]


def since_events(event: EventPattern) -> tuple[EventPattern, ...]:
    return (EventPattern((event.since,)),) if event.since else ()


def events_of(node: Node) -> Iterator[EventPattern]:
    """Every event pattern of a rule."""
    if isinstance(node, Count):
        yield from (*flat(node.of), *flat(node.reset_by))
    elif isinstance(node, Prohibition):
        yield from flat(node.on)
    elif isinstance(node, Timed):
        for pattern in (node.after, node.ends, node.void_by, node.restarted_by):
            yield from flat(pattern)


def program_of(prepared: Prepared, subject: str = "") -> Layout:
    """The program of a policy's rules about one kind of subject; "" for those about cases."""
    return Builder(prepared, subject).build()
