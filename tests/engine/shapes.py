"""Random policies of the rarer shapes: steps, prohibitions, counts, quorums, periods, planned and agreed instants.

Each strategy is a small policy that is likely to show its shape. What docs/semantics.md leaves open is not generated.
"""

from typing import Any

from hypothesis import strategies as st

from tests.engine.hostile import DATED, ELAPSED, NAMES, conventions, pauses, policy, rarely, timed
from tests.oracle.words import named, parts

Rule = dict[str, Any]
ROUND = ["contacted", "resolved", "reviewed", "approved"]
LEVEL = [
    {"level": "high"},
    {"level": ["high"]},
    {"level": {"not": "low"}},
    {"level": "high", "verdict": "good"},
]
ANSWER = [{"verdict": "good"}, {"verdict": "bad"}, {"verdict": {"not": "bad"}}, {"verdict": {"known": True}}]
EVERY = [
    "calendar day",
    "calendar day 12:00",
    "calendar week",
    "calendar month",
    "2 days",
    "5 days",
    "1 week",
    "30 hours",
]
USED = [
    "24 hours",
    "90 minutes",
    "5 hours",
    "5 working hours",
    "1 day",
    "2 days",
    "1 working day",
    "2 working days",
]
BACK = ["next day 10:00", "next working day", "next day"]
SINCE_START = ["2 hours", "1 day", "30 hours", "2 days 12:00", "3 working hours", "2 working days"]


@st.composite
def patterns(draw: st.DrawFn, names: list[str], *, quorum: bool = True, alone: bool = False) -> Any:
    """An event with all that may be asked about it; `alone`: where `since` is asked without persons too."""
    found: dict[str, Any] = {"event": draw(st.sampled_from(names))}
    if rarely(draw, 3):
        found["where"] = draw(st.sampled_from(ANSWER))
    if rarely(draw, 3):
        found["by"] = draw(st.sampled_from(["hotline", "clerk"]))
    if quorum and rarely(draw, 2):
        found["at_least"] = draw(st.sampled_from([2, 2, 3]))
    if quorum and (alone or "at_least" in found) and rarely(draw, 2):
        found["since"] = draw(st.sampled_from([name for name in ROUND if name != found["event"]]))
    return found if len(found) > 1 else found["event"]


@st.composite
def steps(draw: st.DrawFn, rules: list[str], windows: list[str]) -> Rule:
    """A step that asks for something; never two states to go to."""
    step: Rule = {"event": draw(st.sampled_from([*ROUND, "closed", "closed", ["closed", "archived"]]))}
    kinds = ["from", "by", "not_by", "distinct", "needs", "needs", "requires", "asks"]
    kinds += ["settled"] * bool(rules) + ["inside", "inside"] * bool(windows)
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3, unique=True)):
        step[kind] = draw(demand(kind, rules, windows))
    if rarely(draw, 3):
        step["when"] = draw(st.sampled_from([*LEVEL, *ANSWER]))
    if rarely(draw, 3):
        step["refused"] = True
    if "from" in step and draw(st.booleans()):
        step["track"] = "other"
    return step


@st.composite
def demand(draw: st.DrawFn, kind: str, rules: list[str], windows: list[str]) -> Any:
    some = {
        "from": st.lists(st.sampled_from(["start", "begun", "done"]), min_size=1, max_size=2, unique=True),
        "by": st.sampled_from([["hotline"], ["clerk"], ["handler", "clerk"], ["drafter"]]),
        "not_by": st.sampled_from([["handler"], ["drafter", "clerk"], ["hotline"]]),
        "distinct": st.sampled_from(
            [["handler", "drafter"], ["drafter", "actor"], ["handler", "drafter", "actor"]]
        ),
        "needs": st.lists(needs(), min_size=1, max_size=2),
        "requires": st.sampled_from(LEVEL[:3]),
        "asks": st.sampled_from(
            [["verdict"], ["level", "verdict"], [{"fact": "verdict", "when": {"level": "high"}}]]
        ),
        "settled": st.lists(st.sampled_from(rules or [""]), min_size=1, max_size=2, unique=True),
        "inside": st.sampled_from(windows or [""]),
    }
    return draw(some[kind])


def needs() -> st.SearchStrategy[Any]:
    """What must have happened: one thing, any of some, or all of them with what is asked of each."""
    some = st.lists(st.sampled_from(ROUND), min_size=2, max_size=3, unique=True)
    one = patterns(ROUND, alone=True)
    whole = st.lists(one, min_size=2, max_size=2, unique_by=lambda part: named(part)[0])
    return st.one_of(one, one, some, whole.map(lambda found: {"all": found}))


@st.composite
def with_steps(draw: st.DrawFn) -> Rule:
    """Steps, the windows they happen in, and duties and prohibitions after what they do."""
    ids = [f"r{n}" for n in range(1, draw(st.integers(1, 2)) + 1)]
    rules = [any_of_them(*draw(doubted(rule, ids[:n]))) for n, rule in enumerate(ids)]
    duties = [rule["id"] for kind, rule in rules if kind == "obligation"]
    window: Rule = {
        "id": "turn",
        "after": draw(st.sampled_from(NAMES[:2])),
        "may": "returned",
        "within": "2 days",
    }
    if draw(st.booleans()):
        window["not_before"] = draw(st.sampled_from(["2 hours", "1 day"]))
    moves = [
        {"event": "contacted", "to": "begun"},
        {"event": "resolved", "to": "done"},
        {"event": "reviewed", "to": "begun", "track": "other"},
    ]
    asked = draw(st.lists(steps(duties, ["turn"]), min_size=1, max_size=3))
    forbidden = draw(
        st.lists(prohibitions([*ids, "turn"], "turn"), max_size=2, unique_by=lambda rule: str(rule["id"]))
    )
    articles = [article(kind, rule) for kind, rule in [*rules, ("window", window)]]
    articles += [article("step", step) for step in [*moves, *asked]]
    articles += [article("prohibition", rule) for rule in forbidden]
    return policy(articles, draw(conventions()))


@st.composite
def doubted(draw: st.DrawFn, name: str, earlier: list[str]) -> tuple[str, Rule]:
    """A rule that may hang on what nobody knows yet."""
    kind, rule = draw(timed(name, earlier))
    return kind, {**rule, "when": draw(st.sampled_from(LEVEL))} if rarely(draw, 3) else rule


def any_of_them(kind: str, rule: Rule) -> tuple[str, Rule]:
    """One event is enough to end it: test_shapes.py has what comes early under a step and is one of all."""
    key = "owes" if kind == "obligation" else "may"
    return kind, {**rule, key: flat(rule[key])}


def flat(pattern: Any) -> Any:
    found = parts(pattern)
    return found if len(found) > 1 else found[0]


@st.composite
def prohibitions(draw: st.DrawFn, ids: list[str], window: str) -> Rule:
    """Forbidden events, outcomes too; inside a window only what neither opens nor uses it."""
    name = draw(st.sampled_from(["no-1", "no-2"]))
    if draw(st.booleans()):
        return {
            "id": name,
            "on": draw(patterns(["approved", "closed", "accepted", "returned"])),
            "inside": window,
        }
    outcomes = [f"{rule}.{how}" for rule in ids for how in ("met", "missed", "void")]
    rule: Rule = {"id": name, "on": draw(st.one_of(patterns(ROUND), st.sampled_from(outcomes)))}
    if draw(st.booleans()):
        rule["when"] = draw(st.sampled_from([*LEVEL, *ANSWER]))
    return rule


def article(kind: str, rule: Rule) -> Rule:
    return {"no": "第1条", "says": "试", kind: [rule]}


@st.composite
def with_counts(draw: st.DrawFn) -> Rule:
    """Counts of events and outcomes, and what follows when they are reached."""
    base: Rule = {"id": "r1", "after": "accepted", "owes": "resolved"}
    base["within"] = draw(st.sampled_from([*ELAPSED, *DATED[:5]]))
    if draw(st.booleans()):
        base["pauses"] = draw(pauses())
    counts = [draw(count(f"k{n}")) for n in range(1, draw(st.integers(1, 2)) + 1)]
    after = {"id": "r2", "after": "k1.reached", "owes": "reported", "within": draw(st.sampled_from(DATED))}
    ended = {"id": "r3", "after": "accepted", "owes": "reported", "within": "3 days", "void_by": "k1.reached"}
    rules = [
        ("obligation", base),
        ("obligation", after),
        ("obligation", ended),
        *(("count", each) for each in counts),
    ]
    return policy([article(kind, rule) for kind, rule in draw(st.permutations(rules))], draw(conventions()))


@st.composite
def count(draw: st.DrawFn, name: str) -> Rule:
    many = draw(st.sampled_from([1, 2, 2, 3]))
    rule: Rule = {"id": name, "of": draw(st.one_of(patterns(["urged", "contacted"]), outcomes_of("r1")))}
    rule |= {"above": many - 1} if draw(st.booleans()) else {"at_least": many}
    if "r1." in str(rule["of"]) and draw(st.booleans()):
        unit = draw(st.sampled_from(USED))
        return {
            **rule,
            "of": ["r1.met", "r1.late"],
            "adds": {"used": unit, "part": draw(st.sampled_from(["begun", "full"]))},
        }
    if draw(st.booleans()):
        rule["in"] = draw(
            st.sampled_from(
                ["calendar day", "calendar week", "calendar month", "2 days", "1 week", "30 hours"]
            )
        )
    if rarely(draw, 3) and "r1." not in str(rule["of"]):
        rule["per"] = "part"
    if rarely(draw, 3):
        rule["reset_by"] = draw(st.sampled_from(["resolved", "closed"]))
    if rarely(draw, 4):
        rule["once_per"] = draw(st.sampled_from(["calendar day", "calendar week"]))
    return rule


def outcomes_of(rule: str) -> st.SearchStrategy[Any]:
    """What became of a rule, perhaps with what was known of the case."""
    names = [f"{rule}.{how}" for how in ("met", "late", "missed", "void")]
    whole = {"event": [f"{rule}.missed", f"{rule}.late"], "where": {"verdict": "bad"}}
    return st.one_of(st.sampled_from(names), st.just(whole))


@st.composite
def with_periods(draw: st.DrawFn) -> Rule:
    """A duty that recurs, what follows it, and a second one that looks back."""
    rules = [
        ("obligation", draw(recurring("e1"))),
        draw(st.sampled_from(["obligation", "window"]).flatmap(owed_or_may)),
    ]
    if draw(st.booleans()):
        outcomes = draw(st.sampled_from([["e1.missed"], ["e1.met", "e1.late"], ["e1.void"]]))
        rules.append(("obligation", {"id": "r3", "after": outcomes, "owes": "reported", "within": "2 days"}))
    return policy([article(kind, rule) for kind, rule in draw(st.permutations(rules))], draw(conventions()))


def owed_or_may(kind: str) -> st.SearchStrategy[tuple[str, Rule]]:
    def renamed(rule: Rule) -> tuple[str, Rule]:
        return kind, {
            "may" if key == "owes" and kind == "window" else key: value for key, value in rule.items()
        }

    return recurring("e2").map(renamed)


@st.composite
def recurring(draw: st.DrawFn, name: str) -> Rule:
    every = draw(st.sampled_from(EVERY))
    rule: Rule = {"id": name, "after": draw(st.sampled_from(NAMES[:2])), "owes": "inspected", "every": every}
    if draw(st.booleans()):
        rule["within"] = draw(st.sampled_from([*SINCE_START[:4], "Friday 17:00", *BACK]))
    if not every.startswith("calendar") and rarely(draw, 3):
        rule["from"] = draw(st.sampled_from(["5 hours", "2 days"]))
    if not every.startswith("calendar") and rarely(draw, 3):
        rule["until"] = draw(st.sampled_from(["10 days", "200 hours", "2 weeks"]))
    if rarely(draw, 3):
        rule["void_by"] = "returned"
    if rarely(draw, 3):
        rule["at_least"] = 2
    if rarely(draw, 4):
        rule["target"] = draw(st.sampled_from(["2 hours", "1 day"]))
    if rarely(draw, 4):
        rule["strict"] = True
    return rule


@st.composite
def with_instants(draw: st.DrawFn) -> Rule:
    """Agreed times, things to be done ahead of what is planned or cannot be foreseen."""
    rules = [("obligation", draw(agreed("r1"))), ("obligation", draw(agreed("r2")))]
    follow = draw(st.sampled_from([["r1.missed"], ["r1.late"], ["r2.missed"]]))
    rules.append(("obligation", {"id": "r3", "after": follow, "owes": "reported", "within": "1 day"}))
    return policy([article(kind, rule) for kind, rule in rules], draw(conventions()))


@st.composite
def agreed(draw: st.DrawFn, name: str) -> Rule:
    rule: Rule = {"id": name, "after": draw(st.sampled_from(NAMES[:2])), "owes": "contacted"}
    shape = draw(st.sampled_from(["within", "ahead", "ahead", "both", "event"]))
    if shape == "within":
        rule["within"] = "promised"
    if shape in ("ahead", "both"):
        rule["ahead_of"] = "promised"
    if shape == "event":
        rule["ahead_of"] = "interrupted"
    if "ahead_of" in rule and draw(st.booleans()):
        rule["lead"] = draw(
            st.sampled_from(["2 hours", "1 day", "3 days", "2 working days", "5 working hours", "1 week"])
        )
    if shape == "both" or (shape == "event" and draw(st.booleans())):
        rule["within"] = draw(st.sampled_from([*ELAPSED, *DATED[:5]]))
    if rarely(draw, 3):
        rule["void_by"] = "returned"
    if rarely(draw, 4) and shape != "event":
        rule["restarted_by"] = "reopened"
    if rarely(draw, 4):
        rule["strict"] = True
    if rarely(draw, 3):
        rule["per"] = "part"
    return rule


@st.composite
def with_doubts(draw: st.DrawFn) -> Rule:
    """Conditions that become known later, goals, things done too early, quorums that start and end duties."""
    ids = [f"r{n}" for n in range(1, draw(st.integers(1, 3)) + 1)]
    rules = [draw(doubtful(rule, ids[:n])) for n, rule in enumerate(ids)]
    return policy([article(kind, rule) for kind, rule in draw(st.permutations(rules))], draw(conventions()))


@st.composite
def doubtful(draw: st.DrawFn, name: str, earlier: list[str]) -> tuple[str, Rule]:
    kind, rule = draw(timed(name, earlier))
    key = "owes" if kind == "obligation" else "may"
    if draw(st.booleans()) and kind == "obligation":
        rule["when"] = draw(st.sampled_from(LEVEL[:3]))
    if draw(st.booleans()):
        rule["target"] = draw(st.sampled_from(["1 hour", "same day", "1 day", "2 working hours"]))
    if rarely(draw, 3):
        rule["not_before"] = draw(st.sampled_from(SINCE_START))
        rule[key] = draw(
            st.sampled_from(["resolved", ["resolved", "contacted"], {"all": ["resolved", "approved"]}])
        )
    if "after" in rule and "per" not in rule and rarely(draw, 3):
        rule["after"] = draw(patterns(["approved", "contacted"]))
    if "per" not in rule and rarely(draw, 4):
        rule["void_by"] = draw(patterns(["approved", "reviewed"]))
    return kind, rule
