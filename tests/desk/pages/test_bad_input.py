"""Every form that pages lead to, sent empty, overlong, malicious, or with what it carries unseen broken: told in Chinese, typed text kept.

Nothing may fail inside, nothing that was typed may become a part of the page.
"""

import html
import re

import pytest

from bihuan.desk import actions
from bihuan.desk.models import Case, Edition
from tests.desk.conftest import POLICY

EVIL = "<script>alert(1)</script>'\"&"
TYPED = {"nothing": "", "malicious": EVIL, "overlong digits": "9" * 9000}
ADMIN = (
    "account/password/", "channels/new/", "regulations/new/", "regulations/{edition}/in-force/", "people/new/",
    "regulations/{edition}/parameters/opinion_due/", "regulations/{edition}/parameters/dispatch_start/", "people/unit/",
    "people/registers/", "people/handover/", "people/at/bob/", "calendars/new/", "case/{case}/destroy/", "case/{case}/move/",
)  # fmt: skip
ALICE = (
    f"intake/?policy={POLICY}", "case/{case}/", "case/{case}/merge/", "case/{case}/unmask/", "case/{case}/correct/1/",
    "case/{case}/ticket_made/", "case/{case}/withdrawn/", "case/{case}/dispatched/",
)  # fmt: skip
VISITOR = ("where/",)


def forms(page):
    """Of each form that is sent: what it carries unseen, and the names of what is typed, whether it is a text."""
    for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", page, re.DOTALL):
        if 'method="post"' not in attributes or re.search(r'action="/(language|logout)', attributes):
            continue
        to = re.search(r'action="([^"]*)"', attributes)
        fields = [
            dict(re.findall(r'([\w-]+)="([^"]*)"', one))
            for one in re.findall(r"<(?:input|select|textarea)([^>]*)>", inside)
        ]
        unseen = {
            one["name"]: html.unescape(one.get("value", "")) for one in fields if one.get("type") == "hidden"
        }
        typed = {one["name"]: one.get("type") == "text" or "cols" in one for one in fields if "name" in one}
        typed = {name: text for name, text in typed.items() if name not in unseen and name != "file"}
        yield to and to[1], unseen, typed


def told(page):
    """What is said to be wrong."""
    lists = re.findall(
        r'<ul class="errors".*?</ul>|<div class="alert alert-danger".*?</div>', page, re.DOTALL
    )
    said = [html.unescape(re.sub(r"<[^>]+>", " ", one)).strip() for one in lists]
    return [one for one in said if one]


def wrong(answer, kept=""):
    """What is wrong with an answer, in words."""
    page = answer.content.decode()
    if answer.status_code >= 500:
        yield f"failed: {answer.status_code}"
    if EVIL in page or "<script>alert" in page:
        yield "what was typed is a part of the page"
    if answer.status_code == 409 and not told(page):
        yield "nothing is said"
    if answer.status_code == 409 and kept not in html.unescape(page):
        yield "what was typed is gone"
    yield from (f"not in Chinese: {said}" for said in told(page) if not re.search("[\u4e00-\u9fff]", said))


@pytest.mark.parametrize(("code", "addresses"), [("admin", ADMIN), ("alice", ALICE), ("", VISITOR)])
def test_whatever_is_typed_is_answered_in_words(as_person, client, desk, case, code, addresses):
    someone = as_person(code) if code else client
    someone.raise_request_exception = False
    edition, found, tried = Edition.objects.get().pk, [], 0
    for address in addresses:
        here = "/" + address.format(edition=edition, case=case.number)
        page = someone.get(here)
        assert page.status_code == 200, here
        for to, unseen, typed in forms(page.content.decode()):
            for what, value in TYPED.items():
                answer = someone.post(to or here, unseen | dict.fromkeys(typed, value))
                found += [
                    f"{here} {what}: {said}" for said in wrong(answer, value if any(typed.values()) else "")
                ]
                tried += 1
            for name in unseen:
                answer = someone.post(to or here, unseen | {name: EVIL})
                found += [f"{here} {name} broken: {said}" for said in wrong(answer)]
    assert not found
    assert tried >= len(addresses) * len(TYPED)


def test_a_limit_that_is_none_is_never_kept(as_person, desk):
    """A parameter that rules take for a limit, although no case is open yet."""
    from bihuan.engine.errors import CallError

    with pytest.raises(CallError, match="expected a limit"):
        actions.set_parameter(POLICY, "opinion_due", "soon", by="admin")


def test_a_page_that_knows_more_than_the_record_is_told_so_and_may_be_sent_again(as_person, case):
    """As after a backup was restored; or where what the form carries unseen came back broken."""
    alice, address = as_person("alice"), f"/case/{case.number}/ticket_made/"
    for unseen in ({"key": "1", "version": "99"}, {"key": "", "version": "x"}):
        answer = alice.post(address, unseen | {"fact-item": "billing"})
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "再发" in " ".join(told(page)), told(page)
        [(_to, kept, _typed)] = [one for one in forms(page) if "version" in one[1]]
        assert re.search(r'value="billing" selected', page)
    assert alice.post(address, kept | {"fact-item": "billing"}).status_code == 302
    assert Case.objects.get().version == 2
