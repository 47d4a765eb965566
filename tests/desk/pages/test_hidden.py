"""Who complained, where the regulation hides it from whoever is complained of: can they learn it by another way?"""

import datetime as dt

import pytest

from bihuan.desk import access, actions, queries
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Attachment, Holding, Obligation, Person
from tests.desk.api.conftest import Program
from tests.desk.conftest import POLICY, edition_text

SHOWN = 'customer = { label = "客户", type = "person", personal = "identity" }'
NAME = "刘女士0042"


@pytest.fixture
def program(desk):
    return lambda code: Program(actions.make_token(code, "read", by="admin")[1])


def hiding(roles):
    text = edition_text()
    assert SHOWN in text
    return text.replace(SHOWN, f"{SHOWN[:-2]}, hidden_from = {roles} }}")


def put_in_force(hash):
    actions.put_in_force(hash, by="admin", since=dt.date(2025, 9, 8))


@pytest.fixture
def secret(desk, clock):
    """A complaint of somebody whom the stations must not know, sent to Bob's."""
    edition = actions.install(hiding('["unit_staff", "handler"]'), by="admin")
    put_in_force(edition.hash)
    told = {"channel": "hotline", "source": "customer", "customer": NAME, "customer_phone": "13812345678"}
    made = actions.accept(POLICY, by="alice", facts=told | {"content": f"{NAME}说灯闪"})
    clock.wait(minutes=1)
    actions.append(made.number, "ticket_made", by="alice", facts={"item": "billing"})
    clock.wait(minutes=1)
    actions.append(made.number, "team_reviewed", by="alice")
    actions.note(made.number, "noted", by="alice", meta={"reason": f"再问{NAME}"})
    actions.attach(made.number, f"{NAME} 138-1234-5678.txt", b"x", by="alice")
    actions.append(made.number, "dispatched", by="dana", unit="龙水供电所")
    return made


def read(person, *addresses):
    return "".join(person.get(address).content.decode() for address in addresses)


def test_not_by_what_others_wrote(as_person, program, secret):
    page = f"/case/{secret.number}/"
    theirs = read(as_person("bob"), page, f"{page}correct/1/", "/work/", "/search/?q=灯闪")
    assert "灯闪" in theirs
    assert NAME not in theirs
    told = str(program("bob").get(f"/cases/{secret.number}").json())
    assert "灯闪" in told
    assert NAME not in told
    assert NAME in read(as_person("alice"), page)


def test_not_by_the_name_of_a_file(as_person, program, secret):
    file = Attachment.objects.get().pk
    for answer in (
        as_person("bob").get(f"/case/{secret.number}/files/{file}/"),
        program("bob").get(f"/cases/{secret.number}/attachments/{file}"),
    ):
        assert b"".join(answer) == b"x"
        assert "%E5%88%98" not in answer["Content-Disposition"]  # 刘
        assert "1234" not in answer["Content-Disposition"]


def test_not_by_trying_out_names(as_person, program, secret):
    bob, alice = program("bob"), program("alice")
    assert [one["number"] for one in alice.get("/cases", customer=NAME).json()["rows"]] == [secret.number]
    assert bob.get("/cases", customer=NAME).json()["rows"] == []
    asked = {"policy": POLICY, "facts": {"customer": NAME}}
    assert alice.post("/cases/caller", asked).json()["open"]
    told = bob.post("/cases/caller", asked).json()
    assert (told["open"], told["earlier"]) == ([], [])
    assert bob.get("/search", q="刘女士").json()["rows"] == []
    assert secret.number not in read(as_person("bob"), "/search/?q=刘女士")


def test_not_by_opening_another_case_of_the_same_caller(as_person, secret):
    page = as_person("bob").get("/intake/", {"policy": POLICY, "pick": secret.number}).content.decode()
    assert "刘****42" not in page


def test_not_by_handing_the_case_on(secret, clock, desk):
    """An office that ended since, or a fact that names another now, does not lift what the case hides."""
    seen = queries.whole(the_person("bob"), secret.number)
    assert "customer" in seen.veil.facts
    clock.wait(days=1)
    held = Holding.objects.get(person__code="bob", role="unit_staff")
    actions.end_role(held.pk, by="admin", until=clock.at.date())
    clock.wait(days=2)
    bob = the_person("bob")
    assert access.roles_held(bob) == frozenset()
    assert "customer" in queries.whole(bob, secret.number).veil.facts
    later = actions.accept(
        POLICY,
        by="alice",
        facts={"channel": "hotline", "source": "customer", "customer": NAME},
        unit="龙水供电所",
    )
    assert "customer" not in queries.whole(bob, later.number).veil.facts


def test_whoever_was_named_once_stays_kept_from_it(desk, clock):
    text = hiding('["accused"]').replace(
        "[roles]\n", '[roles]\naccused = { label = "被投诉人", fact = "accused_worker" }\n'
    )
    text = text.replace("[facts]\n", '[facts]\naccused_worker = { label = "被投诉人", type = "person" }\n', 1)
    put_in_force(actions.install(text, by="admin").hash)
    told = {"channel": "hotline", "source": "customer", "customer": NAME, "accused_worker": "bob"}
    made = actions.accept(POLICY, by="alice", facts=told, unit="龙水供电所")
    assert "customer" in queries.whole(the_person("bob"), made.number).veil.facts
    clock.wait(minutes=1)
    actions.append(
        made.number, "ticket_made", by="alice", facts={"item": "billing", "accused_worker": "charlie"}
    )
    assert "customer" in queries.whole(the_person("bob"), made.number).veil.facts


def test_a_list_of_calls_does_not_say_who_is_called(as_person, secret):
    """Whatever is owed there, as if it were a call."""
    Obligation.objects.filter(case=secret, due_at__isnull=False).update(kind="callback", state="open")
    alice, bob = (read(as_person(code), "/callbacks/?due=all") for code in ("alice", "bob"))
    assert "刘****42" in alice
    assert secret.number in bob
    assert "刘****42" not in bob
    assert "＊＊＊" in bob


def test_not_by_whom_not_to_call(as_person, program, secret):
    """Bob guesses, says in a case of his own that they want no calls or may be called again, and looks what becomes of the other."""
    Obligation.objects.filter(case=secret, due_at__isnull=False).update(kind="callback", state="open")
    actions.grant("bob", "hotline", "龙水供电所", by="admin")
    own = actions.accept(POLICY, by="bob", facts={"channel": "hotline", "customer": NAME}, unit="龙水供电所")
    pages = (f"/case/{secret.number}/", f"/case/{secret.number}/calls/", "/callbacks/?due=all&tried=declined")

    def told():
        page = read(as_person("bob"), *pages)
        return (
            page.count("不要回访</strong>"),
            page.count("客户说过"),
            secret.number in read(as_person("bob"), pages[2]),
        )

    before = told()
    actions.decline_calls(own.number, by="bob", reason="别打了")
    assert told() == before
    assert program("bob").get(f"/cases/{secret.number}").json()["calls_declined_at"] is None
    assert "不要回访</strong>" in read(as_person("alice"), pages[0]), "whoever knows the customer is told"
    with pytest.raises(RefusedError, match="nothing in the record"):
        actions.allow_calls(secret.number, by="bob", reason="可以打")
    actions.allow_calls(own.number, by="bob", reason="可以打")
    actions.decline_calls(secret.number, by="alice", reason="别打了")
    assert "客户说过" not in read(as_person("bob"), f"/case/{own.number}/calls/")
    with pytest.raises(RefusedError, match="nothing in the record"):
        actions.allow_calls(own.number, by="bob", reason="可以打")
    assert "客户说过" in read(as_person("alice"), f"/case/{own.number}/calls/")
    assert "不要回访</strong>" in read(as_person("bob"), pages[0]), "what was said in the case itself is seen"


def the_person(code):
    return Person.objects.get(code=code)


@pytest.fixture
def eve(desk):
    """Of another station than Bob, with no role of her own."""
    return actions.add_person("eve", "夏娃", "石桥供电所", by="admin")


@pytest.mark.parametrize("code", ["eve", "dana"])
def test_who_complained_is_hidden_from_a_deputy_as_from_whom_they_stand_in_for(
    as_person, program, secret, eve, code
):
    """Dana knows it by her own office: not while she acts for the station."""
    actions.add_deputy("bob", code, by="admin")
    page = f"/case/{secret.number}/"
    theirs = read(as_person(code), page, f"{page}correct/1/", "/work/", "/search/?q=灯闪")
    assert "灯闪" in theirs
    assert NAME not in theirs
    asked = program(code)
    assert NAME not in str(asked.get(f"/cases/{secret.number}").json())
    assert asked.get("/cases", customer=NAME).json()["rows"] == []
    assert asked.get("/search", q="刘女士").json()["rows"] == []


def test_and_stays_hidden_when_it_is_over(as_person, secret, eve, clock):
    """Eve took a step, and sees the case for ever."""
    today = clock.at.date()
    actions.add_deputy("bob", "eve", by="admin", since=today, until=today)
    clock.wait(minutes=1)
    actions.note(secret.number, "noted", by="eve", meta={"reason": "知悉"})
    clock.wait(days=2)
    page = read(as_person("eve"), f"/case/{secret.number}/")
    assert "灯闪" in page
    assert NAME not in page


def test_who_stands_in_for_whom_a_complaint_names_does_not_learn_by_whom(eve, clock):
    text = hiding('["accused"]').replace(
        "[roles]\n", '[roles]\naccused = { label = "被投诉人", fact = "accused_worker" }\n'
    )
    text = text.replace("[facts]\n", '[facts]\naccused_worker = { label = "被投诉人", type = "person" }\n', 1)
    put_in_force(actions.install(text, by="admin").hash)
    told = {"channel": "hotline", "source": "customer", "customer": NAME, "accused_worker": "bob"}
    made = actions.accept(POLICY, by="alice", facts=told)
    actions.add_deputy("bob", "eve", by="admin")
    assert "customer" in queries.whole(the_person("eve"), made.number).veil.facts
    assert not access.may_see(the_person("charlie"), made)
