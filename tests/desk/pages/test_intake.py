"""Is a case accepted as it was told, once, by somebody who may?"""

import re

from bihuan.desk.models import Case

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


def test_what_will_be_owed_is_shown_before_anything_is_saved(as_person):
    alice = as_person("alice")
    key = hidden(alice.get(f"/intake/?policy={POLICY}"))
    page = alice.post("/intake/", {"policy": POLICY, "look": "1", **SAID, **key}).content.decode()
    assert "2025-09" in page
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


def test_a_long_list_of_categories_is_searched_by_label(as_person, case, clock):
    from bihuan.desk.models import Event

    alice = as_person("alice")
    address = f"/case/{case.number}/ticket_made/"
    form = alice.get(address)
    assert '<option value="营销管理类 / 营业收费">' in form.content.decode()
    key = dict(re.findall(r'name="(key|version)" value="([^"]*)"', form.content.decode()))
    answer = alice.post(address, key | {"fact-item": "收费什么的"})
    assert answer.status_code == 409
    assert "收费什么的" in answer.content.decode()
    assert alice.post(address, key | {"fact-item": "营销管理类 / 营业收费"}).status_code == 302
    assert Event.objects.get(event="ticket_made").facts == {"item": "billing"}


def test_the_caller_s_open_case_is_shown(as_person, case):
    page = as_person("alice").get(f"/intake/?policy={POLICY}&fact-customer=刘女士0042").content.decode()
    assert case.number in page
