"""Do portions of a log, counted apart and added up, say what `indicators` says of the log in one piece?"""

import datetime as dt
import json

import polars as pl
import pytest

import bihuan
from bihuan.demo.company import company
from bihuan.engine.counted_apart import across, counted_apart, is_apart
from bihuan.engine.log import Log
from bihuan.engine.parameters import parameter_values
from bihuan.engine.period import parse_span
from bihuan.engine.portions import Judge, draws
from tests.engine.charging import charge
from tests.engine.measuring import ANSWER, CALL, FACTS, MARCH, SHARE, answered, indicator, measured, measuring
from tests.engine.small import at, log_of

NOW = "2025-09-20 10:00"


def pieces(log, most):
    """The log in portions of so many cases."""
    names = log.events["case"].cast(pl.String).unique(maintain_order=True).to_list()
    for start in range(0, len(names), most):
        mine = names[start : start + most]
        events = log.events.filter(pl.col("case").cast(pl.String).is_in(mine))
        yield Log(events, log.facts.filter(pl.col("case").cast(pl.String).is_in(mine)), zone=log.zone)


def same(whole, apart):
    figures, behind = apart
    assert figures.to_dicts() == whole.figures.to_dicts()
    assert sorted(map(str, behind.to_dicts())) == sorted(map(str, whole.behind.to_dicts()))


@pytest.mark.parametrize("most", [1, 2, 3])
@pytest.mark.parametrize(
    "more",
    [
        SHARE | {"target": {"at_least": 0.9}},
        {"count": {"rows": "cases"}, "group": ["kind"]},
        {"mean": {"rows": "cases", "of": "score"}},
        {"sum": {"rows": "cases", "of": "score"}, "over": {"count": {"rows": "cases"}}},
        {"count": {"rows": "obligations", "where": {"state": "overdue"}}},
    ],
)
def test_every_formula(more, most):
    policy = measuring(indicator(**more, period="calendar month"))
    log = log_of(*scored())
    for period in ("2026-03", "2026-04"):
        whole = measured(policy, scored(), period=period)
        judging = Judge(policy, {}, at("2026-05-02 09:00"))
        [found] = counted_apart(judging, pieces(log, most), [parse_span(period)]).figures
        same(whole, found)


def test_without_a_case_there_are_figures_and_nothing_behind_them():
    policy = measuring(indicator(**SHARE, period="calendar month"))
    judging = Judge(policy, {}, at("2026-05-02 09:00"))
    [(figures, behind)] = counted_apart(judging, [], [parse_span("2026-03")]).figures
    assert figures["denominator"].to_list() == ["0"]
    assert behind.is_empty()


TOLD: dict[str, dict[str, object]] = {
    "a": {"score": 3, "kind": "repair"},
    "b": {"score": 4.5, "kind": "complaint"},
    "c": {"score": 1},
}


def scored():
    """The cases of March with numbers, of which one is not told."""
    return [(case, event, when, dict(*data) | TOLD.get(case, {})) for case, event, when, *data in MARCH]


@pytest.mark.parametrize("name", ["power/dazu-complaint-assessment", "power/tianjin-callback"])
def test_the_regulations_of_the_demonstration(name, tmp_path):
    """With callbacks, score cards, what is left out, and a draw that needs all cases at once."""
    policy, now = bihuan.read_policy(name), at(NOW)
    told = company(dt.datetime.fromisoformat(NOW), share=0.15).logs[name]
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in told), "utf-8")
    header = policy.header
    log = bihuan.read_log(path, zone=header.zone, known_events=policy.event_labels, starts=header.starts)
    parameters = parameter_values(policy, {"sampling_seed": "7"})
    calendars = bihuan.read_calendars(())
    kinds = {
        "power/dazu-complaint-assessment": ("2025-H2", "2025-H1"),
        "power/tianjin-callback": ("2025-08",),
    }
    spans = [parse_span(one) for one in kinds[name]]
    judging = Judge(policy, calendars, now, None, parameters)
    drawn = draws(judging, pieces(log, 7))
    since = dt.date(2025, 8, 1)
    found = counted_apart(judging, pieces(log, 7), spans, drawn, since=since)
    charges = bihuan.assess(policy, calendars, log, now, None, parameters).charges
    cases = log.events["case"].cast(pl.String).unique().to_list()
    alone = pl.col("case").is_in(cases) & (pl.col("at").dt.date() >= since)
    assert set(charges.filter(~pl.col("case").is_in(cases))["id"]) <= set(across(policy))
    assert found.charges.sort("number").to_dicts() == charges.filter(alone).sort("number").to_dicts()
    assert found.charges.height > 2
    for span, apart in zip(spans, found.figures, strict=True):
        whole = bihuan.indicators(policy, calendars, log, now, None, parameters, period=span.name)
        assert whole.behind.height > 5
        same(whole, apart)


def test_a_cap_over_several_portions_and_what_rules_across_cases_set_off():
    """Ten yuan for each missed answer, fifteen a month at most; the third case of a portion of its own is cut."""
    fine = charge(amount=10, cap={"amount": 15, "per": "calendar month"}, payer="unit")
    policy = measuring(indicator(**SHARE), article={"charge": [fine]})
    events = [event for n in "abc" for event in answered(n, f"2026-03-0{ord(n) - 95} 09:00", unit="城东")]
    log, when = log_of(*events), at("2026-05-02 09:00")
    found = counted_apart(Judge(policy, {}, when), pieces(log, 1), [], since=dt.date(2026, 3, 1)).charges
    wanted = bihuan.assess(policy, {}, log, when).charges
    assert found.sort("number").to_dicts() == wanted.sort("number").to_dicts()
    assert [float(one) for one in found["amount"]] == [10, 5, 0]


def test_what_needs_all_cases_at_once_is_not_counted_apart():
    own = {"count": {"rows": "answer"}}
    assert is_apart(measuring(indicator(**own)))
    assert not is_apart(measuring(indicator(count={"rows": "charges"})))
    assert not is_apart(measuring(indicator(count={"rows": "fine"}), article={"charge": [charge()]}))
    merged = CALL | {"merge": {"by": "kind", "within": "30 days"}}
    assert not is_apart(measuring(indicator(**own), article={"callback": [merged]}))
    across = ANSWER | {"across": "kind", "id": "together"}
    assert not is_apart(measuring(indicator(count={"rows": "together"}), obligations=(across,), facts=FACTS))
    assert not is_apart(measuring(indicator(count={"rows": "obligations"}), obligations=(ANSWER, across)))
    assert is_apart(measuring(indicator(**own), obligations=(ANSWER, across)))
