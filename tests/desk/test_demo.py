"""The made-up company on a desk: in every state, whole, and judged alike when it is exported and replayed."""

import csv
from functools import partial

import polars as pl
import pytest

import bihuan
from bihuan.cli.init import made_up
from bihuan.cli.serve import accounts
from bihuan.desk import actions, figures
from bihuan.desk.access import obligations_seen
from bihuan.desk.demo import furnish, keep
from bihuan.desk.errors import RefusedError
from bihuan.desk.export import export
from bihuan.desk.models import (
    Case,
    Draw,
    Edition,
    Holding,
    Irregularity,
    Notice,
    Obligation,
    Person,
    Subject,
)
from bihuan.desk.office import policy_of
from bihuan.desk.queries import callbacks
from bihuan.desk.verify import verify
from bihuan.engine.period import before
from tests.desk.test_loading import read_back, replay_of, replayed_rows, told
from tests.desk.test_moving import NOTICE

pytestmark = pytest.mark.django_db
STATES = {"open", "overdue", "met", "late", "void", "unset", "used", "lapsed"}


@pytest.fixture
def empty(db, clock):
    """An empty desk on the Friday before a deadline."""
    clock.set("2026-11-20 16:30")
    return actions.add_person("admin", "admin", by="admin", administrator=True)


def rows_of(edition, subject):
    """What the desk says is owed under an edition, as `replayed_rows` tells it."""
    wanted = {"subject__edition": edition} if subject else {"case__edition": edition}
    found = []
    for row in Obligation.objects.filter(**wanted).select_related("case", "subject"):
        whose = row.subject.key if subject else row.case.number
        found.append((whose, *told(row.kind == "callback", vars(row))))
    return sorted(found, key=str)


def test_the_whole_company_is_in_every_state_and_its_export_is_replayed_to_the_same_result(
    empty, clock, tmp_path, monkeypatch
):
    furnish("admin", password="for the tests")
    there_is_everything(clock.at.date())
    watcher = Person.objects.get(code="marketing1")
    late = obligations_seen(watcher).filter(state="overdue").exclude(unit=None)
    assert late.values("unit").distinct().count() > 3, "who supervises sees the stations"
    folders = export(tmp_path / "out")
    editions = Edition.objects.order_by("policy", "edition")
    assert len(folders) == len(editions) == 3
    for edition, folder in zip(editions, folders, strict=True):
        outcome = replay_of(folder, int(clock.at.timestamp()))
        assert outcome.excluded.height == 0
        numbers = set(Case.objects.filter(edition=edition).values_list("number", flat=True))
        subjects = set(Subject.objects.filter(edition=edition).values_list("key", flat=True))
        assert replayed_rows(outcome, numbers) == rows_of(edition, False)
        assert replayed_rows(outcome, subjects) == rows_of(edition, True)
        the_figures_are_those_of_the_export(edition, folder, clock.at, monkeypatch)
    assert verify().whole


WHOSE = ("indicator", "unit", "group")
SAID = ("period", "numerator", "denominator", "value", "state")


def the_figures_are_those_of_the_export(edition, folder, at, monkeypatch):
    """Of the periods that run and those before; counted in portions, of such cases as can have to do with them."""
    monkeypatch.setattr(figures, "PORTION", 40)
    spans = figures.running(policy_of(edition.hash), at.date())
    if not spans:
        return
    held = figures.taken(edition, spans)
    assert (held["problem"], held["whole"]) == ("", True)
    policy, calendars, log, site, values = read_back(folder)
    for span in spans:
        now, old = (
            bihuan.indicators(policy, calendars, log, int(at.timestamp()), site, values, period=name)
            for name in (span.name, before(span).name)
        )
        mine = [row for row in held["figures"] if row["period"] == span.name]
        assert by_whose(now.figures.to_dicts()) == by_whose(mine)
        then = by_whose(old.figures.to_dicts())
        assert all(row["before"] is None or then[whose_of(row)] == said_of(row["before"]) for row in mine)
        rows = pl.read_parquet(held["behind"]).filter(period=span.name)
        assert rows.height > 20
        wanted = now.behind.filter(period=span.name).select(rows.columns)
        assert sorted(rows.rows(), key=str) == sorted(wanted.rows(), key=str)


def whose_of(row):
    return tuple(row[name] for name in WHOSE)


def said_of(row):
    return tuple(row[name] for name in SAID)


def by_whose(rows):
    return {whose_of(row): said_of(row) for row in rows}


def there_is_everything(today):
    assert set(Obligation.objects.values_list("state", flat=True)) >= STATES
    assert 400 < Case.objects.count() < 700
    assert Obligation.objects.filter(state__in=("open", "overdue"), due_at__date=today).exists()
    assert Obligation.objects.filter(state="overdue").exists()
    assert Obligation.objects.filter(round=2, rule="resolve", state="open").exists()
    assert Irregularity.objects.exists()
    assert Draw.objects.exists()
    assert callbacks(Person.objects.get(code="hotline1"), tried="declined").rows


def test_each_account_belongs_to_somebody_with_a_role_and_opens_the_desk(
    empty, tmp_path, monkeypatch, capsys
):
    path = keep(furnish("admin", password="for the tests", share=0.1), tmp_path)
    assert path.stat().st_mode & 0o077 == 0
    with path.open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert len(told) == 10
    for row in told:
        person = Person.objects.get(code=row["account"])
        assert person.check_password(row["password"])
        assert Holding.objects.filter(person=person).exists()
    others = Person.objects.exclude(code__in=[row["account"] for row in told])
    assert not any(person.has_usable_password() for person in others)
    monkeypatch.setenv("LANGUAGE", "zh")
    accounts(path)
    heads = capsys.readouterr().out.split("─")[0].split()
    assert heads == ["虚构公司的账号", "账号", "密码", "名称", "单位", "岗位"]


def test_a_second_administrator_approves_what_the_first_proposes(empty, tmp_path, monkeypatch):
    monkeypatch.setattr("bihuan.desk.demo.furnish", partial(furnish, share=0.05))
    [table] = made_up("admin", "for the tests", tmp_path)
    first, second = [row["account"] for row in table.rows if not row["unit"]]
    assert Person.objects.get(code=second).check_password("for the tests")
    asked = actions.ask_notice("extra", NOTICE, by=first)
    with pytest.raises(RefusedError):
        actions.approve_notice(asked.id, by=first)
    actions.approve_notice(asked.id, by=second)
    assert Notice.objects.filter(name="extra").exists()
