"""Do administrators keep people, units and registers, everybody else only look at themselves, and leavers hand over?"""

import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bihuan.desk import actions
from bihuan.desk.models import Case, Deputy, Entry, Event, Holding, Person, Registered, Unit
from bihuan.desk.queries import SIZE
from tests.desk.conftest import edition_text, in_force, minded_text

GOOD = "long enough to be one"


def hidden(answer, prefix=""):
    """The hidden fields of the form with this prefix."""
    text = answer.content.decode()
    found = dict(re.findall(rf'<input type="hidden" name="{prefix}(key|seen|version)" value="([^"]*)"', text))
    return {prefix + name: value for name, value in found.items()}


def do(client, code, what, **said):
    address = f"/people/at/{code}/"
    form = hidden(client.get(address), f"{what}-")
    return client.post(
        address, {"do": what, **form, **{f"{what}-{name}": value for name, value in said.items()}}
    )


@pytest.mark.parametrize("address", ["", "new/", "unit/", "registers/", "handover/", "at/alice/"])
def test_whoever_is_no_administrator_is_refused(as_person, desk, address):
    assert as_person("bob").get(f"/people/{address}").status_code == 403


def test_everybody_sees_their_own_page_and_changes_nothing_there(as_person, desk):
    bob = as_person("bob")
    page = bob.get("/people/at/bob/")
    assert "龙水供电所" in page.content.decode()
    assert 'name="do"' not in page.content.decode()
    assert bob.post("/people/at/bob/", {"do": "administrator"}).status_code == 403
    assert not Person.objects.get(code="bob").is_administrator


def test_the_tree_shows_people_under_their_units(as_person, desk):
    page = as_person("admin").get("/people/").content.decode()
    assert page.index("公司") < page.index("龙水供电所") < page.index("Bob")


def test_people_whose_account_is_closed_are_folded(as_person, desk):
    """They are still there, for their pages say what was theirs; and nobody else is in the fold."""
    for code in ("bob", "charlie"):
        actions.deactivate(code, by="admin")
    actions.add_person("erin", "Erin", None, by="admin")
    actions.deactivate("erin", by="admin")
    page = as_person("admin").get("/people/").content.decode()
    folds = re.findall(r"<details><summary[^>]*>([^<]*)</summary>(.*?)</details>", page, re.S)
    assert [(said, re.findall(r"/people/at/([a-z]+)/", fold)) for said, fold in folds] == [
        ("账号停用:1", ["bob"]), ("账号停用:1", ["charlie"]), ("账号停用:1", ["erin"]),
    ]  # fmt: skip
    assert len(re.findall(r"/people/at/bob/", page)) == 1
    assert "/people/at/alice/" in page


def test_the_tree_names_the_roles_held_today_and_asks_no_more_often_for_more_people(as_person, desk):
    admin = as_person("admin")
    admin.get("/people/")
    with CaptureQueriesContext(connection) as before:
        page = admin.get("/people/").content.decode()
    rows = dict(re.findall(r'/people/at/([^/]+)/">(.*?)</li>', page))
    assert rows["bob"].endswith("基层单位")
    for n in range(3):
        actions.add_person(f"new{n}", f"新人{n}", "石桥供电所", by="admin")
        actions.grant(f"new{n}", "unit_staff", "龙水供电所", by="admin")
    actions.grant("new0", "team_leader", "石桥供电所", by="admin", until=dt.date(2020, 1, 1))
    with CaptureQueriesContext(connection) as after:
        page = admin.get("/people/").content.decode()
    rows = dict(re.findall(r'/people/at/([^/]+)/">(.*?)</li>', page))
    assert rows["new0"].endswith("</span> 基层单位 → 龙水供电所"), "a role that ended is not named"
    assert len(after) == len(before)


def test_a_role_that_somebody_holds_twice_is_named_once(as_person, desk):
    """As after a handover between two of the same office."""
    actions.grant("bob", "unit_staff", "龙水供电所", by="admin")
    page = as_person("admin").get("/people/").content.decode()
    rows = dict(re.findall(r'/people/at/([^/]+)/">(.*?)</li>', page))
    assert rows["bob"].count("基层单位") == 1


def test_a_role_that_a_fact_names_is_told_by_its_label(as_person, desk):
    """Such a role can be held all the same, as a site that was loaded says; it is not offered to be given."""
    in_force(edition_text("telecom/telecom-install-service"))
    actions.grant("bob", "technician", "龙水供电所", by="admin")
    admin = as_person("admin")
    for address in ("/people/", "/people/at/bob/"):
        page = admin.get(address).content.decode()
        assert "装维人员" in page
        assert "technician" not in page


def test_a_person_is_added_once(as_person, desk):
    admin = as_person("admin")
    unit = Unit.objects.get(name="石桥供电所")
    said = {
        "code": "erin",
        "name": "艾琳",
        "unit": unit.pk,
        "password": GOOD,
        **hidden(admin.get("/people/new/")),
    }
    for _ in range(2):
        assert admin.post("/people/new/", said).status_code == 302
    erin = Person.objects.get(code="erin")
    assert (erin.unit, erin.check_password(GOOD)) == (unit, True)
    assert Entry.objects.filter(kind="person", about="erin").count() == 1
    assert GOOD not in str(list(Entry.objects.values_list("content", flat=True)))


@pytest.mark.parametrize(
    "wrong", [{"code": "alice"}, {"password": "12345678"}, {"code": "two words"}, {"name": "长" * 151}]
)
def test_a_person_who_cannot_be_added_is_told_and_kept(as_person, desk, wrong):
    admin = as_person("admin")
    said = {"code": "erin", "name": "艾琳", "password": GOOD, **hidden(admin.get("/people/new/")), **wrong}
    answer = admin.post("/people/new/", said)
    assert answer.status_code == 409
    assert said["name"] in answer.content.decode()
    assert Person.objects.count() == 5


def test_a_unit_is_added_and_cannot_be_put_under_its_own(as_person, desk):
    admin = as_person("admin")
    above = Unit.objects.get(name="石桥供电所")
    said = {"name": "石桥一班", "parent": above.pk, **hidden(admin.get("/people/unit/"))}
    assert admin.post("/people/unit/", said).status_code == 302
    below = Unit.objects.get(name="石桥一班")
    said = {"name": "石桥供电所", "parent": below.pk, **hidden(admin.get("/people/unit/"))}
    answer = admin.post("/people/unit/", said)
    assert answer.status_code == 409
    assert "石桥供电所" in answer.content.decode()


def test_roles_and_deputies_are_given_and_end(as_person, desk):
    admin = as_person("admin")
    unit = Unit.objects.get(name="龙水供电所")
    assert do(admin, "bob", "grant", role="marketing", unit=unit.pk, since="2025-09-01").status_code == 302
    held = Holding.objects.get(person__code="bob", role="marketing")
    assert (held.unit, str(held.since)) == (unit, "2025-09-01")
    assert do(admin, "bob", "end_role", row=held.pk, until="2025-12-31").status_code == 302
    held.refresh_from_db()
    assert str(held.until) == "2025-12-31"
    other = Person.objects.get(code="charlie")
    assert do(admin, "bob", "deputy", deputy=other.pk, until="2025-10-01").status_code == 302
    row = Deputy.objects.get(person__code="bob")
    assert do(admin, "bob", "end_deputy", row=row.pk, until="2025-09-20").status_code == 302
    assert str(Deputy.objects.get().until) == "2025-09-20"


def test_a_spell_that_ends_before_it_begins_is_told_and_kept(as_person, desk):
    answer = do(as_person("admin"), "bob", "grant", role="marketing", since="2025-10-02", until="2025-10-01")
    assert answer.status_code == 409
    assert "2025-10-02" in answer.content.decode()


def test_a_role_of_somebody_else_cannot_be_ended_here(as_person, desk):
    held = Holding.objects.filter(person__code="alice").first()
    assert do(as_person("admin"), "bob", "end_role", row=held.pk, until="2025-12-31").status_code == 409
    assert Holding.objects.get(pk=held.pk).until is None


def test_a_password_is_set_and_has_to_be_changed(as_person, desk):
    admin = as_person("admin")
    assert do(admin, "bob", "password", password="bob").status_code == 409
    assert do(admin, "bob", "password", password=GOOD).status_code == 302
    bob = Person.objects.get(code="bob")
    assert bob.check_password(GOOD)
    assert bob.must_change
    assert GOOD not in str(list(Entry.objects.values_list("content", flat=True)))


def test_tokens_live_on_unless_they_are_to_go_with_the_password(as_person, desk):
    admin = as_person("admin")
    assert "password-revoke" not in admin.get("/people/at/bob/").content.decode(), "there are none"
    made, _text = actions.make_token("bob", "read", by="admin")
    assert "password-revoke" in admin.get("/people/at/bob/").content.decode()
    assert do(admin, "bob", "password", password=GOOD).status_code == 302
    assert actions.open_tokens("bob") == [made]
    assert do(admin, "bob", "password", password=GOOD, revoke="on").status_code == 302
    assert actions.open_tokens("bob") == []
    assert Entry.objects.filter(kind="token_revoked", about="bob").count() == 1


def test_no_role_is_given_that_nobody_chose(as_person, desk):
    page = as_person("admin").get("/people/at/charlie/").content.decode()
    first = re.findall(r'<select[^>]*name="grant-role".*?<option value="([^"]*)"', page, re.S)
    assert first[0] == ""
    answer = do(as_person("admin"), "charlie", "grant", role="")
    assert answer.status_code == 409


def test_the_last_administrator_stays(as_person, desk):
    admin = as_person("admin")
    for what in ("administrator", "close"):
        assert do(admin, "admin", what).status_code == 409
    assert do(admin, "dana", "administrator").status_code == 302
    assert do(admin, "admin", "close").status_code == 302
    assert not Person.objects.get(code="admin").is_active


def test_a_register_is_kept(as_person, desk):
    admin, address = as_person("admin"), "/people/registers/"
    said = {
        "register": "unit",
        "subject": "龙水供电所",
        "facts": "staff = 12\nkind = 城镇",
        **hidden(admin.get(address)),
    }
    assert admin.post(address, said).status_code == 302
    row = Registered.objects.get()
    assert row.facts == {"staff": 12, "kind": "城镇"}
    assert '<span class="quiet">staff</span> 12' in admin.get(address + "?register=unit").content.decode()
    assert admin.post(f"{address}{row.pk}/end/", {"until": "not a day"}, follow=True).status_code == 200
    assert Registered.objects.get().until is None
    admin.post(f"{address}{row.pk}/end/", {"until": "2025-12-31"})
    assert str(Registered.objects.get().until) == "2025-12-31"


def test_a_long_register_goes_on_after_a_subject_that_is_no_date(as_person, desk):
    admin = Person.objects.get(code="admin")
    for n in range(SIZE + 1):
        actions.add_subject("unit", f"第{n:03}号台区", {}, by=admin)
    first = as_person("admin").get("/people/registers/").content.decode()
    assert ("第049号台区" in first, "第050号台区" in first) == (True, False)
    address = html.unescape(re.findall(r'href="([^"]*after=[^"]*)"', first)[0])
    further = as_person("admin").get(address).content.decode()
    assert ("第049号台区" in further, "第050号台区" in further) == (False, True)


def test_a_number_that_no_table_holds_is_kept_as_text_and_the_desk_goes_on(as_person, case):
    """Every case is judged by tables of the registers: a number without end must not stop them all."""
    admin, address = as_person("admin"), "/people/registers/"
    facts = f"rate = NaN\nstaff = {'9' * 400}"
    said = {"register": "unit", "subject": "龙水供电所", "facts": facts, **hidden(admin.get(address))}
    assert admin.post(address, said).status_code == 302
    actions.append(case.number, "urged", by="alice")
    page = admin.get(f"{address}?named=龙水").content.decode()
    assert "NaN" in page
    assert "NaN" not in admin.get(f"{address}?named=石桥").content.decode()


def test_what_is_known_of_a_subject_is_told_by_its_labels(as_person, desk):
    in_force(edition_text("power/tianjin-callback"))
    actions.add_subject("customer", "刘女士0042", {"customer_kv": 10, "trade": "resident"}, by="admin")
    page = as_person("admin").get("/people/registers/").content.decode()
    assert "客户电压等级 (kV)" in page
    assert "居民" in page
    assert "customer_kv" not in page


def test_facts_that_cannot_be_read_are_told_and_kept(as_person, desk):
    admin, address = as_person("admin"), "/people/registers/"
    said = {"register": "unit", "subject": "龙水", "facts": "staff 12", **hidden(admin.get(address))}
    answer = admin.post(address, said)
    assert answer.status_code == 409
    assert "staff 12" in answer.content.decode()
    assert not Registered.objects.exists()


@pytest.fixture
def named(case, clock):
    """A case that names Bob."""
    clock.wait(minutes=1)
    edition = actions.install(minded_text(), by="admin")
    actions.move(case.number, edition.hash, by="admin", reason="试行")
    actions.append(case.number, "urged", by="alice", facts={"minder": "bob", "responsible": "bob"})
    return case


def test_somebody_hands_over_after_a_look_and_once(as_person, named):
    admin, address = as_person("admin"), "/people/handover/"
    said = {"person": "bob", "to": "charlie", "reason": "调走", **hidden(admin.get(address))}
    looked = admin.post(address, said)
    assert named.number in looked.content.decode()
    assert Person.objects.get(code="bob").is_active
    assert admin.post(address, said | hidden(looked)).status_code == 302
    assert not Person.objects.get(code="bob").is_active
    assert Holding.objects.filter(person__code="charlie", unit__name="龙水供电所").exists()
    last = Event.objects.filter(case=named).order_by("-seq").first()
    assert (last.event, last.facts) == ("handed_over", {"minder": "charlie"})  # who is to blame stays so


def test_nobody_hands_over_to_themselves(as_person, desk):
    admin, address = as_person("admin"), "/people/handover/"
    said = {"person": "bob", "to": "bob", "reason": "写错了", **hidden(admin.get(address))}
    answer = admin.post(address, said)
    assert answer.status_code == 409
    assert "写错了" in answer.content.decode()


def test_what_goes_is_looked_up_in_as_many_questions_for_many_cases(as_person, named):
    def asked():
        with CaptureQueriesContext(connection) as found:
            actions.preview_handover("bob")
        return len(found)

    first = asked()
    for _ in range(3):
        actions.accept(
            "power/dazu-complaint-assessment", by="alice", facts={"channel": "hotline", "responsible": "bob"}
        )
    assert Case.objects.count() == 4
    assert asked() == first


def test_the_pages_ask_no_more_often_for_more_people_roles_and_subjects(as_person, desk):
    admin = as_person("admin")
    pages = ("/people/", "/people/at/bob/", "/people/registers/")
    first = [questions(admin, page) for page in pages]
    for number in range(3):
        actions.add_unit(f"班{number}", "公司", by="admin")
        actions.add_person(f"p{number}", f"某{number}", f"班{number}", by="admin")
        actions.grant("bob", "marketing", f"班{number}", by="admin")
        actions.add_deputy("bob", f"p{number}", by="admin")
        actions.add_subject("unit", f"班{number}", by="admin")
    assert [questions(admin, page) for page in pages] == first


def questions(client, page):
    client.get(page)
    with CaptureQueriesContext(connection) as found:
        assert client.get(page).status_code == 200
    return len(found)


def test_both_languages(as_person, desk):
    admin = as_person("admin")
    pages = ("/people/", "/people/at/bob/", "/people/registers/", "/people/handover/")
    english = ("People and units", "Deputies", "Registers", "Somebody leaves")
    for page, said in zip(pages, english, strict=True):
        assert said not in admin.get(page).content.decode()
    admin.post("/language/", {"language": "en", "next": "/"})
    for page, said in zip(pages, english, strict=True):
        assert said in admin.get(page).content.decode()
