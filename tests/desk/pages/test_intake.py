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


def test_the_caller_s_open_case_is_shown(as_person, case):
    page = as_person("alice").get(f"/intake/?policy={POLICY}&fact-customer=刘女士0042").content.decode()
    assert case.number in page
