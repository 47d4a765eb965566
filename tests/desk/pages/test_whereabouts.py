"""Is a customer told the state and the next due time, a stranger nothing, and is neither told more?"""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bihuan.desk import actions, counts
from bihuan.desk.models import Obligation
from tests.desk.conftest import POLICY


@pytest.fixture
def phoned(desk):
    counts.forget()
    facts = {
        "channel": "hotline",
        "customer": "刘女士0042",
        "customer_phone": "13812345678",
        "source": "customer",
    }
    return actions.accept(POLICY, by="alice", facts=facts)


def ask(number, digits, client=None):
    return (client or Client(HTTP_HOST="127.0.0.1")).post("/where/", {"number": number, "digits": digits})


def words(answer):
    """What the page says in its main part."""
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def test_the_state_and_the_next_due_time_and_nothing_else(phoned):
    answer = ask(phoned.number, "5678")
    assert answer.status_code == 200
    due = (
        Obligation.objects.filter(case=phoned, state="open", due_at__isnull=False).order_by("due_at").first()
    )
    page = answer.content.decode()
    assert timezone.localtime(due.due_at).isoformat() in page
    for secret in ("刘", "138", "alice", "市场营销部", "hotline", "第"):
        assert secret not in words(answer)
    assert "no-store" in answer["Cache-Control"]


def test_a_wrong_number_and_wrong_digits_get_the_same_answer_after_the_same_work(phoned):
    answers, asked = [], []
    for number, digits in ((phoned.number, "0000"), ("20250908-9999", "5678")):
        with CaptureQueriesContext(connection) as found:
            answers.append(ask(number, digits))
        asked.append(len(found))
    said = [words(one).replace(phoned.number, "").replace("20250908-9999", "") for one in answers]
    assert said[0] == said[1]
    assert [one.status_code for one in answers] == [404, 404]
    assert asked[0] == asked[1]


def test_a_case_without_a_telephone_number_is_told_to_nobody(phoned):
    other = actions.accept(POLICY, by="alice", facts={"channel": "letter"})
    for digits in ("0000", "5678"):
        assert ask(other.number, digits).status_code == 404


def test_a_corrected_number_counts_and_the_wrong_one_no_longer(phoned, clock):
    clock.wait(minutes=1)
    actions.correct(phoned.number, 1, by="alice", reason="听错了", facts={"customer_phone": "13812349999"})
    assert ask(phoned.number, "9999").status_code == 200
    assert ask(phoned.number, "5678").status_code == 404


def test_who_asks_too_often_waits_even_with_the_right_digits(phoned):
    for guess in range(5):
        assert ask(phoned.number, f"{guess:04}").status_code == 404
    assert ask(phoned.number, "5678").status_code == 429
    assert ask("20250908-9999", "5678").status_code == 404, "another case may still be asked for"


@pytest.mark.parametrize(
    ("number", "digits"),
    [("", "5678"), ("x" * 65, "5678"), ("1", "12"), ("1", "一二三四"), ("'; --", "<b>1")],
)
def test_what_cannot_be_a_number_is_told_and_kept(phoned, number, digits):
    answer = ask(number, digits)
    assert answer.status_code == 200
    assert "<b>1" not in answer.content.decode()
    assert f'value="{digits}"' in answer.content.decode() or "&lt;" in answer.content.decode()


def test_a_closed_case_says_so(phoned, clock):
    clock.wait(minutes=1)
    actions.append(phoned.number, "withdrawn", by="alice")
    page = ask(phoned.number, "5678").content.decode()
    assert "<time" not in page


def test_both_languages(phoned):
    client = Client(HTTP_HOST="127.0.0.1")
    assert "Where is my complaint?" not in client.get("/where/").content.decode()
    client.post("/language/", {"language": "en", "next": "/where/"})
    assert "Where is my complaint?" in client.get("/where/").content.decode()
    assert "It is being handled." in ask(phoned.number, "5678", client).content.decode()
