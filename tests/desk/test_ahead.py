"""A case is judged before the lock; what was found holds only while nothing changed that it rests on."""

from contextlib import suppress
from typing import Any

import pytest
from django.db.transaction import TransactionManagementError

from bihuan.desk import actions
from bihuan.desk.actions.acting import find
from bihuan.desk.database import writing
from bihuan.desk.errors import DoubledError, RefusedError
from bihuan.desk.models import Case, Counter, Event, Obligation
from bihuan.desk.rebuild import rebuild
from bihuan.desk.verify import verify
from tests.desk.conftest import POLICY

pytestmark = pytest.mark.django_db
SAID: dict[str, Any] = {
    "by": "alice",
    "facts": {"channel": "hotline", "customer": "刘女士0042", "source": "customer"},
}
MADE: dict[str, Any] = {"by": "alice", "facts": {"item": "billing"}}


@pytest.fixture
def judgings(monkeypatch):
    """How often the engine was asked about a case that is written."""
    from bihuan.desk.judging import judged

    asked = []

    def counted(*about):
        asked.append(about)
        return judged(*about)

    monkeypatch.setattr("bihuan.desk.actions.acting.judged", counted)
    return asked


def stands():
    assert verify().whole
    assert rebuild().changed == []


def test_what_was_foreseen_is_written_without_being_judged_again(desk, clock, judgings):
    ahead = actions.foreseen_accept(POLICY, **SAID)
    clock.wait(seconds=3)
    case = actions.accept(POLICY, ahead=ahead, **SAID)
    assert len(judgings) == 1
    assert Event.objects.get(case=case).recorded_at == ahead.now
    ahead = actions.foreseen_append(find(case.number), "ticket_made", **MADE)
    actions.append(case.number, "ticket_made", ahead=ahead, **MADE)
    assert len(judgings) == 2
    stands()


def test_what_somebody_else_did_meanwhile_is_judged_too(case, clock, judgings):
    clock.wait(minutes=1)
    ahead = actions.foreseen_append(find(case.number), "ticket_made", **MADE)
    clock.wait(minutes=1)
    actions.append(case.number, "contacted", by="alice")
    clock.wait(minutes=1)
    made = actions.append(case.number, "ticket_made", ahead=ahead, **MADE)
    assert (made.seq, made.at, len(judgings)) == (3, clock(), 3)
    stands()


def test_a_parameter_that_was_set_meanwhile_counts(desk, clock, judgings):
    ahead = actions.foreseen_accept(POLICY, **SAID)
    actions.set_parameter(POLICY, "investigation-report.within", "3 working days", by="admin")
    case = actions.accept(POLICY, ahead=ahead, **SAID)
    assert len(judgings) == 2
    assert case.basis > ahead.found.basis
    stands()


def test_something_else_than_what_was_foreseen_is_judged_for_itself(case, clock, judgings):
    clock.wait(minutes=1)
    ahead = actions.foreseen_append(find(case.number), "contacted", by="alice")
    actions.append(case.number, "ticket_made", ahead=ahead, **MADE)
    assert len(judgings) == 2
    stands()


def test_a_preview_writes_nothing_and_says_what_accepting_then_owes(desk, clock):
    promised = actions.preview_accept(POLICY, **SAID)
    assert not Case.objects.exists()
    assert not Counter.objects.filter(name__startswith="case").exists()
    case = actions.accept(POLICY, **SAID)
    owed = Obligation.objects.filter(case=case)
    assert promised
    assert {(one.rule, one.due_at, one.state) for one in promised} == {
        (one.rule, one.due_at, one.state) for one in owed
    }


def test_a_preview_refuses_what_accepting_would(case):
    with pytest.raises(DoubledError):
        actions.preview_accept(POLICY, number=case.number, **SAID)
    with pytest.raises(RefusedError, match="does not open a case"):
        actions.preview_accept(POLICY, event="answered", **SAID)
    with pytest.raises(RefusedError, match="no fact"):
        actions.preview_accept(POLICY, by="alice", facts={"colour": "red"})


def test_what_failed_within_an_action_cannot_be_committed_by_what_is_around_it(case):
    def around():
        with writing():
            actions.note(case.number, "noted", by="alice", meta={"reason": "half"})
            with suppress(RefusedError):
                actions.append(case.number, "nonsense", by="alice")

    with pytest.raises(TransactionManagementError):
        around()
    assert not Event.objects.filter(event="noted").exists()
