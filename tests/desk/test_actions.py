"""Cases are accepted and carried on by actions: each writes an event and what is owed, or is refused and writes nothing."""

import datetime as dt

import pytest

from bihuan.desk import actions
from bihuan.desk.actions.words import kinds, refusal
from bihuan.desk.errors import DoubledError, MissingError, RefusedError, StaleError
from bihuan.desk.models import Case, Event, Obligation
from bihuan.engine.irregular import FORBIDDEN
from tests.desk.conftest import POLICY, edition_text, moment

pytestmark = pytest.mark.django_db


def owed(number):
    rows = Obligation.objects.filter(case__number=number).order_by("place")
    return {row.rule: row.state for row in rows}


def test_a_case_is_accepted_with_what_is_owed_by_when(case):

    assert case.version == 1
    assert case.customer == "刘女士0042"
    assert Obligation.objects.filter(case=case, state="open", due_at__isnull=False).exists()

    assert case.wake_at == min(
        at
        for one in Obligation.objects.filter(case=case, state="open")
        for at in (one.warn_at, one.due_at and one.due_at + dt.timedelta(seconds=1))
        if at and at > case.judged_at
    )


def test_a_step_out_of_order_is_refused_with_its_article_and_writes_nothing(case):
    with pytest.raises(RefusedError) as refused:
        actions.append(case.number, "called_back", by="alice", facts={"verdict": "proper"})
    assert refused.value.findings[0]["article"]
    assert refused.value.findings[0]["article"] in str(refused.value)
    assert Event.objects.filter(case=case).count() == 1
    assert Case.objects.get(pk=case.pk).version == 1


def test_every_kind_of_irregularity_that_is_refused_is_said_in_words():
    assert kinds().keys() - {"separate", "required"} == set(FORBIDDEN)


def test_a_person_without_the_role_is_refused(case, clock):
    clock.wait(minutes=5)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    clock.wait(minutes=5)
    with pytest.raises(RefusedError) as refused:
        actions.append(
            case.number, "classified", by="charlie", facts={"severity": "ordinary", "complex": False}
        )
    assert {one["kind"] for one in refused.value.findings} == {"person"}


def test_of_two_people_at_one_case_one_wins_and_the_other_is_told(case, clock):
    seen = case.version
    clock.wait(minutes=5)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"}, version=seen)
    with pytest.raises(StaleError) as told:
        actions.append(case.number, "ticket_made", by="dana", facts={"item": "fault"}, version=seen)
    assert [event.actor for event in told.value.since] == ["alice"]
    assert Event.objects.filter(case=case).count() == 2


def test_a_repeated_request_writes_once_and_hears_the_same(case, clock):
    clock.wait(minutes=5)
    first = actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"}, key="7f3a")
    again = actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"}, key="7f3a")
    assert again.seq == first.seq
    with pytest.raises(DoubledError):
        actions.append(case.number, "ticket_made", by="alice", facts={"item": "fault"}, key="7f3a")
    assert Event.objects.filter(case=case).count() == 2


def test_what_has_not_happened_cannot_be_entered(case, clock):
    with pytest.raises(RefusedError, match="future"):
        actions.append(case.number, "ticket_made", by="alice", at=moment("2025-09-08 09:01"))


def test_recorded_at_is_the_servers_even_where_the_event_is_older(case, clock):
    clock.set("2025-09-08 15:00")
    event = actions.append(
        case.number, "ticket_made", by="alice", facts={"item": "billing"}, at=moment("2025-09-08 09:10")
    )
    assert event.at == moment("2025-09-08 09:10")
    assert event.recorded_at == moment("2025-09-08 15:00")


def test_the_record_goes_forward_when_the_clock_is_set_back(case, clock):
    clock.set("2025-09-08 08:00")
    with pytest.raises(RefusedError, match="future"):
        actions.append(case.number, "ticket_made", by="alice", at=moment("2025-09-08 09:10"))
    event = actions.append(case.number, "urged", by="alice")
    assert event.at == event.recorded_at == moment("2025-09-08 09:00:01")  # a second after what was


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"item": "no such item"}, "no such item"),
        ({"itme": "billing"}, "itme"),
        ({"item": "bil\0ling"}, "NUL"),
    ],
)
def test_facts_that_cannot_be_read_are_refused(case, clock, facts, words):
    clock.wait(minutes=5)
    with pytest.raises(RefusedError, match=words):
        actions.append(case.number, "ticket_made", by="alice", facts=facts)
    assert Event.objects.filter(case=case).count() == 1


def test_a_case_number_is_given_once(desk, clock):
    actions.accept(POLICY, by="alice", facts={"channel": "hotline"}, number="A-1")
    with pytest.raises(DoubledError):
        actions.accept(POLICY, by="alice", facts={"channel": "hotline"}, number="A-1")
    first = actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    second = actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    assert [first.number, second.number] == ["20250908-0001", "20250908-0002"]


def test_no_case_under_a_regulation_that_is_not_in_force(desk, clock):
    with pytest.raises(MissingError, match="in force"):
        actions.accept("service/auto-repair-complaint", by="alice")


def test_a_correction_stands_beside_what_it_corrects(case, clock):
    clock.wait(hours=1)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    clock.wait(hours=1)
    actions.correct(
        case.number, 2, by="alice", reason="看错了", facts={"item": "fault"}, at=moment("2025-09-08 09:30")
    )
    kept = Event.objects.get(case=case, seq=2)
    assert (kept.facts, kept.at) == ({"item": "billing"}, moment("2025-09-08 10:00"))
    assert Event.objects.filter(case=case).count() == 3


def test_a_correction_is_no_way_round_the_roles_of_a_regulation(case, clock):
    """A station says neither that a complaint was another one nor that it never was; who has the office, or did it, does."""
    clock.wait(minutes=1)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    other = actions.accept(POLICY, by="alice", facts={"channel": "hotline"}, unit="龙水供电所")
    told = case.events.count()
    for meddling in (
        lambda: actions.correct(case.number, 1, by="bob", reason="没说过", facts={"customer": "王先生"}),
        lambda: actions.correct(case.number, 2, by="bob", reason="没有这回事", struck=True),
        lambda: actions.merge(case.number, other.number, by="bob", reason="同一件事"),
    ):
        with pytest.raises(RefusedError) as refused:
            meddling()
        assert {one["kind"] for one in refused.value.findings} == {"person"}
    assert case.events.count() == told
    actions.add_person("erin", "Erin", "市场营销部", by="admin")
    actions.grant("erin", "hotline", "市场营销部", by="admin")
    actions.correct(case.number, 2, by="erin", reason="看错了", facts={"item": "fault"})


def test_whom_the_regulation_excludes_now_does_not_restate_either(case, clock):
    """Erin made the ticket; Alice, who might have, has handled the case since."""
    step, handler = 'by = ["hotline"]', 'did = ["contacted", "investigated", "answered"]'
    text = edition_text()
    assert step in text
    assert handler in text
    text = text.replace(step, f'{step}\n  not_by = ["handler"]', 1).replace(handler, 'did = ["urged"]')
    actions.move(case.number, actions.install(text, by="admin").hash, by="admin", reason="试行")
    actions.add_person("erin", "Erin", "市场营销部", by="admin")
    actions.grant("erin", "hotline", "市场营销部", by="admin")
    clock.wait(minutes=1)
    made = actions.append(case.number, "ticket_made", by="erin", facts={"item": "billing"})
    clock.wait(minutes=1)
    actions.append(case.number, "urged", by="alice")
    with pytest.raises(RefusedError) as refused:
        actions.correct(case.number, made.seq, by="alice", reason="不是这样", struck=True)
    assert {one["detail"] for one in refused.value.findings} == {"handler"}
    actions.correct(case.number, made.seq, by="erin", reason="看错了", facts={"item": "fault"})


def test_a_merged_case_is_closed_and_the_other_says_so(case, clock):
    other = actions.accept(POLICY, by="alice", facts={"channel": "hotline", "customer": "刘女士0042"})
    clock.wait(minutes=3)
    actions.merge(case.number, other.number, by="alice", reason="同一件事")
    merged = Case.objects.get(pk=case.pk)
    assert merged.merged_into_id == other.pk
    assert merged.closed_at is not None
    assert Event.objects.get(case=other, seq=2).meta == {"from": case.number, "reason": "同一件事"}


def test_what_is_for_one_role_to_decide_is_not_decided_by_another_in_passing(case, clock):
    clock.wait(minutes=1)
    with pytest.raises(RefusedError, match="to decide"):
        actions.append(case.number, "urged", by="alice", facts={"severity": "ordinary"})
    with pytest.raises(RefusedError, match="to decide"):
        actions.accept(POLICY, by="alice", facts={"channel": "hotline", "severity": "ordinary"})
    actions.append(case.number, "urged", by="dana", facts={"severity": "ordinary"})
    clock.wait(minutes=1)
    actions.append(case.number, "urged", by="alice", facts={"severity": "ordinary"})  # as it is known


def test_a_step_that_asks_a_fact_to_be_something_says_which(desk):
    """A complaint of the third class is called back by a visit: the article has no event that would have to come first."""
    edition = actions.install(edition_text("service/property-callback"), by="admin")
    finding = {"article": "1.9", "kind": "gate", "event": "called_back", "detail": None}
    assert "回访方式 = 上门回访" in refusal(edition.hash, [finding])


def test_a_fact_is_not_told_otherwise_in_passing_by_whom_no_correction_of_it_is_allowed(case, clock):
    """A station urges, which is for anybody to do; who complained it does not say. With a fact that the event asks for, or
    that is told as it is known, whoever may do the event may.
    """
    clock.wait(minutes=1)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    clock.wait(minutes=1)
    told = case.events.count()
    for act in (actions.append, lambda *of, **what: actions.foreseen_append(case, *of[1:], **what)):
        for facts, seq in (({"customer": "别人"}, 1), ({"item": "fault"}, 2)):
            with pytest.raises(RefusedError, match=f"event {seq} already") as refused:
                act(case.number, "urged", by="bob", facts=facts)
            assert {one["kind"] for one in refused.value.findings} == {"person"}
    assert case.events.count() == told
    actions.append(case.number, "urged", by="bob", facts={"customer": "刘女士0042", "content": "又来电话"})
    clock.wait(minutes=1)
    actions.append(case.number, "urged", by="alice", facts={"customer": "刘先生0042"})


def test_what_a_correction_told_is_told_otherwise_by_whom_may_tell_of_what_it_corrected(case, clock):
    clock.wait(minutes=1)
    actions.correct(case.number, 1, by="alice", reason="听错了", facts={"customer": "柳女士0042"})
    clock.wait(minutes=1)
    with pytest.raises(RefusedError, match="event 1 already"):
        actions.append(case.number, "urged", by="bob", facts={"customer": "刘女士0042"})
