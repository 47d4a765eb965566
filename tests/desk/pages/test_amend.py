"""What is masked is shown once with a reason, files are what they say, and what is put right stays in the record."""

import html
import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.desk import actions
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Attachment, Case, Entry, Event
from tests.desk.conftest import POLICY, edition_text
from tests.desk.pages.test_regulations import draft_of

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0"


def forms_of(answer):
    text = answer.content.decode()
    return dict(re.findall(r'<input type="hidden" name="(key|seen|version)" value="([^"]*)"', text))


@pytest.fixture
def phoned(desk):
    facts = {"channel": "hotline", "customer": "刘女士0042", "customer_phone": "13812345678"}
    return actions.accept(POLICY, by="alice", facts=facts)


# --- in full ---


def test_a_number_is_shown_in_full_once_and_that_is_in_the_record(as_person, phoned):
    alice, address = as_person("alice"), f"/case/{phoned.number}/unmask/"
    assert "13812345678" not in alice.get(f"/case/{phoned.number}/").content.decode()
    said = {"reason": "要回电", **forms_of(alice.get(address))}
    answer = alice.post(address, said)
    assert "13812345678" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "13812345678" not in alice.post(address, said).content.decode(), "a page loaded anew shows nothing"
    entry = Entry.objects.get(kind="unmasked")
    assert (entry.by, entry.about, entry.content["reason"]) == ("alice", phoned.number, "要回电")
    assert set(entry.content["facts"]) == {"customer", "customer_phone"}


def test_without_a_reason_nothing_is_shown(as_person, phoned):
    alice, address = as_person("alice"), f"/case/{phoned.number}/unmask/"
    answer = alice.post(address, {"reason": "  ", **forms_of(alice.get(address))})
    assert answer.status_code == 409
    assert "13812345678" not in answer.content.decode()
    assert not Entry.objects.filter(kind="unmasked").exists()


@pytest.mark.parametrize("page", ["unmask", "merge", "move", "correct/1", "files/1"])
def test_somebody_of_another_unit_finds_no_such_case(as_person, phoned, page):
    answer = as_person("charlie").get(f"/case/{phoned.number}/{page}/")
    assert answer.status_code in (403, 404)
    assert "138" not in answer.content.decode()


# --- files ---


def upload(client, case, name, content, claimed="image/png"):
    page = client.get(f"/case/{case.number}/")
    file = SimpleUploadedFile(name, content, claimed)
    return client.post(f"/case/{case.number}/attach/", {"file": file, **forms_of(page)}, follow=True)


def test_a_file_is_handed_out_to_be_saved_and_only_to_whoever_sees_the_case(as_person, case):
    alice = as_person("alice")
    upload(alice, case, "现场.png", PNG, "text/html")
    held = Attachment.objects.get()
    assert held.media_type == "image/png"
    address = f"/case/{case.number}/files/{held.pk}/"
    assert address in alice.get(f"/case/{case.number}/").content.decode()
    answer = alice.get(address)
    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert as_person("charlie").get(address).status_code == 404


def office(folder):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}/main.xml", "<main/>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("现场.png", b"<!doctype html><script>alert(1)</script>"),
        ("合同.pdf", b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff"),
        ("表.xlsx", office("word")),
        ("说明.txt", b"MZ\x90\0\3\0\0\0"),
        ("页面.html", b"<html></html>"),
        ("空.png", b""),
        ("没有后缀", PNG),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(as_person, case, name, content):
    answer = upload(as_person("alice"), case, name, content)
    assert "alert-danger" in answer.content.decode()
    assert not Attachment.objects.exists()
    assert Event.objects.count() == 1


def test_a_file_that_is_too_large_is_told_how_large_and_how_large_it_may_be(as_person, case):
    answer = upload(as_person("alice"), case, "录音.txt", b"a" * (20 * 1024 * 1024 + 1))
    assert "录音.txt 有 20.1 MB:最多 20 MB" in answer.content.decode()
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("合同.PDF", b"%PDF-1.7\n1 0 obj\n"),
        ("信.docx", office("word")),
        ("表.xlsx", office("xl")),
        ("说明.txt", "客户来电".encode("gb18030")),
        ("录音.amr", b"#!AMR\n\x3c\x91"),
    ],
)
def test_a_file_that_is_what_its_name_says_is_taken(as_person, case, name, content):
    upload(as_person("alice"), case, name, content)
    assert Attachment.objects.get().name == name


def test_a_file_sent_twice_by_one_form_is_there_once(as_person, case):
    alice = as_person("alice")
    key = forms_of(alice.get(f"/case/{case.number}/"))
    for _ in range(2):
        file = SimpleUploadedFile("现场.png", PNG)
        alice.post(f"/case/{case.number}/attach/", {"file": file, **key})
    assert Attachment.objects.count() == 1


# --- put right ---


def test_an_event_is_corrected_with_a_reason_and_stays(as_person, case):
    alice, address = as_person("alice"), f"/case/{case.number}/correct/1/"
    said = {"reason": "听错了", "fact-channel": "letter", **forms_of(alice.get(address))}
    for _ in range(2):
        assert alice.post(address, said).status_code == 302
    first, second = Event.objects.order_by("seq")
    assert first.facts
    assert second.facts
    assert second.meta
    assert first.facts["channel"] == "hotline"
    assert (second.event, second.facts["channel"], second.meta["reason"]) == ("corrected", "letter", "听错了")
    assert "letter" not in second.facts.get("customer", "")


def test_what_cannot_be_corrected_is_told_and_kept(as_person, case):
    alice, address = as_person("alice"), f"/case/{case.number}/correct/1/"
    said = {"reason": "想划掉", "struck": "on", **forms_of(alice.get(address))}
    answer = alice.post(address, said)
    assert answer.status_code == 409
    assert "想划掉" in answer.content.decode()
    assert Event.objects.count() == 1


def test_a_stale_correction_is_told_and_may_be_sent_again(as_person, case, clock):
    alice, address = as_person("alice"), f"/case/{case.number}/correct/1/"
    said = {"reason": "听错了", "fact-channel": "letter", **forms_of(alice.get(address))}
    clock.wait(minutes=1)
    actions.append(case.number, "urged", by="dana")
    answer = alice.post(address, said)
    assert answer.status_code == 409
    assert "听错了" in answer.content.decode()
    assert alice.post(address, said | forms_of(answer)).status_code == 302


def test_two_cases_are_merged_after_a_look_at_the_other(as_person, case, phoned):
    alice, address = as_person("alice"), f"/case/{case.number}/merge/"
    said = {"into": phoned.number, "reason": "同一件事", **forms_of(alice.get(address))}
    looked = alice.post(address, said)
    assert looked.status_code == 200
    page = looked.content.decode()
    assert "<dd>未结</dd>" in page, "a case is not 未到期, as a duty is"
    assert f"<dd>{phoned.matter}</dd>" in page
    assert Case.objects.get(pk=case.pk).merged_into is None
    assert alice.post(address, said | forms_of(looked)).status_code == 302
    assert Case.objects.get(pk=case.pk).merged_into == phoned
    ended = alice.get(f"/case/{case.number}/").content.decode()
    assert re.search(rf'<strong>[^<]* <a href="/case/{phoned.number}/">', ended), "it says where it goes on"


def test_a_case_that_is_not_there_is_told_and_kept(as_person, case):
    alice, address = as_person("alice"), f"/case/{case.number}/merge/"
    answer = alice.post(address, {"into": "没有的", "reason": "同一件事", **forms_of(alice.get(address))})
    assert answer.status_code == 409
    assert "没有的" in answer.content.decode()


def test_a_case_is_moved_to_another_edition_after_a_look(as_person, case):
    other = actions.install(draft_of(edition_text()), by="admin")
    admin, address = as_person("admin"), f"/case/{case.number}/move/"
    said = {"edition": other.hash, "reason": "改按新办法", **forms_of(admin.get(address))}
    looked = admin.post(address, said)
    assert "2025-09-08" in looked.content.decode()
    assert Case.objects.get(pk=case.pk).edition_id == case.edition_id
    assert admin.post(address, said | forms_of(looked)).status_code == 302
    assert Case.objects.get(pk=case.pk).edition == other


def test_what_the_desk_itself_wrote_is_told_in_the_timeline(as_person, case, phoned):
    """What was struck out, which file came, from when to when a due time moved and why, what went where: in Chinese."""
    actions.append(case.number, "urged", by="alice")
    actions.correct(case.number, 2, by="alice", reason="记错了工单", struck=True)
    actions.attach(case.number, "现场.png", PNG, by="alice")
    actions.set_parameter(POLICY, "customer-total.within", "3 working days", by="admin")
    actions.set_parameter(POLICY, "customer-total.within", "5 working days", by="admin")
    old, new = case.edition.hash, actions.install(draft_of(edition_text()), by="admin").hash
    actions.move(case.number, new, by="admin", reason="新办法")
    actions.merge(phoned.number, case.number, by="alice", reason="同一件事,电话13812345678")
    page = as_person("alice").get(f"/case/{case.number}/").content.decode()
    told = html.unescape(re.sub(r"<[^>]+>", " ", page[page.index('class="timeline"') :]))
    wanted = ["已划去", "记错了工单", "从未发生", "现场.png", "期限变动", "customer-total.within", "换了版本"]
    wanted += [
        f"版本日期不详 · {old[:8]} → 2025-10-01 版 · {new[:8]}",
        "另一张工单并入",
        phoned.number,
        "138****5678",
    ]
    assert not [one for one in wanted if one not in told], told
    moved = re.search(r"2025-09-\d+ 周. 24:00 → 2025-09-\d+ 周. 24:00", told)
    assert moved, told
    assert 'class="struck"' in page


def test_both_languages(as_person, case):
    alice = as_person("alice")
    pages = [f"/case/{case.number}/{one}/" for one in ("unmask", "merge", "correct/1")]
    assert not any("Back</a>" in alice.get(one).content.decode() for one in pages)
    alice.post("/language/", {"language": "en", "next": "/"})
    assert all("Back</a>" in alice.get(one).content.decode() for one in pages)


def test_what_somebody_may_not_correct_or_merge_is_not_offered_to_them(as_person, desk, clock):
    facts = {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}
    case = actions.accept(POLICY, by="alice", facts=facts, unit="龙水供电所")
    clock.wait(minutes=1)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    clock.wait(minutes=1)
    actions.append(case.number, "urged", by="bob")
    here = f"/case/{case.number}/"
    offered = {
        who: re.findall(r'/(correct/\d+|merge)/"', as_person(who).get(here).content.decode())
        for who in ("alice", "bob")
    }
    assert offered == {"alice": ["correct/3", "correct/2", "correct/1", "merge"], "bob": ["correct/3"]}
    with pytest.raises(RefusedError):  # the action refuses all the same
        actions.correct(case.number, 1, by="bob", reason="看错了", facts={"customer": "王先生"})
