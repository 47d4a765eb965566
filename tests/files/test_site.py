"""A site: the folder in which an installation says who it is."""

import datetime
from decimal import Decimal

import pytest

from bihuan.engine.errors import LogError
from bihuan.files.site import read_site

FILES = {
    "units.csv": "unit,parent\n市公司,\n城东,市公司\n",
    "people.csv": "person,role,unit,since,until\nAlice,centre,市公司,2026-01-01,\nBob,unit,城东,,2026/6/30\n",
    "deputies.csv": "person,deputy,since,until\nAlice,Bob,2026-05-01,2026-05-31\n",
    "pay.csv": "party,month,amount\nBob,2026-10,5200.50\n",
    "registers/station.csv": "subject,since,until,certified\n城东站,2026-01-01,2026-06-30,true\n城东站,2026-07-01,,false\n",
    "site.toml": '[parameters]\n"contact.within" = "2 hours"\n',
    "calendars/local.toml": "",
}
DAY = datetime.date


def site(folder, **changed):
    for name, text in (FILES | {key.replace("__", "."): text for key, text in changed.items()}).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return read_site(folder)


def test_a_site_is_read_into_tables(tmp_path):
    found = site(tmp_path)
    assert found.units.rows() == [("市公司", None), ("城东", "市公司")]
    assert found.people.rows() == [
        ("Alice", "centre", "市公司", DAY(2026, 1, 1), None),
        ("Bob", "unit", "城东", None, DAY(2026, 6, 30)),
    ]
    assert found.deputies.rows() == [("Alice", "Bob", DAY(2026, 5, 1), DAY(2026, 5, 31))]
    assert found.pay.rows() == [("Bob", DAY(2026, 10, 1), Decimal("5200.50"))]
    assert found.registers["station"].rows()[1] == ("城东站", DAY(2026, 7, 1), None, "false")
    assert found.parameters == {"contact.within": "2 hours"}
    assert [path.rsplit("/", 1)[1] for path in found.notices] == ["local.toml"]


def test_every_file_of_a_site_may_be_missing(tmp_path):
    found = read_site(tmp_path)
    assert (found.people.height, found.registers, found.parameters) == (0, {}, {})
    with pytest.raises(LogError, match="a site is a folder"):
        read_site(tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "units__csv",
            "unit,parent\n城东,总公司\n",
            "units.csv:2: parent: found '总公司', which is not in units",
        ),
        ("units__csv", "unit,parent\n甲,乙\n乙,甲\n", "above itself; expected a tree"),
        ("units__csv", "unit,parent\n甲,\n甲,\n", "units.csv:2: unit: found '甲', expected each unit once"),
        ("units__csv", "parent\n甲\n", "no column 'unit'"),
        ("people__csv", "person,rôle,unit\nAlice,centre,城东\n", "unknown column 'rôle'; did you mean role"),
        (
            "people__csv",
            "person,role,unit\nAlice,,城东\n",
            "people.csv:2: role: found None, expected a value",
        ),
        (
            "people__csv",
            "person,role,unit,since\nA,b,城东,2026-02-30\n",
            "since: found '2026-02-30', expected a date",
        ),
        ("people__csv", "person,role,unit\nAlice,centre,城冬\n", "found '城冬', which is not in units"),
        (
            "deputies__csv",
            "person,deputy,since,until\nAlice,Bob,2026-05-01,2026-04-01\n",
            "expected a day not before since",
        ),
        ("deputies__csv", "person,deputy\nAlise,Bob\n", "not in people; did you mean Alice"),
        ("pay__csv", "party,month,amount\nBob,2026-10,much\n", "amount: found 'much', expected an amount"),
        (
            "pay__csv",
            "party,month,amount\nBob,2026-10,1\nBob,2026/10,2\n",
            "one amount for each party and month",
        ),
        (
            "registers/station__csv",
            "subject,since\n甲,2026-01-01\n甲,2026-02-01\n",
            "station.csv:3: .*do not overlap",
        ),
        ("site__toml", "[parameter]\n", "unknown key 'parameter'; did you mean parameters"),
        ("site__toml", 'calendars = ["none.toml"]\n', "there is no file"),
        ("poeple__csv", "person\n", "no meaning; did you mean people.csv"),
    ],
)
def test_each_mistake_says_file_line_what_was_found_and_what_was_expected(tmp_path, name, text, said):
    with pytest.raises(LogError, match=said):
        site(tmp_path, **{name: text})


def test_all_mistakes_are_told_at_once(tmp_path):
    with pytest.raises(LogError) as error:
        site(tmp_path, pay__csv="party,month,amount\nBob,x,y\n", units__csv="unit,parent\n甲,乙\n")
    assert (
        str(error.value).count("\n") == 5
    )  # two cells of pay, a parent, and two people in units that are gone
