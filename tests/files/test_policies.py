"""Is the policy found that a name means, and the edition that a day means?"""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from bihuan.engine.errors import CallError, PolicyError
from bihuan.files.policies import (
    edition_on,
    find_policy,
    findings,
    policy_ids,
    read_editions,
    read_policy,
    read_toml,
)

SOUND = Path(__file__).parent.parent / "broken" / "sound.toml"


@pytest.fixture
def shelf(tmp_path):
    """Two regulations of one name, one of them in two editions and a draft."""
    for industry in ("power", "bank"):
        (tmp_path / industry / "callback").mkdir(parents=True)
        shutil.copy(SOUND, tmp_path / industry / "callback" / "2020-01-01.toml")
    (tmp_path / "power" / "visit").mkdir()
    editions = {
        "2010-05-01": ("2010-05-01\nuntil = 2014-12-31", "in force"),
        "2015-01-01": ("2015-01-01", "in force"),
        "2030-01-01": ("2030-01-01", "proposed"),
    }
    for name, (edition, status) in editions.items():
        text = SOUND.read_text("utf-8").replace("edition = 2020-01-01", f"edition = {edition}")
        text = text.replace("in force", status).replace("test/callback", "power/visit")
        (tmp_path / "power" / "visit" / f"{name}.toml").write_text(text, "utf-8")
    return tmp_path


def test_a_policy_is_found_by_id_by_its_last_part_or_by_path(shelf):
    assert policy_ids(shelf) == ("bank/callback", "power/callback", "power/visit")
    for name in (
        "power/visit",
        "visit",
        shelf / "power" / "visit",
        shelf / "power" / "visit" / "2015-01-01.toml",
    ):
        assert read_policy(name, root=shelf).header.edition == dt.date(2015, 1, 1)


def test_a_name_of_two_policies_and_a_mistyped_one_are_refused_with_a_hint(shelf):
    with pytest.raises(CallError, match="bank/callback, power/callback"):
        read_policy("callback", root=shelf)
    with pytest.raises(CallError, match="Did you mean `visit`"):
        read_policy("visitt", root=shelf)
    with pytest.raises(CallError, match="Known: bank/callback"):
        read_policy("zzz", root=shelf)


@pytest.mark.parametrize(
    ("day", "edition"),
    [((2010, 5, 1), (2010, 5, 1)), ((2014, 12, 31), (2010, 5, 1)), ((2015, 1, 1), (2015, 1, 1))],
)
def test_the_edition_is_the_one_in_force_on_the_day(shelf, day, edition):
    assert read_policy("visit", dt.date(*day), root=shelf).header.edition == dt.date(*edition)


def test_a_day_before_the_first_edition_is_refused(shelf):
    with pytest.raises(CallError, match="2010-04-30"):
        edition_on(read_editions("visit", shelf), dt.date(2010, 4, 30))


def test_a_text_not_in_force_judges_only_as_a_draft(shelf):
    draft = shelf / "power" / "visit" / "2030-01-01.toml"
    assert read_policy(draft).header.status == "proposed"
    with pytest.raises(CallError, match="--draft"):
        read_policy(draft, draft=False)


def test_an_edition_of_unknown_date_judges_where_it_is_the_only_one(tmp_path):
    path = tmp_path / "unknown.toml"
    path.write_text(SOUND.read_text("utf-8").replace("edition = 2020-01-01", 'edition = "unknown"'), "utf-8")
    assert edition_on([read_policy(path)], dt.date(1990, 1, 1)).header.edition is None


def test_a_file_that_is_no_toml_says_line_and_column(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("[policy]\nid = \n", "utf-8")
    with pytest.raises(PolicyError, match=r"this is not TOML: .*line 2"):
        read_toml(path)
    assert [each.code for each in findings(path)] == ["toml"]
    path.write_bytes(b"\xb1\xb2")
    assert [each.code for each in findings(path)] == ["encoding"]
    with pytest.raises(CallError, match="no such file"):
        read_toml(tmp_path / "y.toml")


def test_installed_policies_stand_beside_the_shipped_ones_and_hide_their_namesakes(tmp_path, monkeypatch):
    shipped = find_policy("power/tianjin-callback")
    for name in ("power/tianjin-callback", "water/hotline"):
        (tmp_path / name).mkdir(parents=True)
        copy = next(shipped.glob("*.toml")).read_text("utf-8").replace("power/tianjin-callback", name)
        (tmp_path / name / "unknown.toml").write_text(copy, "utf-8")
    assert "water/hotline" not in policy_ids()
    monkeypatch.setenv("BIHUAN_POLICIES", str(tmp_path))
    assert "water/hotline" in policy_ids()
    assert find_policy("hotline") == tmp_path / "water/hotline"
    assert find_policy("tianjin-callback") == tmp_path / "power/tianjin-callback"
    assert read_policy("hotline").id == "water/hotline"
