"""What changes under open cases: parameters, calendars, editions, people who leave. The old due times stay on record."""

import datetime as dt

import pytest

from bihuan.desk import actions
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Case, Entry, Event, Holding, Notice, Obligation
from bihuan.desk.office import office_now, policy_of
from bihuan.desk.pages.regulations import set_one
from bihuan.engine.errors import BihuanError
from bihuan.engine.parameters import parameter_values
from bihuan.i18n import speaking
from tests.desk.conftest import POLICY, edition_text

pytestmark = pytest.mark.django_db


def test_a_parameter_outside_its_bounds_or_unknown_is_refused_and_nothing_is_entered(case):
    before = Entry.objects.count()
    with pytest.raises(RefusedError, match="no-such-thing"):
        actions.set_parameter(POLICY, "no-such-thing", 3, by="admin")
    assert Entry.objects.count() == before


def test_a_parameter_that_is_set_gives_open_cases_their_due_time(case, clock):
    row = Obligation.objects.get(case=case, rule="customer-total")
    assert (row.state, row.due_at) == ("unset", None)
    moved = actions.set_parameter(POLICY, "customer-total.within", "7 days", by="admin")
    assert [(one.case, one.rule, one.before) for one in moved] == [(case.number, "customer-total", None)]
    row.refresh_from_db()
    assert row.state == "open"
    assert moved[0].after == int(row.due_at.timestamp()) if row.due_at else False
    noted = Event.objects.get(case=case, event="due_moved")
    assert noted.meta is not None
    assert noted.meta["moved"][0]["rule"] == "customer-total"


def test_who_leaves_hands_over_roles_and_can_no_longer_act(case, clock):
    clock.wait(days=1)
    actions.handover("alice", "dana", by="admin", reason="调离")
    today = clock.at.date()
    assert set(Holding.objects.filter(person__code="dana", since=today).values_list("role", flat=True)) == {
        "hotline",
        "team_leader",
    }
    assert set(Holding.objects.filter(person__code="alice").values_list("until", flat=True)) == {today}
    clock.wait(days=1)
    with pytest.raises(RefusedError):
        actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    actions.append(case.number, "ticket_made", by="dana", facts={"item": "billing"})


def test_who_leaves_before_eight_in_the_morning_hands_over_what_began_today(case, clock):
    """It is still yesterday in Greenwich then."""
    clock.set("2025-09-10T00:30:00")
    actions.grant("alice", "hotline", "龙水供电所", by="admin", since=dt.date(2025, 9, 10))
    actions.handover("alice", "dana", by="admin", reason="调离")
    begun = Holding.objects.filter(person__code="dana", role="hotline")
    assert set(begun.values_list("unit__name", "since")) == {
        ("市场营销部", dt.date(2025, 9, 10)),
        ("龙水供电所", dt.date(2025, 9, 10)),
    }


def test_a_case_stays_on_its_edition_until_it_is_moved_on_purpose(case, clock):
    text = edition_text() + "\n# another printing\n"
    other = actions.install(text, by="admin")
    actions.put_in_force(other.hash, by="admin", since=dt.date(2025, 9, 9))
    old = case.edition.hash
    clock.wait(minutes=5)
    actions.append(case.number, "urged", by="alice")
    assert Case.objects.get(pk=case.pk).edition.hash == old
    before, after = actions.preview_move(case.number, other.hash)
    assert [row["rule"] for row in before.obligations] == [row["rule"] for row in after.obligations]
    actions.move(case.number, other.hash, by="dana", reason="新版本对客户有利")
    moved = Case.objects.get(pk=case.pk)
    assert moved.edition.hash == other.hash
    assert Event.objects.get(case=case, event="edition_moved").edition == other.hash


def test_a_calendar_file_that_cannot_be_used_is_refused(case):
    with pytest.raises(RefusedError, match="calendar"):
        actions.preview_notice("bad", "this is no calendar")
    assert Notice.objects.count() == 0


NOTICE = """
[[notice]]
title = "临时放假"
calendar = "cn"
[notice.off]
"放假" = [2025-09-10, 2025-09-11]
"""


def test_a_notice_moves_due_times_and_the_old_ones_stay_on_record(case, clock):
    actions.set_parameter(POLICY, "customer-total.within", "3 working days", by="admin")
    expected = actions.preview_notice("2025-extra", NOTICE)
    moved = actions.load_notice("2025-extra", NOTICE, by="admin", approved_by="dana")
    assert expected == moved
    mine = next(one for one in moved if one.rule == "customer-total")
    assert mine.after is not None
    assert mine.before is not None
    assert mine.after > mine.before
    noted = Event.objects.filter(case=case, event="due_moved").latest("seq")
    assert noted.meta is not None
    assert mine.before in [one["before"] for one in noted.meta["moved"]]


@pytest.mark.parametrize(
    ("policy", "name", "value"),
    [
        ("telecom/telecom-install-service", "repair_limit_fixed", "soon"),
        ("service/property-callback", "general_rate", "half of them"),
        ("service/property-callback", "plan_period", "now and then"),
        ("power/customer-project", "usual_inspections", "a few"),
    ],
)
def test_a_value_that_no_case_could_be_judged_by_is_refused_when_it_is_set(desk, policy, name, value):
    """A limit looked up in rows, a rate, a period, a number of times: read when set, not by the first case about them."""
    actions.put_in_force(actions.install(edition_text(policy), by="admin").hash, by="admin")
    before = Entry.objects.count()
    with pytest.raises(BihuanError, match="expected"):
        actions.set_parameter(policy, name, value, by="admin")
    assert Entry.objects.count() == before


def test_a_limit_that_was_set_in_chinese_is_shown_in_the_reader_s_language(case):
    actions.set_parameter(POLICY, "first-contact.within", "2个工时", by="admin")
    edition = case.edition
    policy, parameters = policy_of(edition.hash), office_now().parameters(edition.hash)

    def shown(language):
        with speaking(language):
            return set_one(policy, parameters, parameter_values(policy), "first-contact.within").value

    assert (shown("zh"), shown("en")) == ("2 个工作小时", "2 working hours")
    with pytest.raises(BihuanError, match="'3 working days'"):
        actions.set_parameter(POLICY, "first-contact.within", "尽快", by="admin")
