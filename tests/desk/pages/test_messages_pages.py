"""Messages and channels in the browser: one's own only, read when said so; channels for administrators alone."""

import pytest

from bihuan.desk.models import Channel, Message, Person, Told
from bihuan.desk.telling import outbox
from tests.desk.test_messages import Listener, told_of

LONG = "x" * 3000


@pytest.fixture
def hook():
    found = Listener()
    yield found
    found.close()


def test_a_message_is_shown_to_whom_it_is_for_and_counted_until_read(as_person, case):
    told_of(case, owner="dana")
    outbox.spread()
    dana, bob = as_person("dana"), as_person("bob")
    page = dana.get("/messages/").content.decode()
    assert case.number in page
    assert "badge" in page
    assert 'class="left-over"' in page, "what is overdue stands out"
    assert case.number not in bob.get("/messages/").content.decode()
    last = Message.objects.get().pk
    assert bob.post("/messages/read/", {"last": last}).status_code == 302
    assert Message.objects.get().read_at is None
    dana.post("/messages/read/", {"last": last})
    assert "badge" not in dana.get("/messages/").content.decode()


def test_both_languages_and_bad_pages(as_person, case):
    told_of(case, owner="dana")
    outbox.spread()
    dana = as_person("dana")
    assert "逾期未办" in dana.get("/messages/").content.decode()
    dana.post("/language/", {"language": "en"})
    assert "overdue" in dana.get("/messages/").content.decode()
    assert dana.get("/messages/?before=nonsense").status_code == 200
    assert dana.get("/messages/?before=99999999999999999999").status_code == 200
    assert dana.post("/messages/read/", {"last": "nonsense"}).status_code == 302


def test_queries_do_not_grow_with_messages(as_person, case, django_assert_num_queries):
    dana = as_person("dana")
    told_of(case, owner="dana")
    outbox.spread()
    dana.get("/messages/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        dana.get("/messages/")
    for _ in range(10):
        told_of(case, owner="dana")
    outbox.spread()
    with CaptureQueriesContext(connection) as many:
        dana.get("/messages/")
    assert len(many) == len(few)
    assert Message.objects.count() == 11


@pytest.mark.parametrize("code", ["alice", "bob", "charlie", "dana"])
def test_channels_are_for_administrators(as_person, case, code):
    client = as_person(code)
    channel = Channel.objects.create(whose="mail", name="m", address="mailto://x.example")
    assert client.get("/channels/").status_code == 403
    assert client.get(f"/channels/{channel.pk}/").status_code == 403
    assert client.post("/channels/new/", {"whose": "mail"}).status_code == 403
    assert client.post(f"/channels/{channel.pk}/try/").status_code == 403


def form(**more):
    return {
        "whose": "person",
        "name": "dana's robot",
        "language": "zh",
        "is_active": "on",
        "warnings": "on",
        **more,
    }


def test_an_administrator_sets_a_channel_tries_it_and_sees_no_secret(as_person, case, hook):
    admin, dana = as_person("admin"), Person.objects.get(code="dana")
    assert admin.post("/channels/new/", form(person=dana.pk, address=hook.address)).status_code == 302
    channel = Channel.objects.get()
    admin.post(f"/channels/{channel.pk}/try/")
    assert len(hook.got) == 1
    pages = admin.get("/channels/").content.decode() + admin.get(f"/channels/{channel.pk}/").content.decode()
    assert "dana&#39;s robot" in pages
    assert "desk-secret-token" not in pages
    changed = form(person=dana.pk, address="", name="another")
    assert admin.post(f"/channels/{channel.pk}/", changed).status_code == 302
    channel.refresh_from_db()
    assert (channel.name, channel.address) == ("another", hook.address)


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "nonsense"},
        {"address": "nonsense://x"},
        {"address": ""},
        {"address": LONG},
        {"whose": "mail", "address": "json://localhost"},
        {"whose": "unit", "address": "a@example.cn"},
        {"whose": "nobody", "address": "a@example.cn"},
        {"person": "999999", "address": "a@example.cn"},
        {"name": "", "address": "a@example.cn"},
        {"name": "<script>alert(1)</script>" * 9, "address": "a@example.cn"},
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(as_person, case, wrong):
    dana = Person.objects.get(code="dana")
    answer = as_person("admin").post("/channels/new/", form(person=dana.pk) | wrong)
    assert answer.status_code == 409
    assert 'class="errors"' in answer.content.decode()
    assert not Channel.objects.exists()


def test_a_dead_channel_is_seen_on_the_page_and_by_machines(as_person, case, clock):
    dana = Person.objects.get(code="dana")
    Channel.objects.create(
        whose="person", person=dana, name="robot", address="jsons://secret-secret", failures=4, failed_at=clock(),
        next_try_at=clock(), error="no answer",
    )  # fmt: skip
    admin = as_person("admin")
    page = admin.get("/channels/").content.decode()
    assert "no answer" in page
    assert "secret-secret" not in page
    told = admin.get("/healthz").json()
    assert (told["status"], told["dead_channels"]) == ("degraded", 1)
    assert "channels" in told["problems"]


def test_there_is_no_such_channel(as_person, case):
    admin = as_person("admin")
    assert admin.get("/channels/99/").status_code == 404
    assert admin.post("/channels/99/try/").status_code == 404
    assert admin.get("/channels/1/try/").status_code == 405
    assert not Told.objects.exists()
