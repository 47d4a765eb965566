"""What is owed is a projection: made anew from the record it is the same, and put right where it was not."""

import pytest

from bihuan.desk import actions
from bihuan.desk.models import Case, Irregularity, Obligation, Subject
from bihuan.desk.rebuild import rebuild
from bihuan.desk.tick import tick
from tests.desk.conftest import POLICY, edition_text

pytestmark = pytest.mark.django_db


def projection():
    tables = []
    for model in (Case, Obligation, Irregularity, Subject):
        tables.append(list(model.objects.order_by("pk").values()))
    return tables


@pytest.fixture
def lived(case, clock):
    """A case some days on, with what fell due told."""
    clock.wait(minutes=4)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    clock.wait(days=2)
    tick()
    actions.set_parameter(POLICY, "investigation-report.within", "3 working days", by="admin")
    clock.wait(days=1)
    actions.accept(POLICY, by="alice", facts={"channel": "hotline", "customer": "张先生"})
    return case


def test_nothing_changes(lived):
    before = projection()
    done = rebuild()
    assert done.cases == 2
    assert done.changed == []
    assert projection() == before


def test_what_was_lost_or_bent_is_put_right_and_told(lived):
    before = projection()
    Obligation.objects.filter(case=lived).order_by("pk").last().delete()
    Obligation.objects.filter(case=lived, state="overdue").update(state="met", late_by=7)
    Case.objects.filter(pk=lived.pk).update(customer="somebody else")
    done = rebuild()
    assert done.changed == [lived.number]
    after = projection()
    assert after[0] == before[0]
    stated = [{k: v for k, v in row.items() if k not in ("id", "told_at", "warned_at")} for row in before[1]]
    again = [{k: v for k, v in row.items() if k not in ("id", "told_at", "warned_at")} for row in after[1]]
    assert sorted(again, key=str) == sorted(stated, key=str)


def test_each_case_is_judged_under_what_was_known_then(desk, clock):
    """A parameter that is set later does not judge a closed case anew; only `afresh` does."""
    done = actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    clock.wait(minutes=1)
    actions.append(done.number, "withdrawn", by="alice")
    before = projection()
    clock.wait(days=1)
    actions.set_parameter(POLICY, "backdating_tolerance", "2 hours", by="admin")
    assert rebuild().changed == []
    assert projection()[1] == before[1]


def test_a_subject_across_cases_is_judged_by_the_events_of_all_its_cases(desk, clock):
    edition = actions.install(edition_text("power/tianjin-callback"), by="admin")
    actions.put_in_force(edition.hash, by="admin")
    for _ in range(3):
        clock.wait(minutes=1)
        actions.accept(
            "power/tianjin-callback", by="alice", facts={"customer": "刘女士", "unit": "龙水供电所"}
        )
    customer = Subject.objects.get(fact="customer", key="刘女士")
    assert customer.concerns.count() == 3
    tick()
    before = projection()
    assert rebuild().changed == []
    assert projection() == before
