"""Do portions of a log, counted apart and added up, say what `indicators` says of the log in one piece?"""

import datetime as dt
import json

import polars as pl
import pytest

import bihuan
from bihuan.demo.company import company
from bihuan.engine.counted_apart import counted_apart, is_apart
from bihuan.engine.log import Log
from bihuan.engine.parameters import parameter_values
from bihuan.engine.period import parse_span
from bihuan.engine.portions import Judge, draws
from tests.engine.charging import charge
from tests.engine.measuring import ANSWER, CALL, FACTS, MARCH, SHARE, indicator, measured, measuring
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
        [found] = counted_apart(judging, pieces(log, most), [parse_span(period)])
        same(whole, found)


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
    found = counted_apart(judging, pieces(log, 7), spans, drawn)
    for span, apart in zip(spans, found, strict=True):
        whole = bihuan.indicators(policy, calendars, log, now, None, parameters, period=span.name)
        assert whole.behind.height > 5
        same(whole, apart)


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
