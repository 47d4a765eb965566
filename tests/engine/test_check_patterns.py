"""Does every place where a pattern may stand either do what the pattern says, or refuse it?"""

import tomllib

import pytest

from bihuan.engine.calendar import natural
from bihuan.engine.check import check
from bihuan.engine.checks.patterns import WHOLE, places
from bihuan.engine.errors import PolicyError
from bihuan.engine.policy import parse_policy
from bihuan.engine.replay import replay
from tests.engine.small import ZONE, at, log_of

HEADER = """
[policy]
id = "test/small"
title = "试"
edition = "unknown"
status = "in force"
source = {{ file = "test", lines = "1" }}
zone = "Asia/Shanghai"
calendar = "natural"
{header}
[roles]
unit = "单位"
[facts]
visit = {{ label = "约定时刻", type = "instant" }}
station = {{ label = "站", type = "text" }}
[[article]]
no = "1"
says = "试"
"""
#: A pattern P at each place, within a rule that is sound otherwise; then who finds the place named how.
PLACES = {
    "after": '[[article.obligation]]\nid = "r"\nafter = P\nowes = "closed"\nwithin = "1 day"\nby = "unit"',
    "owes": '[[article.obligation]]\nid = "r"\nafter = "accepted"\nowes = P\nwithin = "1 day"\nby = "unit"',
    "may": '[[article.window]]\nid = "r"\nafter = "accepted"\nmay = P\nwithin = "1 day"',
    "needs": '[[article.step]]\nevent = "closed"\nneeds = P',
    "extensions.by": 'extensions = [{ by = P, to = "3 days" }]',
    "extensions.needs": 'extensions = [{ by = "contacted", needs = P, to = "3 days" }]',
    "void_by": "void_by = P",
    "restarted_by": "restarted_by = P",
    "pauses.from": 'pauses = [{ from = P, to = "resumed" }]',
    "pauses.to": 'pauses = [{ from = "suspended", to = P }]',
    "on": '[[article.prohibition]]\nid = "p"\non = P',
    "of": '[[article.count]]\nid = "c"\nof = P\nat_least = 1',
    "reset_by": '[[article.count]]\nid = "c"\nof = "called_back"\nat_least = 9\nreset_by = P',
    "charge on": '[[article.charge]]\nid = "f"\non = P\npayer = "unit"\namount = 100',
    "policy.void_by": "",
}
OBLIGATION = (
    '[[article.obligation]]\nid = "r"\nafter = "accepted"\nowes = "closed"\nwithin = "1 day"\nby = "unit"\n'
)
BOTH = '{ all = ["approved", "reviewed"] }'
SINCE = '{ event = "approved", since = "reviewed" }'
TWO = '{ event = "approved", at_least = 2 }'
TWO_SINCE = '{ event = "approved", at_least = 2, since = "reviewed" }'


def policy_with(rules, header=""):
    return parse_policy(tomllib.loads(HEADER.format(header=header) + rules))


def policy_at(place, pattern):
    text = PLACES[place].replace("P", pattern)
    if not text.startswith("["):
        text = OBLIGATION + text
    return policy_with(text, f"void_by = {pattern}" if place == "policy.void_by" else "")


def codes(policy):
    return [each.code for each in check(policy) if each.level == "error"]


def told_at(place, code):
    """A charge has its own words for all of it."""
    return "charge-pattern" if place == "charge on" else code


def judged(policy, *events):
    log = log_of(*(("1", event, f"2026-03-04 {when}", *more) for when, event, *more in events))
    return replay(policy, {"natural": natural(ZONE)}, log, at("2026-03-06 00:00"), way="interpreted")


def states(outcome):
    return dict(outcome.obligations.select("rule", "state").iter_rows())


def test_the_places_are_all_there_are():
    found = {
        f"charge {place.plain}" if kind == "charge" else place.plain
        for name in PLACES
        for _, kind, rule in policy_at(name, '"approved"').rules()
        for place in places(kind, rule)
    }
    assert found | {"policy.void_by"} == set(PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_a_plain_event_may_stand_anywhere(place):
    assert codes(policy_at(place, '"approved"')) == []


@pytest.mark.parametrize("place", PLACES)
def test_all_is_refused_where_it_would_be_read_as_any(place):
    assert codes(policy_at(place, BOTH)) == ([] if place in WHOLE else [told_at(place, "all-here")])


@pytest.mark.parametrize("place", PLACES)
def test_since_is_refused_where_it_would_be_read_as_nothing(place):
    assert codes(policy_at(place, SINCE)) == ([] if place == "needs" else [told_at(place, "since-here")])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("pattern", [TWO, TWO_SINCE])
def test_persons_are_counted_in_every_rule_but_not_in_the_header_nor_in_a_charge(place, pattern):
    refused = {"policy.void_by": ["not-in-header"], "charge on": ["charge-pattern"]}
    assert codes(policy_at(place, pattern)) == refused.get(place, [])


@pytest.mark.parametrize("part", [BOTH, SINCE])
def test_a_part_of_all_is_asked_like_a_pattern_by_itself(part):
    pattern = f'{{ all = ["contacted", {part}] }}'
    assert codes(policy_at("owes", pattern)) == ([] if part == BOTH else ["since-here"])
    assert codes(policy_at("needs", pattern)) == []


@pytest.mark.parametrize(
    "pattern",
    [
        '{ event = "visit", by = "unit" }',
        '{ event = "visit", at_least = 2 }',
        '{ event = "other.missed", by = "unit" }',
        '{ event = "other.met", at_least = 2 }',
    ],
)
def test_who_did_it_is_not_asked_of_what_nobody_does(pattern):
    other = OBLIGATION.replace('"r"', '"other"')
    assert codes(policy_with(PLACES["after"].replace("P", pattern) + "\n" + other)) == ["nobodys-deed"]


def test_who_did_it_may_be_asked_of_what_somebody_did():
    other = OBLIGATION.replace('"r"', '"other"')
    pattern = '{ event = ["other.met", "other.late"], by = "unit" }'
    assert codes(policy_with(PLACES["after"].replace("P", pattern) + "\n" + other)) == []


@pytest.mark.parametrize(
    ("need", "expected"),
    [
        ('[["approved", "reviewed"]]', []),
        ('[{ event = ["approved", "reviewed"], at_least = 2, since = "accepted" }]', []),
        ('["approved", { event = "reviewed", at_least = 2, since = "accepted" }]', []),
        (
            '{ all = [[{ event = "approved", since = "accepted" }, { event = "reviewed", since = "accepted" }]] }',
            [],
        ),
        (f'{{ all = [[{SINCE}, "contacted"]] }}', ["unlike-alternatives"]),
        (f'{{ all = [[{TWO}, "contacted"]] }}', ["unlike-alternatives"]),
        (f'{{ all = [[{TWO}, {{ event = "reviewed", at_least = 2 }}]] }}', ["unlike-alternatives"]),
    ],
)
def test_alternatives_of_a_need_are_asked_alike(need, expected):
    assert codes(policy_at("needs", need)) == expected


def test_what_is_refused_is_not_judged_either():
    with pytest.raises(PolicyError, match=r"r\.void_by: all of approved, reviewed"):
        judged(policy_at("void_by", BOTH), ("09:00", "accepted"), ("10:00", "reviewed"))


def test_where_all_is_understood_one_of_them_is_not_enough():
    policy = policy_with(
        '[[article.window]]\nid = "w"\nafter = { all = ["approved", ["reviewed", "urged"]] }\nby = "unit"\n'
        '[[article.obligation]]\nid = "r"\nafter = "accepted"\n'
        'owes = { all = ["closed", { all = ["answered", "archived"] }] }\nwithin = "1 hour"\nby = "unit"\n'
        'extensions = [{ by = { all = ["extended", "agreed"] }, needs = ["contacted", "planned"], to = "9 hours" }]'
    )
    day = [
        ("09:00", "accepted"),
        ("09:10", "approved"),
        ("09:20", "extended"),
        ("09:30", "contacted"),
        ("09:40", "agreed"),
        ("11:00", "closed"),
        ("12:00", "answered"),
    ]
    assert states(judged(policy, *day)) == {"r": "overdue"}
    assert states(judged(policy, *day, ("12:10", "archived"))) == {"r": "late"}
    day = sorted([*day, ("09:35", "planned"), ("12:00", "urged")])
    assert states(judged(policy, *day, ("12:10", "archived"))) == {"r": "met", "w": "open"}


def test_what_is_to_be_written_instead_does_what_was_meant():
    both = '[[article.window]]\nid = "both"\nafter = "accepted"\nmay = { all = ["approved", "reviewed"] }\nby = "unit"\n'
    policy = policy_with(both + OBLIGATION + 'void_by = "both.met"')
    begin = [("09:00", "accepted"), ("10:00", "reviewed")]
    assert states(judged(policy, *begin))["r"] == "overdue"
    assert states(judged(policy, *begin, ("11:00", "approved")))["r"] == "void"

    later = '[[article.window]]\nid = "later"\nafter = "reviewed"\nmay = "approved"\nby = "unit"\n'
    policy = policy_with(later + PLACES["owes"].replace("P", '{ all = ["closed", "later.met"] }'))
    begin = [("09:00", "accepted"), ("09:30", "approved"), ("10:00", "reviewed"), ("10:30", "closed")]
    assert states(judged(policy, *begin))["r"] == "overdue"
    assert states(judged(policy, *begin, ("11:00", "approved")))["r"] == "met"


def test_a_need_counts_persons_by_itself():
    day = [("09:00", "approved", {"actor": "A"}), ("10:00", "approved", {"actor": "B"}), ("11:00", "closed")]
    assert judged(policy_at("needs", TWO), *day).irregularities.height == 0
