"""Is an ordered choice compared with what a parameter says, as with a choice written out?"""

import pytest

from bihuan.engine.parameters import parameter_values
from bihuan.engine.replay import replay
from tests.engine.small import at, log_of, policy_of, rows_of

GRADES = {"choices": {"poor": "差", "fair": "中", "good": "好"}, "ordered": True}
MEND = {
    "id": "mend",
    "after": {"event": "called_back", "where": {"grade": {"at_most": "poor_grade"}}},
    "owes": "resolved",
    "within": "2 days",
}


@pytest.mark.parametrize(
    ("poor", "mended"), [("poor", ["A"]), ("fair", ["A", "B"]), ("good", ["A", "B", "C"])]
)
def test_the_bound_of_an_ordered_choice_may_be_a_parameter(poor, mended):
    policy = policy_of(
        MEND,
        facts={"grade": GRADES},
        parameters={"poor_grade": {"origin": "user", "value": poor, "choices": ["poor", "fair", "good"]}},
    )
    called = zip("ABC", ("poor", "fair", "good"), strict=True)
    log = log_of(*((case, "called_back", "2026-03-02 09:00", {"grade": grade}) for case, grade in called))
    outcome = replay(policy, {}, log, at("2026-03-03 09:00"))
    assert [case for (case,) in rows_of(outcome, "case")] == mended


def test_a_bound_that_nobody_has_set_starts_nothing():
    policy = policy_of(MEND, facts={"grade": GRADES}, parameters={"poor_grade": {"origin": "missing"}})
    log = log_of(("A", "called_back", "2026-03-02 09:00", {"grade": "poor"}))
    outcome = replay(policy, {}, log, at("2026-03-03 09:00"))
    assert rows_of(outcome, "state") in ([], [("unset",)])
    assert "poor_grade" in parameter_values(policy).missing
