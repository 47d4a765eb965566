"""Every condition gives for every row what a slow evaluator over dictionaries gives."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine import coded
from bihuan.engine.facts import Facts
from tests.engine.facts_oracle import Row, as_carried, every
from tests.engine.facts_policy import condition, prepared, rows

PREPARED = prepared()
TRI = {True: 1, False: 0, None: -1}

# Condition as written, the facts that `where` asks of the row, and the oracle's answers to its tests.
ASKED = [
    ('severity = "major"', [("severity", lambda row: row.equal("severity", ["major"]))]),
    ('severity = ["major", "grave"]', [("severity", lambda row: row.equal("severity", ["major", "grave"]))]),
    ('severity = { not = "major" }', [("severity", lambda row: row.differs("severity", "major"))]),
    (
        'severity = { at_least = "major" }',
        [("severity", lambda row: row.compare("severity", {"at_least": "major"}))],
    ),
    (
        'severity = { above = "ordinary", below = "grave" }',
        [("severity", lambda row: row.compare("severity", {"above": "ordinary", "below": "grave"}))],
    ),
    ('matter = "quality"', [("matter", lambda row: row.equal("matter", ["quality"]))]),
    ('matter = "voltage"', [("matter", lambda row: row.equal("matter", ["voltage"]))]),
    ('matter = { not = "voltage" }', [("matter", lambda row: row.differs("matter", "voltage"))]),
    ('source = "call"', [("source", lambda row: row.equal("source", ["call"]))]),
    ('source = { not = "call" }', [("source", lambda row: row.differs("source", "call"))]),
    ('tags = "a"', [("tags", lambda row: row.equal("tags", ["a"]))]),
    ('tags = ["a", "c"]', [("tags", lambda row: row.equal("tags", ["a", "c"]))]),
    ('tags = { all = ["a", "b"] }', [("tags", lambda row: row.holds_all("tags", ["a", "b"]))]),
    ('tags = { not = "b" }', [("tags", lambda row: row.differs("tags", "b"))]),
    ("dual = true", [("dual", lambda row: row.equal("dual", [True]))]),
    ("quiet = false", [("quiet", lambda row: row.equal("quiet", [False]))]),
    ("load_kw = 12.5", [("load_kw", lambda row: row.equal("load_kw", [Decimal("12.5")]))]),
    (
        "load_kw = { at_least = 10, below = 50 }",
        [("load_kw", lambda row: row.compare("load_kw", {"at_least": Decimal(10), "below": Decimal(50)}))],
    ),
    (
        'load_kw = { above = "ceiling" }',
        [("load_kw", lambda row: row.compare("load_kw", {"above": "ceiling"}))],
    ),
    (
        'load_kw = { above = "unfixed" }',
        [("load_kw", lambda row: row.compare("load_kw", {"above": "unfixed"}))],
    ),
    (
        'load_kw = { at_most = "paid" }',
        [("load_kw", lambda row: row.compare("load_kw", {"at_most": "paid"}))],
    ),
    ("price = 0.3", [("price", lambda row: row.equal("price", [Decimal("0.3")]))]),
    ("price = { above = 0.2 }", [("price", lambda row: row.compare("price", {"above": Decimal("0.2")}))]),
    (
        'load_kw = { from = "paid", at_least = 0.2 }',
        [("load_kw", lambda row: row.distance("load_kw", "paid", "at_least", amount=Decimal("0.2")))],
    ),
    (
        'promised = { from = "accepted_at", above = "2 days" }',
        [("promised", lambda row: row.distance("promised", "accepted_at", "above", days=2))],
    ),
    (
        'promised = { from = "accepted_at", at_most = "grace" }',
        [("promised", lambda row: row.distance("promised", "accepted_at", "at_most", days=2))],
    ),
    (
        'accepted_at = { from = "born", at_least = "term" }',
        [("accepted_at", lambda row: row.distance("accepted_at", "born", "at_least", months=3))],
    ),
    (
        'closed_at = { from = "accepted_at", at_least = "1 month" }',
        [("closed_at", lambda row: row.distance("closed_at", "accepted_at", "at_least", months=1))],
    ),
    (
        "accepted_at = { at_least = 2026-03-02 }",
        [("accepted_at", lambda row: row.on_day("accepted_at", "at_least", date(2026, 3, 2)))],
    ),
    ('client = "Alice"', [("client", lambda row: row.equal("client", ["Alice"]))]),
    ('tier = "high"', [("tier", lambda row: row.equal("tier", ["high"]))]),
    (
        'severity = "major"\ndual = true\nclient = "Bob"',
        [
            ("severity", lambda row: row.equal("severity", ["major"])),
            ("dual", lambda row: row.equal("dual", [True])),
            ("client", lambda row: row.equal("client", ["Bob"])),
        ],
    ),
]
CONDITIONS = [(condition(text), tests) for text, tests in ASKED]

VALUES = {
    "severity": st.sampled_from(["ordinary", "major", "一般", "特大", "unheard of", " major ", ""]),
    "matter": st.sampled_from(["voltage", "停电", "service", "quality", "nothing"]),
    "source": st.sampled_from(["call", "来访", "fax"]),
    "tags": st.sampled_from(["a", "a;b", "乙;c", "a;z", ";"]) | st.just(""),
    "dual": st.sampled_from(["true", "否", "YES", "0", "perhaps"]),
    "quiet": st.sampled_from(["是", "no"]),
    "load_kw": st.sampled_from(["12.5", "50", "0.3", "19", "101", "many", "40", "nan"]),
    "paid": st.sampled_from(["0.1", "12.5", "-3", "1e2"]),
    "price": st.sampled_from(["0.3", "0.2", "0.20001", "1e3"]),
    "client": st.sampled_from(["Alice", "Bob"]),
    "promised": st.sampled_from(["2026-03-02", "2026-03-04 10:00", "2026-03-05 09:59", "tomorrow"]),
    "born": st.sampled_from(["2025-11-30", "2025-12-02", "1950-02-29", "1950-02-28"]),
}
CARRIED = st.fixed_dictionaries({}, optional=VALUES)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["accepted", "dispatched", "closed"]),
        st.integers(0, 60 * 24 * 40),
        st.booleans(),
        CARRIED,
    ),
    max_size=6,
)


def timed(events):
    """Events in the order of their instants, some with a date only."""
    begin, found = datetime(2026, 2, 27, 8), []
    for event, minutes, whole, data in events:
        moment = begin + timedelta(minutes=minutes)
        found.append((f"{moment:%Y-%m-%d}" if whole else f"{moment:%Y-%m-%d %H:%M}", event, data))
    return sorted(found, key=lambda one: one[0])


LOGS = st.lists(st.tuples(CARRIED, EVENTS), min_size=1, max_size=3)


@pytest.mark.parametrize("few", [coded.FEW, -1], ids=["few", "many"])
@given(log=LOGS)
@settings(max_examples=120)
def test_a_condition_is_judged_row_by_row_as_written(few, log):
    cases = {str(number): timed(events) for number, (_, events) in enumerate(log)}
    given_facts = {str(number): facts for number, (facts, _) in enumerate(log)}
    with patch.object(coded, "FEW", few):
        facts = Facts(PREPARED, rows(cases, given_facts))
        oracle = [
            Row(given_facts[name], events, index)
            for name, events in cases.items()
            for index in range(len(events))
        ]
        for asked, tests in CONDITIONS:
            plain = [TRI[every(*(test(row) for _, test in tests))] for row in oracle]
            assert facts.test(asked).tolist() == plain, asked
            carried = [
                TRI[every(*(as_carried(row, fact, test(row)) for fact, test in tests))] for row in oracle
            ]
            assert facts.test(asked, carried=True).tolist() == carried, asked


@pytest.mark.parametrize("carried", [False, True])
@given(log=LOGS)
@settings(max_examples=30)
def test_known_asks_for_a_readable_value(carried, log):
    cases = {str(number): timed(events) for number, (_, events) in enumerate(log)}
    given_facts = {str(number): facts for number, (facts, _) in enumerate(log)}
    facts = Facts(PREPARED, rows(cases, given_facts))
    for fact in ("severity", "load_kw", "closed_at", "tier"):
        for wanted in (True, False):
            found = facts.test(condition(f"{fact} = {{ known = {str(wanted).lower()} }}"), carried)
            expected = [
                TRI[Row(given_facts[name], events, index).known(fact, wanted, carried)]
                for name, events in cases.items()
                for index in range(len(events))
            ]
            assert found.tolist() == expected


@given(log=LOGS)
@settings(max_examples=30)
def test_a_case_is_judged_alone_as_it_is_in_a_batch(log):
    cases = {str(number): timed(events) for number, (_, events) in enumerate(log)}
    given_facts = {str(number): facts for number, (facts, _) in enumerate(log)}
    whole = Facts(PREPARED, rows(cases, given_facts))
    single = [Facts(PREPARED, rows({name: cases[name]}, {name: given_facts[name]})) for name in cases]
    for asked, _ in CONDITIONS:
        for carried in (False, True):
            apart = [tri for facts in single for tri in facts.test(asked, carried).tolist()]
            assert whole.test(asked, carried).tolist() == apart
