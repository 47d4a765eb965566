"""Samples over logs: populations, exemptions, cuts, records, registers; replay judges those drawn; lists are verified."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine.draw import key
from bihuan.engine.errors import CallError, PolicyError
from bihuan.engine.explain import explain
from bihuan.engine.honest import verify
from bihuan.engine.parameters import parameter_values
from bihuan.engine.portions import Judge, draws, replay_cases
from bihuan.engine.replay import planned, replay
from bihuan.engine.sample import sample
from bihuan.engine.single import judge_case
from bihuan.engine.site import REGISTER, Site
from tests.engine.small import at, log_of, policy_of, shown

FACTS = {
    "use": {"choices": {"home": "居民", "works": "工业"}},
    "level": {"choices": {"general": "一般", "major": "重大"}, "ordered": True},
    "named": {"type": "flag", "default": True},
    "refused": {"type": "flag"},
    "kind": {"choices": {"complaint": "投诉", "repair": "维修"}, "default": "complaint"},
    "customer": {"type": "person", "register": True},
    "trade": {"choices": {"home": "居民", "works": "工业"}, "of": "customer"},
    "trade_rate": {
        "type": "number",
        "rows": [{"when": {"trade": "home"}, "is": 0.01}, {"when": {"trade": "works"}, "is": 0.1}],
    },
}
CALL = {"id": "call", "after": "archived", "within": "3 days", "by": "unit", "rate": 0.1}
SEEDED = {"sampling_seed": {"value": 7, "origin": "user"}}


def policy(*more, parameters=SEEDED, policy=None, **changed):
    return policy_of(
        article={"callback": [CALL | changed, *more]},
        facts=FACTS,
        parameters=parameters,
        **({"policy": policy} if policy else {}),
    )


def archived(count, *, month="2026-03", facts=(), extra=()):
    events = [(f"C{n:03}", "archived", f"{month}-{1 + n % 28:02} 10:00") for n in range(count)]
    return log_of(*events, *extra, ("last", "accepted", "2026-04-20 09:00"), facts=facts)


def drawn(found):
    return found.members.filter(pl.col("drawn_at").is_not_null())["member"].to_list()


def called(outcome, *names):
    return [tuple(shown(row[name]) for name in names) for row in outcome.callbacks.to_dicts()]


def first_of(members, count, seed="7", period="2026-03"):
    return sorted(members, key=lambda member: key(seed, period, member))[:count]


def why(found):
    return dict(found.members.select("member", "why").iter_rows())


# --- who could be drawn ---


def test_the_cases_of_the_period_and_no_other():
    log = log_of(
        ("before", "archived", "2026-02-28 23:59:59"),
        ("first", "archived", "2026-03-01 00:00"),
        ("last", "archived", "2026-03-31 23:59:59"),
        ("after", "archived", "2026-04-01 00:00"),
    )
    assert sample(policy(), {}, log, "2026-03").members["member"].to_list() == ["first", "last"]


def test_the_zone_of_the_policy_says_when_the_month_begins():
    log = log_of(("c", "archived", "2026-03-01 00:30"), ("d", "accepted", "2026-05-01 00:00"))
    west = policy(policy={"zone": "Europe/London"})
    assert sample(policy(), {}, log, "2026-03").members.height == 1
    assert sample(west, {}, log, "2026-02").members.height == 1
    assert sample(west, {}, log, "2026-03").members.height == 0


def test_each_stratum_gets_its_share_rounded_up_and_what_is_not_known_is_one_too():
    facts = [{"case": f"C{n:03}", "use": ["home", "works", None][n % 3]} for n in range(33)]
    found = sample(policy(strata=["use"]), {}, archived(33, facts=facts), "2026-03")
    told = found.strata.select("stratum", "members", "wanted", "drawn").rows()
    assert sorted(told, key=str) == [(["home"], 11, 2, 2), (["works"], 11, 2, 2), ([None], 11, 2, 2)]
    for n in range(3):
        mine = [f"C{k:03}" for k in range(n, 33, 3)]
        assert set(drawn(found)) & set(mine) == set(first_of(mine, 2))


def test_the_exempted_leave_the_denominator_and_are_listed_with_the_reason():
    exempt = [
        {"when": {"named": False}, "says": "未留姓名", "article": "1.13"},
        {"when": {"refused": True}, "says": "客户谢绝"},
    ]
    facts = [{"case": f"C{n:03}", "named": n >= 5, "refused": True if n == 30 else None} for n in range(36)]
    found = sample(policy(exempt=exempt), {}, archived(36, facts=facts), "2026-03")
    assert found.strata.select("members", "exempt", "wanted").rows() == [(30, 6, 3)]
    reasons = dict(found.members.filter(pl.col("why") == "exempt").select("member", "reason").iter_rows())
    assert reasons == {
        **dict.fromkeys(["C000", "C001", "C002", "C003", "C004"], "未留姓名"),
        "C030": "客户谢绝",
    }
    assert not set(reasons) & set(drawn(found))


def test_who_says_no_after_the_trigger_and_before_the_draw_is_exempt_and_after_it_is_not():
    exempt = [{"when": {"refused": True}, "says": "客户谢绝"}]
    told = [
        ("C000", "contacted", "2026-03-20 09:00", {"refused": True}),
        ("C001", "contacted", "2026-04-02 09:00", {"refused": True}),
    ]
    found = sample(
        policy(exempt=exempt, rate=1.0, strata=["use"]),
        {},
        archived(2, extra=told),
        "2026-03",
        rules=["call"],
    )
    assert why(found) == {"C000": "exempt", "C001": "drawn"}


def test_the_withdrawn_are_not_called():
    gone = [("C000", "withdrawn", "2026-03-30 09:00"), ("C001", "withdrawn", "2026-04-01 09:00")]
    found = sample(policy(policy={"void_by": "withdrawn"}), {}, archived(2, extra=gone), "2026-03")
    assert why(found) == {"C000": "void", "C001": "drawn"}


def test_of_whom_it_is_not_known_whether_the_rule_applies_nobody_is_drawn_and_it_says_why():
    found = sample(
        policy(when={"use": "home"}), {}, archived(2, facts=[{"case": "C000", "use": "home"}]), "2026-03"
    )
    assert found.members.select("member", "why", "reason").rows() == [
        ("C000", "drawn", None),
        ("C001", "unknown", "use"),
    ]


def test_a_fact_that_becomes_known_before_the_draw_is_known():
    later = [
        ("C000", "classified", "2026-03-25 09:00", {"use": "home"}),
        ("C001", "classified", "2026-04-01 09:00", {"use": "home"}),
    ]
    found = sample(policy(when={"use": "home"}), {}, archived(2, extra=later), "2026-03")
    assert why(found) == {"C000": "drawn", "C001": "unknown"}


def test_rates_by_class_are_drawn_apart():
    rows = [{"when": {"level": "major"}, "is": 1}, {"when": {"level": "general"}, "is": 0.1}]
    facts = FACTS | {"share": {"type": "number", "rows": rows}}
    one = policy_of(article={"callback": [CALL | {"rate": "share"}]}, facts=facts, parameters=SEEDED)
    given_ = [{"case": f"C{n:03}", "level": "major" if n < 4 else "general"} for n in range(24)]
    found = sample(one, {}, archived(24, facts=given_), "2026-03")
    assert sorted(found.strata.select("rate", "members", "wanted").rows()) == [(0.1, 20, 2), (1.0, 4, 4)]
    assert {"C000", "C001", "C002", "C003"} < set(drawn(found))


def test_half_of_all_and_the_major_ones_first():
    given_ = [{"case": f"C{n:03}", "level": "major" if n in (1, 4) else "general"} for n in range(8)]
    found = sample(policy(rate=0.5, priority="level"), {}, archived(8, facts=given_), "2026-03")
    others = [f"C{n:03}" for n in range(8) if n not in (1, 4)]
    assert set(drawn(found)) == {"C001", "C004", *first_of(others, 2)}


def test_a_minimum_is_drawn_of_every_stratum():
    given_ = [{"case": f"C{n:03}", "use": "works" if n == 0 else "home"} for n in range(20)]
    found = sample(policy(strata=["use"], minimum=3), {}, archived(20, facts=given_), "2026-03")
    assert sorted(found.strata.select("members", "wanted").rows()) == [(1, 1), (19, 3)]


def test_a_case_that_comes_twice_in_a_period_is_drawn_once_and_in_another_period_anew():
    log = log_of(
        ("c", "archived", "2026-03-02 09:00"),
        ("c", "archived", "2026-03-09 09:00"),
        ("c", "archived", "2026-04-09 09:00"),
        ("d", "accepted", "2026-05-20 09:00"),
    )
    assert drawn(sample(policy(), {}, log, "2026-03")) == ["c"]
    assert drawn(sample(policy(), {}, log, "2026-04")) == ["c"]
    rounds = called(replay(policy(), {}, log), "case", "round", "started_at", "state")
    # the call of March was never made, so that the draw of April finds it open
    assert rounds == [("c", 1, "2026-03-31 24:00", "overdue")]


def test_a_stratum_without_cases_is_listed_with_none():
    log = archived(3, facts=[{"case": f"C{n:03}", "use": "home"} for n in range(3)])
    found = sample(policy(strata=["use"]), {}, log, "2026-03")
    assert found.strata.select("stratum", "members", "wanted").rows() == [
        (["home"], 3, 1),
        (["works"], 0, None),
    ]
    nobody = sample(policy(strata=["use"]), {}, archived(0), "2026-03")
    assert nobody.strata.select("stratum", "members").rows() == [(["home"], 0), (["works"], 0)]


# --- when it is drawn ---


def test_a_month_that_is_not_over_is_drawn_as_far_as_it_has_come():
    found = sample(policy(), {}, archived(28), "2026-03", at("2026-03-15 12:00"))
    assert not found.over
    assert found.members.height == 15
    assert drawn(found) == [
        m for m in found.members["member"].to_list() if m in first_of([f"C{n:03}" for n in range(15)], 2)
    ]
    assert set(found.events["at"]) == {at("2026-03-15 12:00")}


def test_a_recorded_draw_stands_and_is_topped_up():
    log = archived(28)
    early = sample(policy(), {}, log, "2026-03", at("2026-03-15 12:00"))
    known = replace(log, events=pl.concat([log.events, early.events], how="diagonal_relaxed"))
    late = sample(policy(), {}, known, "2026-03")
    assert set(drawn(early)) < set(drawn(late))
    assert len(drawn(late)) == 3
    assert late.events.height == 1
    assert sorted(why(late).values()).count("recorded") == 2


def test_without_a_record_replay_draws_at_the_end_of_the_period_and_the_clock_starts_there():
    facts = [{"case": f"C{n:03}", "use": "home" if n % 3 else "works"} for n in range(40)]
    log = archived(40, facts=facts)
    one = policy(strata=["use"])
    outcome = replay(one, {}, log)
    assert {case for (case,) in called(outcome, "case")} == set(drawn(sample(one, {}, log, "2026-03")))
    assert set(called(outcome, "started_at", "due_at")) == {("2026-03-31 24:00", "2026-04-03 24:00")}
    assert [(each["members"], each["drawn"]) for each in outcome.summary["draws"]] == [(26, 3), (14, 2)]


def test_a_period_that_is_not_over_is_not_drawn_by_replay():
    assert called(replay(policy(), {}, archived(40), at("2026-03-31 23:00")), "case") == []


def test_a_draw_at_the_end_of_every_day_starts_the_clock_that_day():
    one = policy(cut="calendar day", rate=0.5)
    log = log_of(
        ("a", "archived", "2026-03-02 09:00"),
        ("b", "archived", "2026-03-02 10:00"),
        ("c", "archived", "2026-03-05 09:00"),
        ("z", "accepted", "2026-03-20 09:00"),
    )
    first = first_of("ab", 1)[0]
    second = first_of([m for m in "abc" if m != first], 1)[0]
    assert set(called(replay(one, {}, log), "case", "started_at", "due_at")) == {
        (first, "2026-03-02 24:00", "2026-03-05 24:00"),
        (second, "2026-03-05 24:00", "2026-03-08 24:00"),
    }
    assert drawn(sample(one, {}, log, "2026-03")) == sorted([first, second])


def test_the_record_wins_over_what_would_be_drawn():
    log = archived(
        10, extra=[("C005", "drawn", "2026-04-02 09:00", {"drawn_for": "call", "drawn_period": "2026-03"})]
    )
    assert drawn(sample(policy(), {}, log, "2026-03")) == ["C005"]
    assert called(replay(policy(), {}, log), "case", "started_at") == [("C005", "2026-04-02 09:00")]


def test_a_record_that_names_no_rule_is_about_the_only_one():
    log = archived(3, extra=[("C002", "drawn", "2026-03-20 09:00")])
    assert called(replay(policy(), {}, log), "case", "started_at") == [("C002", "2026-03-20 09:00")]


def test_who_was_drawn_before_the_trigger_is_called_after_it():
    log = archived(5, extra=[("C004", "drawn", "2026-03-01 08:00", {"drawn_for": "call"})])
    assert called(replay(policy(), {}, log), "case", "started_at") == [("C004", "2026-03-05 10:00")]


def test_a_call_after_the_draw_meets_it_and_one_before_does_not():
    log = archived(
        1, extra=[("C000", "called_back", "2026-03-20 09:00"), ("C000", "called_back", "2026-04-02 09:00")]
    )
    assert called(replay(policy(), {}, log), "case", "done_at", "state") == [
        ("C000", "2026-04-02 09:00", "met")
    ]


def test_without_a_seed_only_the_record_counts_and_the_seed_is_missing():
    one = policy(parameters={})
    assert "sampling_seed" in parameter_values(one).missing
    log = archived(5, extra=[("C004", "drawn", "2026-03-20 09:00")])
    assert called(replay(one, {}, log), "case") == [("C004",)]
    assert called(replay(one, {}, archived(5)), "case") == []
    with pytest.raises(CallError, match="sampling_seed"):
        sample(one, {}, log, "2026-03")


def test_a_rate_that_is_set_makes_a_sample_and_a_rate_of_one_none():
    all_ = policy(rate=1.0, parameters={})
    assert len(called(replay(all_, {}, archived(20)), "case")) == 20
    some = parameter_values(all_, {"call.rate": "0.1", "sampling_seed": "7"})
    assert len(called(replay(all_, {}, archived(20), parameters=some), "case")) == 2
    every = parameter_values(policy(), {"call.rate": "1"})
    assert len(called(replay(policy(), {}, archived(20), parameters=every), "case")) == 20


def test_exempted_are_not_owed_where_everybody_is_called():
    one = policy(
        rate=1.0, exempt=[{"when": {"named": False}, "says": "未留姓名"}], when={"kind": "complaint"}
    )
    facts = [
        {"case": "C000", "named": False},
        {"case": "C001", "named": True},
        {"case": "C002", "kind": "repair"},
    ]
    assert called(replay(one, {}, archived(4, facts=facts)), "case") == [("C001",), ("C003",)]


def test_a_drawn_callback_is_explained():
    log = archived(1)
    (told,) = explain(policy(), {}, log, "C000")
    assert told.row["state"] == "overdue"
    assert [(line.what, line.event) for line in told.lines if line.what == "start"] == [("start", "drawn")]


def test_a_rate_of_one_means_the_same_in_figures_and_by_a_parameter():
    """docs/semantics.md#rate-of-one"""
    share = {"share": {"origin": "user", "value": 1}}
    lower = {"share": {"origin": "user", "value": 0.5}}
    figures, named = policy(rate=1.0), policy(rate="share", parameters={**SEEDED, **share})
    halved = policy(rate="share", parameters={**SEEDED, **lower})
    log = archived(4)
    once = replay(figures, {}, log, at("2026-05-01 09:00"))
    assert called(once, "state", "started_at")[0] == ("overdue", "2026-03-01 10:00")
    assert replay(named, {}, log, at("2026-05-01 09:00")).callbacks.equals(once.callbacks)
    raised = parameter_values(halved, {"share": "1"})
    assert replay(halved, {}, log, at("2026-05-01 09:00"), None, raised).callbacks.equals(once.callbacks)
    assert replay(halved, {}, log, at("2026-05-01 09:00")).callbacks.height == 2


def test_a_rate_that_rose_to_one_is_drawn_as_before():
    dated = {
        "share": {
            "origin": "user",
            "values": [
                {"from": dt.date(2026, 1, 1), "value": 0.5},
                {"from": dt.date(2026, 4, 1), "value": 1},
            ],
        }
    }
    found = replay(
        policy(rate="share", parameters={**SEEDED, **dated}), {}, archived(4), at("2026-05-01 09:00")
    )
    assert called(found, "started_at") == [("2026-03-31 24:00",)] * 2


def test_a_rate_that_nobody_gave_draws_nobody_and_is_missing():
    one = policy(rate="share", parameters={**SEEDED, "share": {"origin": "missing"}})
    found = sample(one, {}, archived(2), "2026-03")
    assert found.members.select("why", "reason").unique().rows() == [("unknown", "rate")]
    outcome = replay(one, {}, archived(2))
    assert (called(outcome, "case"), outcome.summary["missing"]) == ([], ["share"])


def test_a_desk_judges_a_case_that_it_has_drawn():
    events = [
        {"event": "archived", "at": at("2026-03-02 09:00")},
        {"event": "drawn", "at": at("2026-04-01 09:00"), "drawn_for": "call", "drawn_period": "2026-03"},
        {"event": "called_back", "at": at("2026-04-03 09:00")},
    ]
    rows, _ = judge_case(planned(policy(), None, None), {}, events, {}, at("2026-04-10 09:00"))
    assert [(row["started_at"], row["state"]) for row in rows] == [(at("2026-04-01 09:00"), "met")]
    assert judge_case(planned(policy(), None, None), {}, events[:1], {}, at("2026-04-10 09:00"))[0] == []


def test_a_log_in_portions_is_drawn_from_as_a_whole():
    facts = [{"case": f"C{n:03}", "use": "home" if n % 3 else "works"} for n in range(40)]
    one, log = policy(strata=["use"]), archived(40, facts=facts)
    judging = Judge(one, {}, at("2026-04-20 09:00"))
    parts = [part_of(log, low, low + 10) for low in range(0, 50, 10)]
    drawn_ = draws(judging, parts)
    found = [replay_cases(judging, part, drawn_)[0] for part in parts]
    whole = replay(one, {}, log)
    assert sorted(row for each in found for row in called(each, "case", "started_at")) == sorted(
        called(whole, "case", "started_at")
    )


def part_of(log, low, high):
    """The cases of a log whose numbers lie in a range; `last` is the forty-first."""
    names = [f"C{n:03}" for n in range(low, min(high, 40))] + (["last"] if high > 40 else [])
    mine = pl.col("case").is_in(names)
    return replace(log, events=log.events.filter(mine), facts=log.facts.filter(mine))


# --- from a register ---

CAMPAIGN = {
    "id": "cards", "after": "announced", "draw_from": "customer", "per": "customer", "rate": "trade_rate",
    "strata": ["trade"], "within": "1 month", "owes": "resolved", "by": "unit",
}  # fmt: skip


def customers(homes, works):
    spells = [(f"H{n:03}", "home") for n in range(homes)] + [(f"W{n:03}", "works") for n in range(works)]
    table = pl.DataFrame(
        {
            "subject": [name for name, _ in spells],
            "since": None,
            "until": None,
            "trade": [trade for _, trade in spells],
        },
        schema={**REGISTER, "trade": pl.String},
    )
    return Site(registers={"customer": table})


def test_a_campaign_draws_two_rates_from_the_register_of_its_day():
    one = policy_of(article={"callback": [CAMPAIGN]}, facts=FACTS, parameters=SEEDED)
    log = log_of(("k", "announced", "2026-03-10 09:00"), ("z", "accepted", "2026-05-20 09:00"))
    found = sample(one, {}, log, "2026-03", registers=customers(150, 25))
    assert sorted(found.strata.select("stratum", "rate", "members", "wanted").rows()) == [
        (["home"], 0.01, 150, 2),
        (["works"], 0.1, 25, 3),
    ]
    homes = first_of([f"H{n:03}" for n in range(150)], 2)
    assert set(drawn(found)) == {*homes, *first_of([f"W{n:03}" for n in range(25)], 3)}
    outcome = replay(one, {}, log, registers=customers(150, 25))
    rows = called(outcome, "case", "key", "started_at", "due_at")
    assert {row[1] for row in rows} == set(drawn(found))
    assert {(row[0], *row[2:]) for row in rows} == {("k", "2026-03-10 09:00", "2026-04-10 24:00")}


def test_who_is_not_in_the_register_that_day_is_not_drawn():
    one = policy_of(article={"callback": [CAMPAIGN | {"rate": 1.0}]}, facts=FACTS, parameters=SEEDED)
    table = pl.DataFrame(
        {
            "subject": ["gone", "there", "coming"],
            "since": [None, dt.date(2026, 3, 10), dt.date(2026, 3, 11)],
            "until": [dt.date(2026, 3, 9), None, None],
            "trade": ["home", "home", "home"],
        },
        schema={**REGISTER, "trade": pl.String},
    )
    log = log_of(("k", "announced", "2026-03-10 09:00"), ("z", "accepted", "2026-05-20 09:00"))
    found = sample(one, {}, log, "2026-03", registers=Site(registers={"customer": table}))
    assert found.members["member"].to_list() == ["there"]


# --- refusals ---


def test_what_cannot_be_drawn_is_refused_with_what_to_do():
    log = archived(3)
    with pytest.raises(CallError, match="begins on 2026-05-01"):
        sample(policy(), {}, log, "2026-05")
    with pytest.raises(CallError, match="such as 2026-01"):
        sample(policy(), {}, log, "2026-Q1")
    with pytest.raises(CallError, match="no callback nobody"):
        sample(policy(), {}, log, "2026-03", rules=["nobody"])
    with pytest.raises(CallError, match="no callback by sample"):
        sample(policy(rate=1.0), {}, log, "2026-03")
    late = policy_of(
        {"id": "resolve", "after": "accepted", "owes": "resolved", "within": "1 day", "by": "unit"},
        article={"callback": [CALL | {"after": "resolve.missed"}]},
        parameters=SEEDED,
    )
    with pytest.raises(PolicyError, match="an outcome"):
        replay(late, {}, log)


def test_a_rate_that_is_no_share_is_refused():
    facts = FACTS | {"share": {"type": "number"}}
    one = policy_of(article={"callback": [CALL | {"rate": "share"}]}, facts=facts, parameters=SEEDED)
    with pytest.raises(PolicyError, match=r"rate of 1\.5"):
        sample(one, {}, archived(2, facts=[{"case": "C000", "share": 1.5}]), "2026-03")


# --- is a list the honest draw? ---


def listed(found):
    table = found.members.filter(pl.col("drawn_at").is_not_null()).sort("stratum", "place")
    return table.select(
        "rule", "member", pl.col("drawn_at").alias("at"), "place",
        pl.col("key").map_elements(lambda word: f"{word:016x}", return_dtype=pl.String),
    )  # fmt: skip


def departures(log, given_, one=None, **more):
    return verify(one or policy(), {}, log, "2026-03", given_, **more)[1].select("kind", "member").rows()


@settings(max_examples=25)
@given(st.integers(1, 60), st.integers(0, 3), st.sampled_from([0.01, 0.1, 0.5, 1.0]))
def test_the_draw_is_honest_by_itself(count, seed, rate):
    one = policy(strata=["use"], rate=rate, parameters={"sampling_seed": {"value": seed, "origin": "user"}})
    facts = [{"case": f"C{n:03}", "use": "home" if n % 3 else "works"} for n in range(count)]
    log = archived(count, facts=facts)
    found = sample(one, {}, log, "2026-03", rules=["call"])
    assert verify(one, {}, log, "2026-03", listed(found), rules=["call"])[1].rows() == []


def test_missing_extra_another_order_another_key_another_time():
    log = archived(40)
    honest = listed(sample(policy(), {}, log, "2026-03"))
    other = next(name for name in (f"C{n:03}" for n in range(40)) if name not in honest["member"].to_list())
    first, second = honest["member"][0], honest["member"][1]
    assert departures(log, honest.drop("place")) == []
    assert departures(log, honest[1:]) == [("missing", first)]
    assert departures(
        log,
        pl.concat(
            [
                honest,
                honest[:1].with_columns(
                    member=pl.lit(other), key=pl.lit(None, pl.String), place=pl.lit(5, pl.Int64)
                ),
            ]
        ),
    ) == [("extra", other)]
    assert departures(log, honest.drop("place").reverse()[-2:].vstack(honest.drop("place")[2:])) == [
        ("order", first)
    ]
    swapped = honest.with_columns(place=pl.Series([2, 1, 3, 4]))
    assert departures(log, swapped) == [("order", first), ("order", second)]
    forged = honest.with_columns(key=pl.Series(["0" * 16, *honest["key"][1:]]))
    assert departures(log, forged) == [("seed", first)]
    names_only = honest.select("member")
    assert departures(log, names_only) == []


def test_a_list_drawn_by_another_seed_shows_it_by_every_key():
    log = archived(40)
    given_ = listed(
        sample(policy(parameters={"sampling_seed": {"value": 8, "origin": "user"}}), {}, log, "2026-03")
    )
    kinds = {kind for kind, _ in departures(log, given_)}
    assert {"seed", "missing", "extra"} <= kinds


def test_a_list_drawn_at_two_cuts_is_the_draw_of_these_cuts():
    log = archived(40)
    early = sample(policy(), {}, log, "2026-03", at("2026-03-15 12:00"))
    known = replace(log, events=pl.concat([log.events, early.events], how="diagonal_relaxed"))
    late = sample(policy(), {}, known, "2026-03")
    both = pl.concat([early.events, late.events], how="diagonal_relaxed").select(
        pl.col("case").alias("member"), "at"
    )
    assert departures(log, both) == []
    assert departures(known, late.events.select(pl.col("case").alias("member"), "at")) == []
    moved = both.with_columns(at=pl.lit(at("2026-03-31 23:59:59")))
    assert departures(log, moved) != []


def test_a_list_of_several_callbacks_says_which():
    one = policy({**CALL, "id": "again"})
    with pytest.raises(CallError, match="call, again"):
        departures(archived(3), pl.DataFrame({"member": ["C001"]}), one)
