"""Can everybody read a regulation beside its rules, and only an administrator change what judges, after looking?"""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

import bihuan
from bihuan.desk import actions
from bihuan.desk.models import Edition, Entry, Obligation, Setting
from bihuan.desk.pages.regulations import set_one
from bihuan.engine.parameters import parameter_values
from tests.desk.conftest import POLICY, edition_text


def fields_of(answer):
    return dict(
        re.findall(r'<input type="hidden" name="(key|seen)" value="([^"]*)"', answer.content.decode())
    )


def draft_of(text):
    """The regulation with a longer first contact and a day of its own."""
    changed = text.replace('edition = "unknown"', "edition = 2025-10-01").replace('"1 hour"', '"5 hours"')
    assert changed != text
    return changed


def test_everybody_reads_the_articles_beside_their_rules(as_person, desk):
    page = as_person("bob").get(f"/regulations/{desk.pk}/").content.decode()
    assert "第十四条" in page
    assert "opinion_due" in page
    assert "附件一" in page
    assert '<code>late-handling</code> <span class="quiet">责任方</span>' in page, "who owed it, in words"
    assert "parameters/opinion_due" not in page, "only an administrator is offered to set it"


def test_missing_parameters_come_first(as_person, desk):
    page = as_person("admin").get(f"/regulations/{desk.pk}/").content.decode()
    names = re.findall(r"/parameters/([^/]+)/", page)
    assert names.index("opinion_due") < names.index("dispatch_start")


@pytest.mark.parametrize(
    "address",
    ["new/", "{pk}/compare/", "{pk}/in-force/", "{pk}/parameters/opinion_due/"],
)
def test_whoever_is_no_administrator_is_refused(as_person, desk, address):
    assert as_person("dana").get("/regulations/" + address.format(pk=desk.pk)).status_code == 403


def test_a_parameter_is_set_once_and_only_after_looking(as_person, desk, case):
    admin, address = as_person("admin"), f"/regulations/{desk.pk}/parameters/dispatch_start/"
    said = {"value": "ticket_made", "reason": "按建单起算", **fields_of(admin.get(address))}
    looked = admin.post(address, said)
    assert looked.status_code == 200
    assert not Setting.objects.exists()
    said |= fields_of(looked)
    for _ in range(2):
        assert admin.post(address, said).status_code == 302
    assert Setting.objects.get().value == "ticket_made"
    assert Entry.objects.filter(kind="parameter").count() == 1


def test_what_would_move_is_what_moves(as_person, desk, case):
    """The hour to dispatch is counted from the acceptance; as a limit of five hours it ends later."""
    admin = as_person("admin")
    name = next(
        f"{row.rule}.within"
        for row in Obligation.objects.filter(case=case, due_at__isnull=False, allowed="1 hour")
    )
    address = f"/regulations/{desk.pk}/parameters/{name}/"
    said = {"value": "5 hours", "reason": "试一试", **fields_of(admin.get(address))}
    page = admin.post(address, said)
    assert case.number in page.content.decode()
    said |= fields_of(page)
    before = dict(Obligation.objects.values_list("pk", "due_at"))
    assert admin.post(address, said).status_code == 302
    moved = [pk for pk, due in Obligation.objects.values_list("pk", "due_at") if before.get(pk) != due]
    assert moved


def test_another_value_than_the_one_looked_at_is_looked_at_first(as_person, desk):
    admin, address = as_person("admin"), f"/regulations/{desk.pk}/parameters/dispatch_start/"
    said = {"value": "ticket_made", "reason": "一", **fields_of(admin.get(address))}
    said |= fields_of(admin.post(address, said))
    assert admin.post(address, said | {"value": "team_reviewed"}).status_code == 200
    assert not Setting.objects.exists()


def test_a_value_outside_its_bounds_is_told_and_kept(as_person, desk):
    admin, address = as_person("admin"), f"/regulations/{desk.pk}/parameters/pay_kept/"
    said = {"value": "-7", "reason": "不行的", **fields_of(admin.get(address))}
    answer = admin.post(address, said)
    assert answer.status_code == 409
    assert 'value="-7"' in answer.content.decode()
    assert "不行的" in answer.content.decode()
    assert not Setting.objects.exists()


def test_what_may_be_typed_for_a_limit_is_said_and_what_was_set_in_words(as_person, desk):
    admin, address = as_person("admin"), f"/regulations/{desk.pk}/parameters/first-contact.within/"
    page = admin.get(address)
    assert "如 3 个工作日" in page.content.decode()
    assert "2026-01-31" not in page.content.decode(), "no day can stand here"
    said = {"value": "2 hours", "reason": "公司规定", **fields_of(page)}
    said |= fields_of(admin.post(address, said))
    told = admin.post(address, said, follow=True).content.decode()
    assert "开始处理时第一时间联系客户,无数字:已设定" in told, "what was set is said in words"


def test_a_word_that_is_no_limit_is_refused(as_person, desk):
    admin, address = as_person("admin"), f"/regulations/{desk.pk}/parameters/first-contact.within/"
    answer = admin.post(address, {"value": "尽快", "reason": "一", **fields_of(admin.get(address))})
    assert answer.status_code == 409
    assert "parameter first-contact" not in answer.content.decode()


def test_an_uploaded_draft_is_compared_over_the_desk_s_cases_and_put_in_force(as_person, desk, case, clock):
    clock.wait(hours=3)
    admin = as_person("admin")
    form = fields_of(admin.get("/regulations/new/"))
    answer = admin.post("/regulations/new/", {"text": draft_of(edition_text()), **form})
    assert answer.status_code == 302, answer.content.decode()
    draft = Edition.objects.get(in_force=False)
    page = admin.get(f"/regulations/{draft.pk}/compare/").content.decode()
    assert "台上什么都不变" in page, "what the button does is said before it is pressed"
    page = admin.get(f"/regulations/{draft.pk}/compare/?against={desk.pk}&since=2025-01-01").content.decode()
    assert case.number in page
    assert "2025-09-08" in page
    assert "台上什么都不变" not in page
    assert '<td class="number" data-head="应办件数"><span class="quiet">1</span></td>' in page, (
        "the same twice"
    )
    assert '<td class="number" data-head="有差别的件数">1</td>' in page
    assert "1 → <strong>0</strong>" in page, "overdue until now, not under the draft"
    put = f"/regulations/{draft.pk}/in-force/"
    answer = admin.post(put, {"since": "2025-10-01", **fields_of(admin.get(put))})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert (draft.in_force, str(draft.since)) == (True, "2025-10-01")
    assert actions.accept(POLICY, by="alice", facts={"channel": "hotline"}).edition == desk
    clock.set("2025-10-02 09:00")
    assert actions.accept(POLICY, by="alice", facts={"channel": "hotline"}).edition == draft


@pytest.mark.parametrize(("edition", "first"), [("2027-01-01", "2027-01-01"), ("2025-01-01", "2025-09-08")])
def test_an_edition_of_a_coming_day_is_put_in_force_from_that_day(as_person, desk, edition, first):
    text = edition_text().replace('edition = "unknown"', f"edition = {edition}")
    draft = actions.install(text, by="admin")
    page = as_person("admin").get(f"/regulations/{draft.pk}/in-force/").content.decode()
    assert f'name="since" value="{first}"' in page
    page = as_person("admin").get(f"/regulations/{desk.pk}/in-force/").content.decode()
    assert 'name="since" value' not in page, (
        "what has been in force for ever is not by accident so from today"
    )


def test_a_draft_begins_with_the_text_of_an_edition(as_person, desk):
    admin = as_person("admin")
    link = re.findall(
        r'href="(/regulations/new/\?from=\d+)"', admin.get(f"/regulations/{desk.pk}/").content.decode()
    )[0]
    page = admin.get(link).content.decode()
    assert html.unescape(re.findall(r"<textarea[^>]*>\s*(.*?)</textarea>", page, re.S)[0]) == desk.text
    assert admin.get("/regulations/new/?from=4711").status_code == 404
    assert as_person("bob").get(link).status_code == 403


@pytest.mark.parametrize("name", ["text", "file"])
@pytest.mark.parametrize("text", ["not toml = =", 'a = 1\n[policy]\nid = "x"', ""])
def test_a_file_that_is_no_regulation_is_told_and_kept(as_person, desk, text, name):
    """Pasted or uploaded, it stands in the box to be mended."""
    admin = as_person("admin")
    said = {name: text if name == "text" else SimpleUploadedFile("draft.toml", text.encode())}
    answer = admin.post("/regulations/new/", {**said, **fields_of(admin.get("/regulations/new/"))})
    assert answer.status_code == 409
    assert text.split("\n")[0] in answer.content.decode()
    assert Edition.objects.count() == 1


def test_whoever_quotes_the_first_day_is_told_that_quotes_are_wrong(as_person, desk):
    admin, text = as_person("admin"), draft_of(edition_text()).replace(" 2025-10-01", ' "2025-10-01"')
    said = {"text": text, **fields_of(admin.get("/regulations/new/"))}
    page = html.unescape(admin.post("/regulations/new/", said).content.decode())
    assert '写的是 "2025-10-01"' in page
    assert "施行首日,不加引号,如 2005-08-01" in page


def test_a_shipped_edition_is_installed_by_its_hash_alone(as_person, desk):
    admin = as_person("admin")
    hashes = re.findall(r"/regulations/shipped/([0-9a-f]+)/", admin.get("/regulations/").content.decode())
    assert hashes
    assert admin.post(f"/regulations/shipped/{hashes[0]}/").status_code == 302
    assert Edition.objects.count() == 2
    assert admin.post("/regulations/shipped/etc/").status_code == 404


def test_a_last_day_before_the_first_is_refused_and_kept(as_person, desk):
    admin, address = as_person("admin"), f"/regulations/{desk.pk}/in-force/"
    said = {"since": "2025-10-01", "until": "2025-09-01", **fields_of(admin.get(address))}
    answer = admin.post(address, said)
    assert answer.status_code == 409
    assert "2025-09-01" in answer.content.decode()


def test_the_pages_ask_no_more_often_for_more_editions(as_person, desk):
    admin = as_person("admin")
    addresses = ("/regulations/", f"/regulations/{desk.pk}/")
    asked = [questions(admin, address) for address in addresses]
    actions.install(draft_of(edition_text()), by="admin")
    assert [questions(admin, address) for address in addresses] == asked


def questions(client, address):
    client.get(address)  # an edition is read once
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len(asked)


def test_both_languages(as_person, desk):
    bob = as_person("bob")
    assert "Missing parameters" not in bob.get("/regulations/").content.decode()
    bob.post("/language/", {"language": "en", "next": "/"})
    assert "Missing parameters" in bob.get("/regulations/").content.decode()
    assert "Findings of the check" in bob.get(f"/regulations/{desk.pk}/").content.decode()


@pytest.mark.parametrize("id", bihuan.policy_ids())
def test_no_two_missing_parameters_look_the_same(id):
    """Many rules say no more than “no limit”; each is known by its article and by what is owed after what."""
    policy = bihuan.read_policy(id)
    own = parameter_values(policy)
    said = [set_one(policy, own, own, name).why for name in own.missing]
    assert len(said) == len(set(said))
    of_rules = [one for name, one in zip(own.missing, said, strict=True) if "." in name]
    assert all(one.startswith(tuple(article.no for article in policy.article)) for one in of_rules)
