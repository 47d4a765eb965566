"""One call that serves several cases of a customer is in the record of each of them, and nobody calls twice."""

import pytest

import bihuan
from bihuan.desk import actions
from bihuan.desk.actions import sharing
from bihuan.desk.export import export
from bihuan.desk.models import Case, Event, Obligation
from bihuan.desk.office import policy_of
from bihuan.desk.pages.caller import load
from bihuan.desk.rebuild import rebuild
from bihuan.desk.tick import tick
from bihuan.desk.verify import verify
from tests.desk.conftest import in_force, regulation
from tests.desk.test_loading import desk_rows, replay_of, replayed_rows

pytestmark = pytest.mark.django_db
CALLS = """
starts = ["accepted"]
ends = ["archived"]
[facts]
customer = { label = "客户", type = "person", personal = "identity" }
verdict = { label = "评价", type = "text" }
[[article]]
no = "1"
says = "归档后一天内回访,同一客户当天的几件一次"
[[article.callback]]
id = "callback"
after = "archived"
within = "1 day"
merge = { by = "customer", within = "same day" }
"""


@pytest.fixture
def merging(desk):
    return in_force(regulation("made/calls", "回访办法", CALLS, customer="customer"))


def archived(clock, customer):
    case = actions.accept("made/calls", by="alice", facts={"customer": customer})
    clock.wait(minutes=5)
    actions.append(case.number, "archived", by="alice")
    clock.wait(minutes=5)
    return case.number


def states():
    return dict(Obligation.objects.filter(rule="callback").values_list("case__number", "state"))


def test_a_call_is_entered_in_every_case_that_it_serves(
    merging, clock, tmp_path, django_capture_on_commit_callbacks
):
    one, two, strange = archived(clock, "甲"), archived(clock, "甲"), archived(clock, "乙")
    with django_capture_on_commit_callbacks(execute=True):
        actions.append(one, "called_back", by="alice", facts={"verdict": "满意"})
    later = archived(clock, "甲")
    assert states() == {one: "met", two: "met", strange: "open", later: "open"}
    copy = Event.objects.get(case__number=two, event="called_back")
    assert copy.facts == {"verdict": "满意", "merged_from": one}
    assert (copy.actor, copy.meta) == ("alice", {"by": "bihuan"})
    assert load(policy_of(merging.hash), list(Case.objects.filter(customer="甲")))[0] == 1, "one call"
    tick()
    assert Event.objects.filter(event="called_back").count() == 2
    assert verify().whole
    assert rebuild().changed == []
    [folder] = [one for one in export(tmp_path / "out") if "calls" in str(one)]
    numbers = set(Case.objects.values_list("number", flat=True))
    assert replayed_rows(replay_of(folder, int(clock.at.timestamp())), numbers) == desk_rows()


def test_what_a_crash_left_out_is_entered_by_the_next_round(merging, clock):
    one, two = archived(clock, "甲"), archived(clock, "甲")
    actions.append(one, "called_back", by="alice", facts={"verdict": "满意"})
    assert states()[two] == "open", "what follows a commit does not run in this test"
    rebuild()  # forgets nothing
    tick()
    assert states() == {one: "met", two: "met"}
    tick()
    assert not Case.objects.filter(wake_at__lte=clock.at).exists(), "they sleep again"
    assert sharing.share(Case.objects.get(number=one)) == 0


def test_a_case_that_was_over_before_the_call_is_served_though_it_is_entered_after_it(merging, clock):
    one = archived(clock, "甲")
    before = clock.at
    clock.wait(minutes=30)
    actions.append(one, "called_back", by="alice", facts={"verdict": "满意"})
    case = actions.accept("made/calls", by="alice", facts={"customer": "甲"}, at=before)
    actions.append(case.number, "archived", by="alice", at=before)
    tick()
    assert states() == {one: "met", case.number: "met"}


def test_loaded_cases_are_served_too(merging, clock):
    at = int(clock.at.timestamp()) - 300_000
    rows = [
        {"case": case, "event": event, "at": at + after, "customer": "甲", "verdict": verdict}
        for case, event, after, verdict in (
            ("A", "accepted", 0, None),
            ("A", "archived", 60, None),
            ("A", "called_back", 600, "满意"),
            ("B", "accepted", 10, None),
            ("B", "archived", 90, None),
        )
    ]
    actions.load(bihuan.as_log(rows, zone="Asia/Shanghai"), "made/calls", by="admin")
    assert states() == {"A": "met", "B": "overdue"}
    tick()
    assert states() == {"A": "met", "B": "met"}
