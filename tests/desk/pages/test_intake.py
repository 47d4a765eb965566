"""Is a case accepted as it was told, once, by somebody who may?"""

import datetime as dt
import re

import pytest

from bihuan.desk import actions
from bihuan.desk.models import Case
from tests.desk.conftest import edition_text
from tests.desk.pages.counting import questions

POLICY = "power/dazu-complaint-assessment"
SAID = {
    "fact-channel": "hotline",
    "fact-customer": "刘女士0042",
    "fact-source": "customer",
    "event": "accepted",
}


def hidden(page):
    return dict(re.findall(r'name="(key)" value="([^"]*)"', page.content.decode()))


def test_the_form_asks_what_the_regulation_asks(as_person):
    page = as_person("alice").get(f"/intake/?policy={POLICY}").content.decode()
    assert 'name="fact-customer"' in page
    assert 'name="fact-channel"' in page


def test_a_regulation_is_offered_once_and_asks_what_its_edition_of_today_asks(as_person, desk):
    """A later edition is in force from next month: until then the present one asks."""
    text = edition_text().replace('edition = "unknown"', "edition = 2025-10-01")
    later = actions.install(text.replace('label = "联系电话"', 'label = "客户电话"'), by="admin")
    actions.put_in_force(later.hash, since=dt.date(2025, 10, 1), by="admin")
    page = as_person("alice").get(f"/intake/?policy={POLICY}").content.decode()
    assert len(re.findall(r'href="/intake/\?policy=', page)) == 1
    assert "联系电话" in page
    assert "客户电话" not in page


def test_what_will_be_owed_is_shown_before_anything_is_saved(as_person):
    alice = as_person("alice")
    key = hidden(alice.get(f"/intake/?policy={POLICY}"))
    page = alice.post("/intake/", {"policy": POLICY, "look": "1", **SAID, **key}).content.decode()
    assert "2025-09" in page
    assert "没有给值: 时限" in page
    assert "customer-total.within" not in page
    assert Case.objects.count() == 0


def test_saving_twice_makes_one_case(as_person):
    alice = as_person("alice")
    key = hidden(alice.get(f"/intake/?policy={POLICY}"))
    for _ in range(2):
        answer = alice.post("/intake/", {"policy": POLICY, **SAID, **key})
        assert answer.status_code == 302, answer.content.decode()
    assert Case.objects.count() == 1


def test_somebody_without_a_role_may_not_accept(as_person, desk):
    from bihuan.desk import actions

    actions.add_person("eve", "Eve", "龙水供电所", by="admin")
    eve = as_person("eve")
    key = hidden(eve.get(f"/intake/?policy={POLICY}"))
    answer = eve.post("/intake/", {"policy": POLICY, **SAID, **key})
    assert answer.status_code != 302
    assert Case.objects.count() == 0


def part(client, **typed):
    return client.get("/intake/", {"policy": POLICY, "part": "caller", **typed}).content.decode()


def test_while_the_caller_talks_only_what_is_known_of_them_is_sent(as_person, case, clock):
    from bihuan.desk import actions

    alice = as_person("alice")
    shown = part(alice, **{"fact-customer": "刘女士0042"})
    assert "<html" not in shown
    assert case.number in shown
    assert case.number not in part(as_person("charlie"), **{"fact-customer": "刘女士0042"})
    assert " 0 " in shown
    clock.wait(minutes=1)
    actions.append(case.number, "called_in_vain", by="alice")
    assert case.number in part(alice, **{"fact-customer": "刘女士0042"})


def test_similar_cases_are_shown_by_what_was_said(as_person, desk, clock):
    from bihuan.desk import actions

    facts = {"channel": "hotline", "customer": "王芳", "content": "龙水镇表箱漏电"}
    near = actions.accept(POLICY, by="alice", facts=facts)
    asked = {"fact-customer": "刘女士0042", "fact-content": "龙水镇的表箱漏电了"}
    assert near.number in part(as_person("alice"), **asked)
    assert near.number not in part(as_person("charlie"), **asked)


def test_a_long_list_of_categories_stands_in_its_groups(as_person, case, clock):
    from bihuan.desk.models import Event

    alice = as_person("alice")
    address = f"/case/{case.number}/ticket_made/"
    form = alice.get(address)
    page = form.content.decode()
    assert '<option value="billing">营业收费</option>' in page[page.index('<optgroup label="营销管理类">') :]
    key = dict(re.findall(r'name="(key|version)" value="([^"]*)"', form.content.decode()))
    answer = alice.post(address, key | {"fact-item": "收费什么的"})
    assert answer.status_code == 409
    assert "收费什么的" in answer.content.decode()
    assert alice.post(address, key | {"fact-item": "billing"}).status_code == 302
    assert Event.objects.get(event="ticket_made").facts == {"item": "billing"}


def test_a_list_that_the_text_leaves_open_takes_its_labels_and_anything_else(as_person, desk):
    """The ways of accepting end in 等: one of them by its label, and one that is not among them."""
    alice = as_person("alice")
    for typed, told in (("95598电话", "hotline"), ("12345转来", "12345转来")):
        said = {"policy": POLICY, "event": "accepted", "key": typed, "fact-channel": typed}
        answer = alice.post("/intake/", said)
        assert answer.status_code == 302, answer.content.decode()
        assert (Case.objects.latest("id").events.get().facts or {})["channel"] == told


def test_the_caller_s_open_case_is_shown(as_person, case):
    page = as_person("alice").get(f"/intake/?policy={POLICY}&fact-customer=刘女士0042").content.decode()
    assert case.number in page
    assert f'<div class="matter">{case.matter}</div>' in page, "and what it is about"


def called(alice, clock, **facts):
    from bihuan.desk import actions

    made = actions.accept(POLICY, by="alice", facts={"channel": "hotline", "customer": "刘女士0042", **facts})
    clock.wait(minutes=1)
    return made


def test_a_number_leads_to_the_customer_whose_name_is_not_told(as_person, desk, clock):
    """Among what the person may see; the case is then accepted for that customer without the name being shown."""
    made = called("alice", clock, customer_phone="13912345678")
    shown = part(as_person("alice"), **{"fact-customer": "139 1234 5678"})
    assert made.number in shown
    assert "刘****42" in shown
    assert "刘女士0042" not in shown
    assert made.number not in part(as_person("charlie"), **{"fact-customer": "13912345678"})
    alice = as_person("alice")
    picked = alice.post(
        "/intake/", {"policy": POLICY, "fact-customer": "13912345678", "pick": made.number}
    ).content.decode()
    assert f'name="same" value="{made.number}"' in picked
    assert 'name="fact-customer_phone" value="13912345678"' in picked
    key = dict(re.findall(r'name="(key)" value="([^"]*)"', picked))
    said = {"policy": POLICY, "event": "accepted", "fact-channel": "hotline", "same": made.number, **key}
    assert alice.post("/intake/", said).status_code == 302
    assert Case.objects.filter(customer="刘女士0042").count() == 2


def test_nobody_is_taken_from_a_case_that_one_may_not_see(as_person, desk, clock):
    made = called("alice", clock)
    charlie = as_person("charlie")
    page = charlie.get(f"/intake/?policy={POLICY}&same={made.number}").content.decode()
    assert f'value="{made.number}"' not in page
    assert "刘****42" not in page


def shown_on(page):
    return re.findall(r'name="shown" value="([^"]*)"', page.content.decode())[0]


def test_an_answer_brings_up_what_its_kind_needs(as_person, desk):
    """Of a letter the rules ask whether an answer was wished for; of a repair they do not."""
    from bihuan.desk import actions
    from tests.desk.conftest import edition_text

    letters = "power/tianjin-callback"
    actions.put_in_force(actions.install(edition_text(letters), by="admin").hash, by="admin")
    alice = as_person("alice")
    asked = {"policy": letters, "part": "asked"}
    assert (
        "fact-reply_requested" not in alice.get("/intake/", {**asked, "fact-kind": "repair"}).content.decode()
    )
    shown = alice.get("/intake/", {**asked, "fact-kind": "letter"}).content.decode()
    assert "fact-reply_requested" in shown
    assert "<html" not in shown
    form = alice.get(f"/intake/?policy={letters}")
    said = hidden(form) | {"policy": letters, "event": "accepted", "fact-kind": "letter"}
    said["shown"] = shown_on(form)
    page = alice.post("/intake/", said)
    assert page.status_code == 200, "without JavaScript the questions come up when it is saved"
    assert "有复函要求" in page.content.decode()
    assert Case.objects.count() == 0
    said["shown"] = shown_on(page)
    assert alice.post("/intake/", said).status_code == 302, "saved without an answer"


def test_what_is_lacking_is_said_at_its_field_and_no_number_is_made_up(as_person, desk):
    alice = as_person("alice")
    answer = alice.post(
        "/intake/", {"policy": POLICY, "event": "accepted", **hidden(alice.get(f"/intake/?policy={POLICY}"))}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert re.search(r'id="id_fact-channel_error"[^>]*><ul class="errors"><li>第十一条', page)
    assert "case 2025" not in page


def test_the_caller_is_looked_up_in_as_many_questions_for_many_cases(as_person, desk, clock):
    alice, asked = as_person("alice"), {"policy": POLICY, "part": "caller", "fact-customer": "13912345678"}
    called("alice", clock, customer_phone="13912345678")
    few = questions(alice, "/intake/", **asked)
    for _ in range(6):
        called("alice", clock, customer_phone="13912345678")
    assert questions(alice, "/intake/", **asked) == few


@pytest.mark.parametrize("look", [{}, {"look": "1"}])
def test_an_instant_before_all_and_a_sign_that_no_database_holds_are_no_defect(as_person, desk, look):
    alice = as_person("alice")
    form = {
        "policy": POLICY,
        "event": "accepted",
        "fact-channel": "hotline",
        "fact-content": "停\0电",
        **look,
    }
    first = alice.post("/intake/", form | {"key": "one", "at": "0001-01-01T00:00"})
    assert (first.status_code, "早于 1970" in first.content.decode()) == (409, True)
    assert "停电" in first.content.decode(), "what was typed is kept"
    then = alice.post("/intake/", form | {"key": "two", "same": "\0", "policy": f"{POLICY}\0"})
    assert then.status_code == (200 if look else 302)


def test_the_same_case_again_on_a_fresh_form_is_asked_about_once(as_person, desk, clock):
    alice, address = as_person("alice"), f"/intake/?policy={POLICY}"

    def sent(**more):
        return alice.post("/intake/", {"policy": POLICY, **SAID, **hidden(alice.get(address)), **more})

    assert sent().status_code == 302
    clock.wait(seconds=30)
    assert sent(**{"fact-customer": "卫先生0819"}).status_code == 302, "another customer"
    asked = sent()
    assert (asked.status_code, Case.objects.count()) == (409, 2)
    assert "30 秒前您刚受理过一张一样的(20250908-0001)" in asked.content.decode()
    assert re.search(r'name="again" value="on"', asked.content.decode())
    assert sent(again="on").status_code == 302
    clock.wait(minutes=2)
    assert sent().status_code == 302
    assert Case.objects.count() == 4
