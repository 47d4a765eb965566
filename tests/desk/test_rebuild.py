"""What is owed is a projection: made anew from the record it is the same, and put right where it was not."""

import polars as pl
import pytest

from bihuan.desk import actions
from bihuan.desk.models import Case, Irregularity, Obligation, Subject
from bihuan.desk.rebuild import complete, rebuild
from bihuan.desk.tick import tick
from bihuan.engine.log import as_log
from tests.desk.conftest import POLICY, edition_text, in_force

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
    Case.objects.filter(pk=lived.pk).update(customer="somebody else", matter="something else", sent=True)
    done = rebuild()
    assert done.changed == [lived.number]
    after = projection()
    assert after[0] == before[0]
    stated = [{k: v for k, v in row.items() if k not in ("id", "told_at", "warned_at")} for row in before[1]]
    again = [{k: v for k, v in row.items() if k not in ("id", "told_at", "warned_at")} for row in after[1]]
    assert sorted(again, key=str) == sorted(stated, key=str)


def test_what_lists_show_is_filled_in_after_an_upgrade_and_a_rebuild_changes_nothing(lived, clock):
    """As migration 0012 leaves the cases of an older version; an archive that was destroyed stays empty."""
    at = int(clock.at.timestamp())
    sent = {
        "case": "旧",
        "event": "dispatched",
        "at": at,
        "unit": "龙水供电所",
        "sent_to": "centre",
        "actor": "bob",
    }
    table = [{"case": "旧", "event": "accepted", "at": at - 60, "actor": "alice", "channel": "hotline"}, sent]
    actions.load(
        as_log(pl.DataFrame(table, infer_schema_length=None), [], zone="Asia/Shanghai"), POLICY, by="admin"
    )
    clock.wait(days=9)
    gone = actions.accept(POLICY, by="alice", facts={"channel": "hotline", "content": "电表不走"})
    actions.append(gone.number, "withdrawn", by="alice", facts={})
    actions.destroy(gone.number, by="dana", approved_by="admin", reason="保管期满")
    held = dict(Case.objects.values_list("number", "matter"))
    assert held[lived.number] == "营业收费 · 95598电话 · 客户直接反映"
    assert held[gone.number] == ""
    before = projection()
    Case.objects.filter(destroyed=None).update(matter=None, sent=None, owed_at=None)
    complete()
    assert projection() == before
    assert rebuild().changed == []
    assert set(Case.objects.values_list("sent", flat=True)) == {True, False, None}
    assert Case.objects.exclude(owed_at=None).exists()


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
    in_force(edition_text("power/tianjin-callback"))
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
