"""Is everybody called who is to be called, in the words of the script, and by nobody who must not?"""

import html
import re

import pytest

from bihuan.desk import actions
from bihuan.desk.models import Event, Obligation
from bihuan.desk.rebuild import rebuild
from tests.desk.conftest import edition_text, in_force
from tests.desk.pages.counting import questions

HOME = "service/home-decoration-callback"
ALL_WELL = {
    f"fact-{name}": "true"
    for name in (
        "design_ok", "quality_ok", "attitude_ok", "on_schedule", "progress_ok", "people_ok", "patrolled",
        "signs_posted", "safety_ok", "rules_ok", "recommend",
    )
} | {"fact-breach_seen": "false", "fact-score": "very_satisfied", "fact-problem": "false"}  # fmt: skip


@pytest.fixture
def home(desk):
    edition = in_force(edition_text(HOME))
    actions.grant("alice", "caller", "市场营销部", by="admin")
    return edition


@pytest.fixture
def owed(home, clock):
    """A customer paid the middle part of the works: to be called within three days."""
    case = actions.accept(HOME, by="alice", event="works_started", facts={"customer": "刘女士0042"})
    clock.wait(days=20)
    actions.append(case.number, "mid_paid", by="alice")
    return case


def place(case, rule="mid-callback"):
    return Obligation.objects.get(case=case, rule=rule, state__in=("open", "overdue")).place


def script_of(case, rule="mid-callback"):
    return f"/callbacks/{case.number}/{place(case, rule)}/"


def hidden(answer):
    return dict(
        re.findall(r'name="(key|version)" value="([^"]*)"', answer.content.decode().split('name="vain"')[0])
    )


def test_the_list_says_whom_to_call_by_rule(as_person, owed):
    alice = as_person("alice")
    page = alice.get("/callbacks/", {"due": "all"}).content.decode()
    assert owed.number in page
    assert "中期" in page
    assert re.search(r"<h2>[^<]*中期.*?家装公司客户回访制度 \(1\)</span></h2>", page, re.S)
    assert "刘****42" in page
    assert "刘女士0042" not in page
    assert owed.number in alice.get("/callbacks/", {"due": "week", "rule": "mid-callback"}).content.decode()
    assert (
        f"/callbacks/{owed.number}/"
        not in alice.get("/callbacks/", {"due": "over", "rule": "mid-callback"}).content.decode()
    )


def test_what_is_asked_next_follows_from_the_answers(as_person, owed):
    alice, address = as_person("alice"), script_of(owed)
    first = alice.get(address)
    assert "您现在方便吗" in first.content.decode()
    assert 'value="phone" selected' in first.content.decode(), "the call that the rule wants"
    assert "对设计满意吗" not in first.content.decode()
    assert "0 / 0" not in first.content.decode(), "points are told once there are any to be had"
    said = hidden(first) | {
        "look": "1",
        "fact-method": "phone",
        "fact-stage": "mid",
        "fact-convenient": "true",
    }
    page = alice.post(address, said).content.decode()
    assert "对设计满意吗" in page
    assert "什么时候方便" not in page
    page = alice.post(address, said | {"fact-convenient": "false"}).content.decode()
    assert "什么时候方便" in page
    assert "对设计满意吗" not in page
    assert Event.objects.filter(event="called_back").count() == 0


def test_htmx_gets_the_questions_alone_and_keeps_the_answers(as_person, owed):
    said = {
        "look": "1",
        "fact-method": "phone",
        "fact-stage": "mid",
        "fact-convenient": "true",
        "fact-suggestion": "很好",
    }
    part = as_person("alice").post(script_of(owed), said, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "对设计满意吗" in part
    assert "很好" in part


def test_the_call_is_recorded_once_and_ends_the_duty(as_person, owed):
    alice, address = as_person("alice"), script_of(owed)
    said = hidden(alice.get(address)) | ALL_WELL
    said |= {"fact-method": "phone", "fact-stage": "mid", "fact-convenient": "true", "fact-sheet_no": "1"}
    answer = alice.post(address, said)
    assert answer.status_code == 302, re.findall(r'class="(?:alert|errors).*', answer.content.decode())
    assert Obligation.objects.get(case=owed, rule="mid-callback").state == "met"
    alice.post(address, said)
    assert Event.objects.filter(event="called_back").count() == 1


def test_after_a_call_the_next_of_the_chosen_list_has_the_focus(as_person, owed, clock):
    """In the order of the list, with its filter; after the last call comes the first again, and of one alone none."""
    alice, chosen = as_person("alice"), {"rule": "mid-callback", "due": "all"}
    only, number = (
        vain(alice, f"{script_of(owed)}?rule=mid-callback&due=all"),
        re.compile(r"下一个回访:([^<]+)</a>"),
    )
    assert only.redirect_chain == [("/callbacks/?rule=mid-callback&due=all", 302)]
    assert not number.search(only.content.decode())
    for n in range(2):
        case = actions.accept(HOME, by="alice", event="works_started", number=f"甲-{n} <b>")
        clock.wait(minutes=1)
        actions.append(case.number, "mid_paid", by="alice")
    called = []
    page = alice.get("/callbacks/", chosen).content.decode()
    rows = re.findall(r'btn-primary" href="([^"]+)"', page)
    at = rows[0]
    for _each in rows:
        called.append(at)
        clock.wait(minutes=1)
        page = vain(alice, html.unescape(at)).content.decode()
        assert page.count("autofocus") == 1
        [at] = re.findall(r'href="([^"]+)" autofocus', page)
    assert called == rows
    assert len(rows) == 3
    assert at == rows[0]
    assert [html.unescape(one) for one in number.findall(page)] == [owed.number]


def vain(client, address):
    """Nobody answered; the page that follows."""
    form = client.get(address).content.decode().split('name="vain"')[1]
    said = dict(re.findall(r'name="(key|version)" value="([^"]*)"', form))
    return client.post(address, said | {"vain": "1", "fact-in_vain": "no_answer"}, follow=True)


def test_missing_answers_are_told_and_the_others_kept(as_person, owed):
    alice, address = as_person("alice"), script_of(owed)
    said = hidden(alice.get(address)) | {
        "fact-method": "phone",
        "fact-stage": "mid",
        "fact-convenient": "true",
    }
    answer = alice.post(address, said | {"fact-suggestion": "多来看看"})
    assert answer.status_code == 409
    assert "多来看看" in answer.content.decode()
    assert "第" in answer.content.decode() or "回访" in answer.content.decode()
    assert not Event.objects.filter(event="called_back").exists()


def test_nobody_answered_and_when_to_call_again(as_person, owed, clock):
    alice, address = as_person("alice"), script_of(owed)
    key = dict(
        re.findall(
            r'name="(key|version)" value="([^"]*)"',
            alice.get(address).content.decode().split('name="vain"')[1],
        )
    )
    said = key | {"vain": "1", "fact-in_vain": "not_free", "fact-call_again_at": "2025-09-29T15:00"}
    answer = alice.post(address, said)
    assert answer.status_code == 302, re.findall(r'class="(?:alert|errors).*', answer.content.decode())
    again = Obligation.objects.get(case=owed, rule="call-again")
    assert again.due_at.isoformat() == "2025-09-29T07:00:00+00:00"
    row = Obligation.objects.get(case=owed, rule="mid-callback")
    assert (row.attempts, row.last_attempt_at, row.next_at) == (1, clock(), again.due_at)
    page = alice.get("/callbacks/", {"due": "all"}).content.decode()
    assert "2025-09-29 周一 15:00" in page
    assert "打过 1 次,最近 2025-09-28 周日 09:00" in page
    assert "打过 1 次" in alice.get(f"/case/{owed.number}/").content.decode()
    assert "打过 1 次" in alice.get(address).content.decode()

    def listed(tried):
        return address in alice.get("/callbacks/", {"due": "all", "tried": tried}).content.decode()

    assert (listed("never"), listed("vain"), listed("again")) == (False, True, False)
    clock.set("2025-09-29 15:00")
    assert listed("again")
    assert rebuild().changed == []


def test_an_attempt_without_a_reason_is_refused(as_person, owed):
    alice, address = as_person("alice"), script_of(owed)
    answer = alice.post(address, hidden(alice.get(address)) | {"vain": "1"})
    assert answer.status_code == 409
    assert not Event.objects.filter(event="called_in_vain").exists()


def test_charlie_of_another_station_calls_nobody(as_person, owed):
    charlie = as_person("charlie")
    assert owed.number not in charlie.get("/callbacks/", {"due": "all"}).content.decode()
    assert charlie.get(script_of(owed)).status_code == 404
    assert charlie.post(script_of(owed), {"fact-convenient": "true"}).status_code == 404


def test_whoever_wants_no_call_is_called_no_more(as_person, owed):
    """By an event of the regulation that voids the callback: it is offered beside the script and stays in the record."""
    text = edition_text(HOME).replace("[events]\n", '[events]\ncall_declined = "客户不要回访"\n', 1)
    text = text.replace('  id = "mid-callback"\n', '  id = "mid-callback"\n  void_by = "call_declined"\n', 1)
    actions.move(owed.number, actions.install(text, by="admin").hash, by="admin", reason="试行")
    alice, address, script = as_person("alice"), f"/case/{owed.number}/call_declined/", script_of(owed)
    assert script in alice.get("/callbacks/", {"due": "all"}).content.decode()
    page = alice.get(script).content.decode()
    assert re.findall(r'href="([^"]*)">客户不要回访</a>', page) == [address], (
        "which ends it, instead of the desk's own"
    )
    assert alice.post(address, hidden(alice.get(address))).status_code == 302
    assert Obligation.objects.get(case=owed, rule="mid-callback").state == "void"
    assert script not in alice.get("/callbacks/", {"due": "all"}).content.decode()
    assert "客户不要回访" in alice.get(f"/case/{owed.number}/").content.decode()


def test_the_handler_never_calls_and_is_told_the_article(as_person, owed):
    """Bob handled the works; a rule like that of the marketing departments keeps him from calling."""
    text = edition_text(HOME).replace(
        'caller = "回访人员(客服人员)"',
        'caller = "回访人员(客服人员)"\nhandler = { label = "承办人", did = ["works_completed"] }',
    )
    text = text.replace(
        """  asks = ["method", "stage"]
""",
        """  asks = ["method", "stage"]
  not_by = ["handler"]
""",
        1,
    )
    edition = actions.install(text, by="admin")
    actions.grant("bob", "works_team", "市场营销部", by="admin")
    actions.move(owed.number, edition.hash, by="admin", reason="试行")
    actions.append(owed.number, "works_completed", by="bob")
    bob = as_person("bob")
    page = bob.get(script_of(owed)).content.decode()
    assert "客户回访分类" in page
    assert 'name="fact-convenient"' not in page
    answer = bob.post(
        script_of(owed),
        ALL_WELL | {"key": "k", "fact-method": "phone", "fact-stage": "mid", "fact-convenient": "true"},
    )
    assert answer.status_code == 409
    assert "客户回访分类" in answer.content.decode()
    assert not Event.objects.filter(event="called_back").exists()


def test_nonsense_is_no_error(as_person, owed):
    alice = as_person("alice")
    assert alice.get("/callbacks/", {"due": "x", "rule": "y"}).status_code == 200
    assert alice.get(f"/callbacks/{owed.number}/999/").status_code == 404
    said = {"look": "1", "fact-method": "pigeon", "fact-score": "eleven", "fact-call_again_at": "soon"}
    assert alice.post(script_of(owed), said).status_code == 200


def test_both_languages_and_the_number_of_questions(as_person, owed, clock):
    alice = as_person("alice")
    few = questions(alice, "/callbacks/", due="all")
    for _ in range(3):
        case = actions.accept(HOME, by="alice", event="works_started", facts={"customer": "王先生"})
        clock.wait(minutes=1)
        actions.append(case.number, "mid_paid", by="alice")
    assert questions(alice, "/callbacks/", due="all") == few
    assert "who is to be called" not in alice.get("/callbacks/").content.decode()
    alice.post("/language/", {"language": "en", "next": "/"})
    assert "who is to be called" in alice.get("/callbacks/").content.decode()


def test_nobody_is_sent_to_log_in(client, desk):
    assert client.get("/callbacks/", headers={"host": "127.0.0.1"}).status_code == 302


def test_the_office_that_calls_finds_the_call_though_another_unit_is_spoken_of(as_person, case, clock):
    """Alice of the hotline calls about what Bob's station did; Bob may look, and is told who calls."""
    for event, by, more in (
        ("ticket_made", "alice", {"facts": {"item": "fault"}}),
        ("team_reviewed", "alice", {}),
        ("dispatched", "alice", {"unit": "龙水供电所"}),
        ("contacted", "bob", {}),
        ("investigated", "bob", {}),
        ("answered", "bob", {}),
        ("replied", "bob", {"facts": {"reply": "已答复"}}),
        ("reviewed", "dana", {}),
        ("archived", "dana", {}),
    ):
        clock.wait(minutes=5)
        actions.append(case.number, event, by=by, **more)
    address = f'href="/callbacks/{case.number}/'
    assert Obligation.objects.get(case=case, rule="callback").unit == "龙水供电所"
    assert address in as_person("alice").get("/callbacks/", {"due": "all"}).content.decode()
    bob = as_person("bob").get("/callbacks/", {"due": "all"}).content.decode()
    assert address not in bob
    assert "由95598班回访" in bob
    assert case.number not in as_person("charlie").get("/callbacks/", {"due": "all"}).content.decode()
