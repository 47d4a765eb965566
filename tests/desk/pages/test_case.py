"""May this person see and do that at a case, and does the page keep what was typed?"""

import datetime as dt
import re

from bihuan import i18n
from bihuan.desk import actions
from bihuan.desk.models import Case, Event, Obligation
from bihuan.desk.office import policy_of
from bihuan.desk.pages.left import Left
from bihuan.desk.pages.owed import Owed
from tests.desk.conftest import POLICY, edition_text, moment


def form_of(response):
    """The hidden fields of the form that acts."""
    text = response.content.decode()
    return dict(re.findall(r'<input type="hidden" name="(key|version)" value="([^"]*)"', text))


def test_the_page_shows_what_is_owed_with_its_article_and_the_steps(as_person, case):
    page = as_person("alice").get(f"/case/{case.number}/").content.decode()
    assert case.number in page
    assert "第" in page
    assert "/why/" in page


def test_what_was_entered_later_than_it_happened_says_when(as_person, case, clock):
    alice = as_person("alice")
    assert "录入于" not in alice.get(f"/case/{case.number}/").content.decode()
    clock.set("2025-09-08 15:00")
    facts = {"item": "billing"}
    actions.append(case.number, "ticket_made", by="alice", facts=facts, at=moment("2025-09-08 09:10"))
    page = re.sub(r"<[^>]+>", "", alice.get(f"/case/{case.number}/").content.decode())
    assert re.search(r"生成投诉工单\s+2025-09-08 周一 09:10\s.*录入于\s+2025-09-08 周一 15:00", page)


def test_who_complained_is_hidden_from_whom_the_regulation_says(as_person, case):
    """From the station that handles it: on the page, in the list of cases to send and over the search."""
    open_to_all = 'customer = { label = "客户", type = "person", personal = "identity" }'
    text = edition_text()
    assert open_to_all in text
    text = text.replace(open_to_all, open_to_all[:-2] + ', hidden_from = ["unit_staff"] }')
    actions.move(case.number, actions.install(text, by="admin").hash, by="admin", reason="试行")
    actions.grant("dana", "unit_staff", "市场营销部", by="admin")
    hers, his = (as_person(code).get(f"/case/{case.number}/").content.decode() for code in ("alice", "dana"))
    assert "刘****42" in hers
    assert "＊＊＊" in his
    assert "刘****42" not in his
    assert case.number not in as_person("dana").get("/search/?q=刘女士").content.decode()
    assert case.number in as_person("alice").get("/search/?q=刘女士").content.decode()


def test_whose_judgement_a_field_is_is_said_in_the_regulation_s_words(as_person, case):
    page = as_person("dana").get(f"/case/{case.number}/classified/").content.decode()
    assert "由 市场营销部 认定,并说明理由" in page


def test_somebody_of_another_unit_is_told_that_there_is_no_such_case(as_person, case):
    answer = as_person("charlie").get(f"/case/{case.number}/")
    assert answer.status_code == 404
    assert "刘" not in answer.content.decode()


def test_nobody_is_sent_to_log_in(client, case):
    assert client.get(f"/case/{case.number}/", headers={"host": "127.0.0.1"}).status_code == 302


def test_why_counts_day_by_day(as_person, case):
    page = as_person("alice").get(f"/case/{case.number}/why/0/").content.decode()
    assert "2025-09" in page
    assert "cn-office" not in page, "a calendar is called by its title"


def test_of_a_closed_case_only_what_has_a_due_time_is_still_owed():
    nothing = Left("", "", 0.0)
    unset, due = (
        Obligation(state="unset"),
        Obligation(state="overdue", due_at=dt.datetime(2025, 9, 8, tzinfo=dt.UTC)),
    )
    assert [Owed(row, nothing).runs(closed=False) for row in (unset, due)] == [True, True]
    assert [Owed(row, nothing).runs(closed=True) for row in (unset, due)] == [False, True]


def test_a_step_says_what_the_case_is_about_and_marks_what_it_must_carry(as_person, desk, clock):
    facts = {"channel": "hotline", "customer": "刘女士0042", "content": "表箱漏电"}
    number = actions.accept(POLICY, by="alice", facts=facts).number
    page = as_person("alice").get(f"/case/{number}/ticket_made/").content.decode()
    assert '<p class="about">表箱漏电 · 95598电话</p>' in page
    assert '<p class="about">表箱漏电' in as_person("alice").get(f"/case/{number}/").content.decode()
    page = as_person("alice").get(f"/case/{number}/extended/").content.decode()
    assert [
        re.sub(r"<[^>]+>", "", one) for one in re.findall(r'<label[^>]* class="required">(.*?)</label>', page)
    ] == [
        "延长到",
        "延长理由",
    ]


def test_a_step_is_taken_once_however_often_its_form_is_sent(as_person, case):
    alice = as_person("alice")
    page = alice.get(f"/case/{case.number}/").content.decode()
    step = re.findall(rf'btn-primary" href="(/case/{case.number}/[^"]+)"', page)[0]
    form = alice.get(step).content.decode()
    said = form_of(alice.get(step)) | first_choices(form)
    answers = [alice.post(step, said) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302], answers[0].content.decode()
    assert Event.objects.count() == 2


def first_choices(page):
    """Something for every field: the first choice of a list, a word of text."""
    chosen = re.findall(
        r'<select [^>]*name="([^"]+)".*?<option value="" selected[^>]*>.*?<option value="([^"]+)"', page, re.S
    )
    typed = re.findall(r'<(?:input type="text"|textarea) name="([^"]+)"|<textarea name="([^"]+)"', page)
    listed = re.findall(r'<datalist id="([^"]+)-list"><option value="([^"]*)"', page)
    return dict(chosen) | {one or other: "说明" for one, other in typed} | dict(listed)


def test_what_was_chosen_when_the_case_was_opened_is_not_chosen_again(as_person, desk):
    facts = {"channel": "hotline", "customer": "刘女士0042", "item": "fault"}
    number = actions.accept(POLICY, by="alice", facts=facts).number
    page = as_person("alice").get(f"/case/{number}/ticket_made/").content.decode()
    assert re.search(r'<option value="fault" selected', page)
    assert page.index('name="fact-item"') < page.index('name="at"'), "what the step asks for comes first"


def test_a_refused_step_keeps_what_was_typed_and_says_the_article(as_person, case):
    alice = as_person("alice")
    page = alice.get(f"/case/{case.number}/").content.decode()
    barred = re.findall(r'class="barred".*?</ul>', page, re.S)
    assert barred, "some step is not open yet"
    assert "第" in barred[0]
    assert "定性:由市场营销部办" in re.sub(r"<[^>]+>", "", barred[0]), "who may, not who may not"
    assert "alice" not in barred[0]


def test_why_a_step_is_refused_is_said_once(as_person, case):
    alice, address = as_person("alice"), f"/case/{case.number}/classified/"
    before = alice.get(address).content.decode()
    assert before.count("由市场营销部办") == 1, "told before anything is typed"
    sent = dict(re.findall(r'<input type="hidden" name="(key|version)" value="([^"]*)"', before))
    answer = alice.post(address, sent)
    assert answer.status_code == 409
    assert answer.content.decode().count("由市场营销部办") == 1


def test_what_should_not_have_happened_is_said_in_the_regulation_s_words(as_person, case):
    """What others' systems bring in may break the order of steps."""
    policy, seen = policy_of(case.edition.hash), case.irregularities
    seen.create(
        case=case,
        place=0,
        event="dispatched",
        at=case.opened_at,
        kind="gate",
        article="第十四条",
        detail="team_reviewed",
    )
    page = as_person("alice").get(f"/case/{case.number}/").content.decode()
    assert policy.event_labels["team_reviewed"] in page[page.index('id="wrong"') :].split("</ul>")[0]
    assert "team_reviewed" not in page[page.index('id="wrong"') :].split("</ul>")[0]


def test_separation_names_the_role_that_stands_against_it(case):
    from bihuan.desk.actions.words import refusal

    found = {"article": "第十六条", "kind": "person", "event": "called_back", "detail": "handler"}
    with i18n.speaking("zh"):
        assert refusal(case.edition.hash, [found]) == "第十六条: 是承办人的不能办这一项:回访"


def test_the_page_asks_the_database_no_more_often_for_a_longer_case(
    as_person, case, django_assert_max_num_queries
):
    alice = as_person("alice")
    alice.get(f"/case/{case.number}/")
    with django_assert_max_num_queries(20):
        alice.get(f"/case/{case.number}/")


def test_both_languages(as_person, case):
    alice = as_person("alice")
    assert "What is owed" not in alice.get(f"/case/{case.number}/").content.decode()
    alice.post("/language/", {"language": "en", "next": "/"})
    assert "What is owed" in alice.get(f"/case/{case.number}/").content.decode()


def test_the_case_is_one(case):
    assert Case.objects.count() == 1


def test_events_that_only_rules_hear_can_be_entered_too(as_person, case, clock):
    alice = as_person("alice")
    page = alice.get(f"/case/{case.number}/").content.decode()
    assert f'btn-outline-secondary" href="/case/{case.number}/withdrawn/"' in page
    clock.wait(minutes=1)
    answer = alice.post(
        f"/case/{case.number}/withdrawn/", form_of(alice.get(f"/case/{case.number}/withdrawn/"))
    )
    assert answer.status_code == 302
    assert Case.objects.get().closed_at is not None


def test_nobody_acts_as_another_unit_by_being_of_one(as_person, case):
    """The unit of an event is where it sends the case, never that of whoever enters it."""
    alice = as_person("alice")
    address = f"/case/{case.number}/ticket_made/"
    answer = alice.post(address, form_of(alice.get(address)) | {"fact-item": "billing"})
    assert answer.status_code == 302
    assert Event.objects.get(event="ticket_made").unit is None


def test_what_is_owed_stands_first_among_what_can_be_done(as_person, case):
    """The ticket comes before the dispatch that is owed; a report that nobody waits for is offered beside it."""
    page = as_person("alice").get(f"/case/{case.number}/").content.decode()
    offered = re.findall(rf'class="btn (btn-[a-z-]+)" href="/case/{case.number}/([a-z_]+)/"', page)
    assert offered[0] == ("btn-primary", "ticket_made")
    assert ("btn-outline-secondary", "briefed") in offered
    kinds = [kind for kind, _ in offered]
    assert kinds == sorted(kinds, reverse=True), "the owed ones first"


def test_whoever_holds_no_role_looks_and_is_offered_nothing(as_person, case):
    page = as_person("admin").get(f"/case/{case.number}/").content.decode()
    assert f'href="/case/{case.number}/ticket_made/"' not in page
    assert 'enctype="multipart/form-data"' not in page
    assert "没有岗位" in page


def test_a_missing_limit_is_told_in_words(as_person, case):
    page = as_person("alice").get(f"/case/{case.number}/").content.decode()
    assert "没有给值: 时限" in page
    assert "没有给值: customer-total.within" not in page


def test_addresses_that_lead_nowhere_and_old_pages_are_answered_in_words(as_person):
    alice = as_person("alice")
    missing = alice.get("/case/NOPE-1/").content.decode()
    assert missing.count("NOPE-1") == 2, "in the way to the other language, and said once"
    answer = alice.get("/nowhere/")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.content.decode()
    alice.handler.enforce_csrf_checks = True
    refused = alice.post("/intake/", {"policy": "x"})
    assert refused.status_code == 403
    assert "登录" in refused.content.decode()


def test_a_stage_is_named_by_what_leads_to_it(desk):
    """The regulation's `handling` is a state without a label; a fact of the same name has one, and is not meant."""
    from bihuan.desk.actions.words import stage
    from bihuan.desk.office import policy_of

    policy = policy_of(desk.hash)
    assert policy.facts["handling"].label == "处理过程"
    assert stage(policy, "handling") == "after 派单、再派单"
    assert stage(policy, "returned") == "退单"
    assert stage(policy, "start") == "the beginning"


def at_a_station(case):
    """Sent to Bob's station, who is to contact the customer."""
    severity = {"severity": "ordinary", "complex": False, "grave": False}
    for event, by, facts, unit in (
        ("ticket_made", "alice", {"item": "billing"}, None),
        ("classified", "dana", severity, None),
        ("team_reviewed", "alice", {}, None),
        ("dispatched", "alice", {"sent_to": "centre"}, "龙水供电所"),
    ):
        actions.append(case.number, event, by=by, facts=facts, unit=unit)
    return f"/case/{case.number}/contacted/"


def test_the_same_again_on_a_fresh_form_is_asked_about_once(as_person, case, clock):
    """As after a browser's Back, which fetches the form anew: nothing in it tells that it was sent before."""
    bob, address = as_person("bob"), at_a_station(case)
    contacts = Event.objects.filter(event="contacted")
    assert bob.post(address, form_of(bob.get(address))).status_code == 302
    clock.wait(seconds=20)
    asked = bob.post(address, form_of(bob.get(address)))
    page = asked.content.decode()
    assert (asked.status_code, contacts.count()) == (409, 1)
    assert "20 秒前您刚记过一次“联系客户”(事件 6),内容一样:确实又有一次的,再发送一次" in page
    said = dict(re.findall(r'<input type="hidden" name="(key|version|again)" value="([^"]*)"', page))
    assert [bob.post(address, said).status_code for _ in range(2)] == [302, 302]
    assert contacts.count() == 2


def test_what_is_another_thing_or_another_time_is_not_asked_about(as_person, case, clock):
    bob, alice, address = as_person("bob"), as_person("alice"), at_a_station(case)
    clock.wait(minutes=2)
    for client, said, wait in (
        (bob, {}, 1),
        (alice, {}, 0),
        (bob, {"at": "2025-09-08T09:01"}, 2),
        (bob, {}, 0),
    ):
        assert client.post(address, form_of(client.get(address)) | said).status_code == 302
        clock.wait(minutes=wait)
    assert Event.objects.filter(event="contacted").count() == 4
