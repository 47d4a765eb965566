"""Worked examples of the shipped regulations, brought onto an empty desk: it owes there what a replay says."""

import datetime as dt
from pathlib import Path

import pytest

import bihuan
from bihuan.desk import actions
from bihuan.desk.actions.site import move_in
from bihuan.desk.models import Case, Irregularity
from bihuan.desk.office import office_now
from bihuan.desk.queries import edition_in_force
from bihuan.desk.rebuild import rebuild
from bihuan.desk.tick import tick
from bihuan.engine.examples import told
from bihuan.engine.period import span_of
from bihuan.engine.site import Site
from tests.desk.conftest import ZONE
from tests.desk.test_loading import desk_rows, replayed_rows
from tests.shipped import shipped_examples

pytestmark = pytest.mark.django_db
WRONG = ("kind", "rule", "event", "step", "article", "detail")


@pytest.mark.parametrize(("policy", "example"), shipped_examples())
def test_the_desk_owes_what_a_replay_says(policy, example, clock):
    actions.add_person("admin", "admin", by="admin", administrator=True)
    _, calendars, log, as_of, site, parameters = told(policy, example, bihuan.read_calendars())
    site, clock.at = site or Site(), dt.datetime.fromtimestamp(as_of, dt.UTC)
    actions.settle([Path(policy.path)], Site(), by="admin")
    move_in(site, "admin")
    for name, value in example.set.items():
        actions.set_parameter(policy.id, name, value, by="admin")
    clock.at = drawn_by(policy, clock.at)
    assert actions.load(log, policy.id, by="admin").left_out == {}
    while tick().drawn:
        pass
    outcome = bihuan.replay(policy, calendars, log, int(clock.at.timestamp()), site, parameters)
    numbers = set(Case.objects.values_list("number", flat=True))
    others = {*outcome.obligations["case"], *outcome.callbacks["case"]} - numbers
    assert desk_rows() == replayed_rows(outcome, numbers)
    assert desk_rows(subject=True) == replayed_rows(outcome, others)
    assert rebuild().changed == [], "case by case as in one go"
    assert wrong_at_the_desk() == sorted(
        (row["case"], *(row[name] or "" for name in WRONG)) for row in outcome.irregularities.to_dicts()
    )


def drawn_by(policy, at):
    """When the periods of this day are over and drawn for: a replay draws for those that run, a desk does not."""
    framing = office_now().plan(edition_in_force(policy.id).hash).framing
    day = at.astimezone(ZONE).date()
    over = [span_of(rule.span, day).next for rule in framing.rules] if framing else []
    return max([at, *(dt.datetime.combine(one, dt.time(), ZONE) for one in over)])


def wrong_at_the_desk():
    rows = Irregularity.objects.select_related("case", "subject")
    return sorted(
        (row.case.number if row.case else row.subject.key, *(getattr(row, name) or "" for name in WRONG))
        for row in rows
    )
