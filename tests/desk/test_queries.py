"""Lists and the case page: what the wrong person does not see, pages by key, and no query more for more rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bihuan.desk import access, actions, queries, sight
from bihuan.desk.errors import ForbiddenError, MissingError
from bihuan.desk.models import Person
from tests.desk.conftest import POLICY, edition_text, in_force

pytestmark = pytest.mark.django_db


def person(code):
    return Person.objects.select_related("unit").get(code=code)


@pytest.fixture
def dispatched(case, clock):
    """The complaint has gone to Bob's station."""
    severity = {"severity": "ordinary", "complex": False, "grave": False}
    clock.wait(minutes=2)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    clock.wait(minutes=2)
    actions.append(case.number, "classified", by="dana", facts=severity)
    clock.wait(minutes=2)
    actions.append(case.number, "team_reviewed", by="alice")
    clock.wait(minutes=2)
    actions.append(case.number, "dispatched", by="alice", unit="龙水供电所", facts={"sent_to": "centre"})
    return case


def test_the_station_sees_its_case_and_another_station_does_not(dispatched):
    assert access.to_see(person("bob"), dispatched.number).pk == dispatched.pk
    with pytest.raises(MissingError):
        access.to_see(person("charlie"), dispatched.number)
    assert [row.number for row in queries.cases(person("bob")).rows] == [dispatched.number]
    assert queries.cases(person("charlie")).rows == []


def test_before_it_is_sent_the_station_does_not_see_it(case):
    with pytest.raises(MissingError):
        access.to_see(person("bob"), case.number)


def test_only_administrators_administer(desk):
    assert access.to_administer(person("admin")).code == "admin"
    with pytest.raises(ForbiddenError):
        access.to_administer(person("alice"))


def test_the_worklist_is_in_the_order_of_due_times_and_pages_by_key(dispatched, clock):
    for _ in range(3):
        clock.wait(minutes=1)
        actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    whole = queries.worklist(person("admin"), size=200)
    assert whole.after is None
    due = [row.due_at for row in whole.rows if row.due_at]
    assert len(due) == len(whole.rows) > 4
    assert due == sorted(due)
    paged, after = [], None
    while True:
        page = queries.worklist(person("admin"), size=2, after=after)
        paged += [row.pk for row in page.rows]
        after = page.after
        if after is None:
            break
    assert paged == [row.pk for row in whole.rows]


def test_a_cursor_of_another_list_is_refused(desk, clock):
    for _n in range(2):
        actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    after = queries.cases(person("alice"), size=1).after
    assert after
    with pytest.raises(MissingError, match="cursor"):
        queries.worklist(person("alice"), after=after)


def test_what_is_opened_between_two_pages_makes_no_case_come_twice_or_not_at_all(desk, clock):
    def opened():
        clock.wait(minutes=1)
        return actions.accept(POLICY, by="alice", facts={"channel": "hotline"}).number

    there, seen, after = {opened() for _n in range(5)}, [], None
    while after or not seen:
        page = queries.cases(person("alice"), size=2, after=after)
        seen += [case.number for case in page.rows]
        after = page.after
        opened()
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


def test_a_cursor_of_another_desk_is_refused(desk):
    with pytest.raises(MissingError, match="cursor"):
        queries.worklist(person("admin"), after="WzFd:abc")


def test_lists_ask_as_often_for_many_rows_as_for_one(case, clock):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as found:
            for viewer in ("alice", "admin"):
                for page in (queries.worklist(person(viewer)), queries.callbacks(person(viewer))):
                    assert all(row.case.edition.policy for row in page.rows)
                assert all(row.edition.policy for row in queries.cases(person(viewer)).rows)
        return len(found)

    few = asked()
    for _ in range(5):
        clock.wait(minutes=1)
        actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    assert asked() == few


def test_the_steps_of_a_case_are_what_the_actions_then_allow(dispatched, clock):
    """Whatever is offered is accepted once its fields are filled in, and what is greyed is refused for the same reason."""
    from django.db import transaction

    from bihuan.desk.errors import RefusedError

    clock.wait(hours=1)
    offered = 0
    for code in ("alice", "bob", "dana", "charlie"):
        seen = queries.whole(person("admin"), dispatched.number)
        for step in queries.steps(person(code), seen):
            unit = person(code).unit.name
            try:
                with transaction.atomic():
                    actions.append(dispatched.number, step.event, by=code, unit=unit)
                    transaction.set_rollback(True)
                kinds = set()
            except RefusedError as refused:
                kinds = {(one["kind"], one["article"]) for one in refused.findings if one["kind"] != "field"}
            assert {(one["kind"], one["article"]) for one in step.findings} == kinds, (code, step.event)
            offered += step.allowed
    assert offered


def test_personal_numbers_are_masked_and_looking_at_them_is_logged(desk):
    from bihuan.desk.models import Entry
    from bihuan.desk.office import policy_of

    policy = policy_of(desk.hash)
    facts = {"customer": "13812345678", "brief": "请回电 13912345678", "point": ["139-1234-5678"]}
    seen = sight.shown(policy, facts)
    assert (seen["brief"], seen["point"]) == ("请回电 139****5678", ["139****5678"])
    assert sight.shown(policy, facts, unmasked=True) == facts
    actions.log_unmasking("A-1", ["customer"], by="alice", reason="核对号码")
    assert Entry.objects.filter(kind="unmasked", by="alice").count() == 1


def test_events_that_nothing_can_refuse_are_not_judged_and_none_of_them_would_be(case, clock):
    """Whoever asks about every event hears of nothing else."""
    from bihuan.desk import clock as server
    from bihuan.desk.asked import asked, refusable
    from bihuan.desk.judging import judged_next
    from bihuan.desk.office import office_now

    hash = case.edition.hash
    every, may = list(asked(hash)), refusable(hash)
    assert set(may) < set(every)
    for event, facts in (
        (None, {}),
        ("ticket_made", {"item": "billing"}),
        ("classified", {"severity": "major"}),
    ):
        clock.wait(minutes=5)
        if event is not None:
            actions.append(case.number, event, by="dana" if event == "classified" else "alice", facts=facts)
        events = list(case.events.order_by("seq"))
        now = server.seconds(server.now())
        for who in ("alice", "bob"):
            wrong = judged_next(office_now(), hash, events, every, who, {}, now)
            assert wrong
            assert wrong.keys() <= may
            assert wrong == judged_next(office_now(), hash, events, may, who, {}, now)


def test_a_step_of_other_cases_is_none_of_this_one(desk, clock):
    """What is for complaints, patrols or inspections is not offered as a step of a repair; before it is known what a case
    is, all are.
    """
    id = "telecom/telecom-install-service"
    in_force(edition_text(id))
    bob = Person.objects.get(code="bob")

    def steps(**facts):
        case = actions.accept(id, by="admin", facts=facts, unit="龙水供电所")
        return {one.event for one in queries.steps(bob, queries.whole(bob, case.number)) if one.step}

    theirs = {"answered", "verified", "indoor_checked"}
    assert theirs <= steps()
    assert steps(kind="repair") & theirs == set()
    assert steps(kind="complaint") & theirs == {"answered", "verified"}
    assert "arrived" in steps(kind="repair"), "its other step is about all cases"
