"""A desk that begins with the folder a replay is given: what it takes, what it refuses, what a failure leaves."""

import os
import subprocess
from pathlib import Path

import polars as pl
import pytest

import bihuan
from bihuan.desk import actions
from bihuan.desk.errors import RefusedError
from bihuan.desk.export import write_site
from bihuan.desk.models import Edition, Entry, Person, Unit
from bihuan.desk.office import office_now
from bihuan.engine.site import Site
from bihuan.files.site import read_site
from tests.desk.conftest import BIHUAN

EXAMPLE = Path(__file__).parents[2] / "examples" / "helpdesk"
POLICY = EXAMPLE / "policy" / "unknown.toml"
FILES = {
    "units.csv": "unit,parent\n东站,供电公司\n供电公司,\n",
    "people.csv": "person,role,unit,since,until\n陈一,handler,东站,2026-01-01,\n陈一,head,供电公司,,2026-06-30\n林二,head,,,\n",
    "deputies.csv": "person,deputy,since,until\n陈一,周三,2026-02-01,2026-02-10\n",
    "registers/stations.csv": "subject,since,until,voltage\n一号站,2026-01-01,,10\n二号站,2026-01-01,2026-03-31,35\n",
    "pay.csv": "party,month,amount\n陈一,2026-01,5000.50\n",
    "calendars/own.toml": '[calendar]\nname = "own"\ntitle = "八点上班"\nbased_on = "cn"\nhours = ["08:00-16:00"]\n',
    "calendars/storm.toml": '[[notice]]\ntitle = "停工"\ncalendar = "own"\n[notice.off]\n"停工" = [2026-08-12]\n',
    "site.toml": '[parameters]\nresponse_limit = "6 working hours"\n',
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db):
    return actions.add_person("admin", "admin", by="admin", administrator=True)


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (path := tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    calendar = (EXAMPLE / "site" / "calendars" / "helpdesk-it.toml").read_text("utf-8")
    (tmp_path / "site" / "calendars" / "helpdesk-it.toml").write_text(calendar, "utf-8")
    return tmp_path / "site"


def test_a_desk_exports_the_site_that_it_was_given(admin, folder, tmp_path):
    given = read_site(folder)
    actions.settle([POLICY], given, by="admin")
    write_site(tmp_path / "again", office_now(), bihuan.read_policy(POLICY).id)
    again = read_site(tmp_path / "again")
    for name in ("people", "deputies", "pay"):
        assert getattr(again, name).equals(getattr(given, name)), name
    assert again.units.sort("unit").equals(given.units.sort("unit"))
    assert again.registers["stations"].equals(given.registers["stations"])
    assert again.parameters == given.parameters
    assert "own" in office_now().calendars()
    assert Unit.objects.get(name="东站").parent.name == "供电公司"
    assert Person.objects.get(code="陈一").unit.name == "东站"
    assert not Person.objects.get(code="周三").has_usable_password()
    assert Edition.objects.get().in_force


def test_a_regulation_whose_calendar_the_desk_lacks_is_not_put_in_force(admin):
    edition = actions.install(POLICY.read_text("utf-8"), by="admin")
    with pytest.raises(RefusedError, match="'helpdesk-it'"):
        actions.put_in_force(edition.hash, by="admin")
    assert not Edition.objects.get().in_force
    actions.settle([], Site(notices=(str(EXAMPLE / "site" / "calendars" / "helpdesk-it.toml"),)), by="admin")
    actions.put_in_force(edition.hash, by="admin")
    assert Edition.objects.get().in_force


def test_units_that_only_people_name_stand_by_themselves(admin):
    people = pl.DataFrame(
        {"person": ["甲"], "role": ["head"], "unit": ["北站"], "since": [None], "until": [None]}
    )
    actions.settle([], Site(people=people), by="admin")
    assert Unit.objects.get().name == "北站"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("site.toml", '[parameters]\nnobodys = "1 day"\n', "nobodys"),
        ("calendars/own.toml", '[calendar]\nname = "own"\ntitle = "x"\nbased_on = "none"\n', "none"),
    ],
)
def test_a_site_that_cannot_be_used_leaves_nothing(admin, folder, name, text, found):
    before = Entry.objects.count()
    (folder / name).write_text(text, "utf-8")
    site = read_site(folder)
    with pytest.raises(RefusedError, match=found):
        actions.settle([POLICY], site, by="admin")
    assert Entry.objects.count() == before


def test_a_desk_that_could_not_be_made_is_made_the_next_time(folder, tmp_path):
    env = {name: value for name, value in os.environ.items() if not name.startswith("BIHUAN_")}
    env |= {"BIHUAN_HOME": str(tmp_path / "desk"), "DATABASE_URL": "", "LANGUAGE": "en"}

    def init(*arguments):
        return subprocess.run([BIHUAN, "init", *arguments], env=env, capture_output=True, text=True)

    misspelt = init("--policy", "nobodys")
    assert (misspelt.returncode, "no policy 'nobodys'" in misspelt.stderr) == (2, True)
    without = init("--policy", str(POLICY))
    assert without.returncode != 0
    assert "helpdesk-it" in without.stderr
    made = init("--policy", str(POLICY), "--site", str(folder))
    assert made.returncode == 0, made.stderr
    assert "password" in made.stdout
