"""Conditions judged one row at a time over dictionaries, written from the language and not from the engine.

A value is (state, value): "known", "absent" or "bad". A test gives True, False or None (cannot be told).
"""

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from tests.engine.facts_policy import ZONE, at

CHOICES = {
    "severity": {"ordinary": "一般", "major": "重大", "grave": "特大"},
    "matter": {"voltage": "电压", "outage": "停电", "service": "服务"},
    "source": {"call": "电话", "visit": "来访"},
    "tags": {"a": "甲", "b": "乙", "c": "丙"},
}
BRANCH = {"quality": {"voltage", "outage"}}
ORDER = ["ordinary", "major", "grave"]
FLAGS = {
    "true": True,
    "是": True,
    "yes": True,
    "1": True,
    "false": False,
    "否": False,
    "no": False,
    "0": False,
}
CEILING = [(date(2026, 3, 1), 20), (date(2026, 3, 3), 40)]


def choice(fact, text):
    for key, label in CHOICES[fact].items():
        if text in (key, label):
            return ("known", key)
    if fact == "matter" and text in BRANCH:
        return ("known", text)
    return ("known", text) if fact == "source" else ("bad", None)


def read(fact, raw):
    """One recorded value."""
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw == []:
        return ("absent", None)
    text = str(raw).strip()
    if fact == "tags":
        parts = raw if isinstance(raw, list) else text.split(";")
        read_parts = [choice(fact, part.strip()) for part in parts if part.strip()]
        if not read_parts:
            return ("absent", None)
        if any(state == "bad" for state, _ in read_parts):
            return ("bad", None)
        return ("known", frozenset(value for _, value in read_parts))
    if fact in CHOICES:
        return choice(fact, text)
    if fact in ("dual", "quiet"):
        return ("known", FLAGS[text.lower()]) if text.lower() in FLAGS else ("bad", None)
    if fact in ("load_kw", "paid", "price"):
        return number(fact, raw, text)
    if fact == "promised":
        return moment(text)
    if fact == "born":
        state, value = moment(text)
        return (state, value[0] if value else None)
    return ("known", text)


def number(fact, raw, text):
    try:
        value = Decimal(text)
    except InvalidOperation:
        return ("bad", None)
    if isinstance(raw, bool) or not value.is_finite() or (fact == "load_kw" and not 0 <= value <= 100):
        return ("bad", None)
    if fact == "price" and value != value.quantize(Decimal("0.0001")):
        return ("bad", None)
    return ("known", value)


def moment(text):
    """A date with, if there is one, its instant."""
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M"):
        try:
            found = datetime.strptime(text, form)
        except ValueError:
            continue
        instant = None if form == "%Y-%m-%d" else found.replace(tzinfo=ZONE)
        return ("known", (found.date(), instant))
    return ("bad", None)


class Row:
    """What is known at one event of a case."""

    def __init__(self, given, events, index):
        self.given, self.events, self.index = given, events[: index + 1], index
        self.day = date.fromisoformat(events[index][0][:10])

    def value(self, fact):
        """(state, value, whether this row or the case says it)."""
        if fact.endswith("_at"):
            happened = [when for when, event, _ in self.events if event == fact[:-3]]
            return (*moment(happened[-1]), True) if happened else ("absent", None, True)
        if fact in ("tier", "answer_limit"):
            return (*self.looked_up(fact), True)
        for position in range(self.index, -1, -1):
            state, value = read(fact, self.events[position][2].get(fact))
            if state != "absent":
                return (state, value, position == self.index)
        state, value = read(fact, self.given.get(fact))
        if state == "absent" and fact == "quiet":
            return ("known", False, True)
        return (state, value, True)

    def looked_up(self, fact):
        if fact == "tier":
            rows = [
                (self.equal("severity", ["major"]), "high"),
                (self.compare("load_kw", {"at_least": Decimal(50)}), "high"),
                (
                    every(
                        self.equal("severity", ["ordinary"]), self.compare("load_kw", {"below": Decimal(20)})
                    ),
                    "low",
                ),
                (self.equal("dual", [True]), "low"),
            ]
            found = {value for holds, value in rows if holds is True}
            return ("known", found.pop()) if len(found) == 1 else ("bad", None)
        tier = self.looked_up("tier")[1]
        return ("known", {"high": "24 hours", "low": "agreed"}.get(tier, "5 working days"))

    def equal(self, fact, wanted):
        state, value, _ = self.value(fact)
        if state != "known":
            return None
        wanted = set().union(*(BRANCH.get(each, {each}) if fact == "matter" else {each} for each in wanted))
        if isinstance(value, frozenset):
            return bool(value & wanted)
        possible = BRANCH.get(value, {value}) if fact == "matter" else {value}
        return True if possible <= wanted else None if possible & wanted else False

    def differs(self, fact, value):
        found = self.equal(fact, [value])
        return None if found is None else not found

    def holds_all(self, fact, wanted):
        state, value, _ = self.value(fact)
        return None if state != "known" else value >= set(wanted)

    def known(self, fact, wanted, carried):
        state, _, own = self.value(fact)
        return (state == "known" and (own or not carried)) == wanted

    def compare(self, fact, bounds):
        state, value, _ = self.value(fact)
        if state != "known":
            return None
        if fact == "severity":
            value, bounds = ORDER.index(value), {side: ORDER.index(bound) for side, bound in bounds.items()}
        return every(*(side_holds(side, value, self.bound(bound)) for side, bound in bounds.items()))

    def bound(self, bound):
        if bound == "ceiling":
            held = [Decimal(value) for since, value in CEILING if since <= self.day]
            return held[-1] if held else None
        if bound in ("paid", "load_kw"):
            state, value, _ = self.value(bound)
            return value if state == "known" else None
        return None if bound == "unfixed" else bound

    def distance(self, fact, origin, side, days=0, months=0, amount=None):
        """x > y + A, by dates as soon as one of the two is only a date."""
        (state, x, _), (from_state, y, _) = self.value(fact), self.value(origin)
        if state != "known" or from_state != "known":
            return None
        if amount is not None:
            return side_holds(side, x, y + amount)
        x, y = (each if isinstance(each, tuple) else (each, None) for each in (x, y))
        if x[1] is None or y[1] is None:
            return side_holds(side, x[0], later(y[0], months) + timedelta(days))
        moved = datetime.combine(later(y[0], months), y[1].timetz()) + timedelta(days)
        return side_holds(side, x[1], moved)

    def on_day(self, fact, side, day):
        state, value, _ = self.value(fact)
        return None if state != "known" else side_holds(side, value[0], day)


def later(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for of_month in range(day.day, 27, -1):
        try:
            return date(year, month + 1, of_month)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def side_holds(side, value, bound):
    if bound is None:
        return None
    return {
        "at_least": value >= bound,
        "above": value > bound,
        "at_most": value <= bound,
        "below": value < bound,
    }[side]


def every(*parts):
    return False if False in parts else None if None in parts else True


def as_carried(row, fact, found):
    """`where`: what the row itself does not carry does not match, nor does what is absent."""
    state, _, own = row.value(fact)
    return False if state == "absent" or not own else found


__all__ = ["Row", "as_carried", "at", "every"]
