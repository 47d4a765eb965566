"""Logging in: locked out after wrong passwords, held at what is owed first, a second factor, headers behind TLS."""

import datetime as dt
import re
import subprocess
import sys

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from bihuan.desk.models import Person
from bihuan.desk.urls import urlpatterns

RIGHT = "a good long one"


@pytest.fixture
def visitor(desk):
    return Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=False)


def log_in(visitor, code="admin", password=RIGHT):
    return visitor.post("/login/", {"username": code, "password": password})


def code_of(device, ahead=0):
    totp = TOTP(device.bin_key)
    import time

    totp.time = time.time() + ahead * 30
    return f"{totp.token():06d}"


OPEN = {"home", "login", "second", "language", "logout", "where", "healthz", "metrics"}
FILLED = {"int": "1", "number": "N-1", "str": "x"}


@pytest.mark.parametrize(
    "page",
    [one for one in urlpatterns if isinstance(one, URLPattern) and one.name not in OPEN],
    ids=lambda one: one.name,
)
def test_no_other_page_opens_without_a_login(visitor, page):
    address = "/" + re.sub(r"<(\w+):\w+>", lambda one: FILLED[one[1]], str(page.pattern))
    for answer in (visitor.get(address), visitor.post(address)):
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/login/?next=")


def test_after_five_wrong_passwords_the_right_one_is_refused_too(visitor):
    for _ in range(4):
        assert log_in(visitor, password="wrong").status_code == 200
    assert log_in(visitor, password="wrong").status_code == 429
    answer = log_in(visitor)
    assert answer.status_code == 429
    assert "15" in answer.content.decode()
    assert visitor.get("/work/").status_code == 302


def test_others_are_not_locked_out_with_somebody(visitor, desk):
    Person.objects.get(code="alice").set_password(RIGHT)
    alice = Person.objects.get(code="alice")
    alice.set_password(RIGHT)
    alice.save()
    for _ in range(6):
        log_in(visitor, password="wrong")
    assert log_in(visitor, "alice").status_code == 302


def test_one_password_and_its_absence_are_told_alike(visitor):
    nobody, wrong = log_in(visitor, "nobody", "x"), log_in(visitor, "admin", "x")
    said = [re.findall(r"alert-danger.*?</div>", one.content.decode(), re.S) for one in (nobody, wrong)]
    assert said[0] == said[1] != []
    assert "账号或密码不对。" in said[0][0]


def test_a_password_that_somebody_else_chose_is_changed_before_anything_else(visitor):
    Person.objects.filter(code="admin").update(must_change=True)
    log_in(visitor)
    assert visitor.get("/work/").headers["Location"] == "/account/password/"
    assert visitor.get("/api/cases").status_code in (401, 403)
    same = {"old_password": RIGHT, "new_password1": "12345678", "new_password2": "12345678"}
    assert visitor.post("/account/password/", same).status_code == 409
    before = visitor.session.session_key
    good = {
        "old_password": RIGHT,
        "new_password1": "quite another one 7",
        "new_password2": "quite another one 7",
    }
    assert visitor.post("/account/password/", good).status_code == 302
    assert visitor.session.session_key != before
    assert visitor.get("/work/").status_code == 200
    assert not Person.objects.get(code="admin").must_change


def test_a_password_like_its_owners_account_is_refused_in_words(visitor):
    """It named the column: 密码跟 code 太相似了。"""
    log_in(visitor)
    Person.objects.filter(code="admin").update(name="Wang Xiaolin")
    like = {"old_password": RIGHT, "new_password1": "wangxiaolin7", "new_password2": "wangxiaolin7"}
    answer = visitor.post("/account/password/", like)
    assert (answer.status_code, "密码与账号或姓名太相似" in answer.content.decode()) == (409, True)


def test_changing_the_password_ends_other_sessions(visitor):
    log_in(visitor)
    other = Client(HTTP_HOST="127.0.0.1")
    log_in(other)
    good = {
        "old_password": RIGHT,
        "new_password1": "quite another one 7",
        "new_password2": "quite another one 7",
    }
    visitor.post("/account/password/", good)
    assert visitor.get("/work/").status_code == 200
    assert other.get("/work/").status_code == 302


def test_a_session_that_ended_and_one_of_a_closed_account_open_nothing(as_person):
    client, held = as_person("alice"), Session.objects.all()
    assert client.get("/account/").status_code == 200
    Person.objects.filter(code="alice").update(is_active=False)
    assert client.get("/account/").status_code == 302
    Person.objects.filter(code="alice").update(is_active=True)
    assert client.get("/account/").status_code == 200
    held.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert client.get("/account/").status_code == 302


def test_a_session_gets_a_new_name_at_login(visitor):
    visitor.get("/login/")
    visitor.session["x"] = 1
    before = visitor.session.session_key
    log_in(visitor)
    assert visitor.session.session_key != before


def test_a_second_factor_is_taken_asked_for_and_given_back(visitor):
    log_in(visitor)
    page = visitor.get("/account/").content.decode()
    assert "<svg" in page
    assert "style=" not in page
    device = TOTPDevice.objects.get(user__code="admin")
    assert visitor.post("/account/", {"code": "000000"}).status_code == 409
    device.refresh_from_db()
    device.throttle_reset()
    assert visitor.post("/account/", {"code": code_of(device)}).status_code == 302
    other = Client(HTTP_HOST="127.0.0.1")
    log_in(other)
    assert other.get("/work/").headers["Location"] == "/login/code/"
    assert other.get("/messages/").headers["Location"] == "/login/code/"
    assert 'class="desk-nav"' not in other.get("/login/code/").content.decode(), "nothing that does not open"
    assert other.post("/login/code/", {"code": code_of(device)}).status_code == 409  # used already
    device.refresh_from_db()
    device.throttle_reset()
    assert other.post("/login/code/", {"code": code_of(device, 1)}).status_code == 302
    assert 'class="desk-nav"' in other.get("/work/").content.decode()
    TOTPDevice.objects.update(last_t=-1)
    assert other.post("/account/", {"code": code_of(device)}).status_code == 302
    assert not TOTPDevice.objects.filter(user__code="admin", confirmed=True).exists()


def test_wrong_codes_slow_down(visitor):
    log_in(visitor)
    visitor.get("/account/")
    device = TOTPDevice.objects.get(user__code="admin")
    visitor.post("/account/", {"code": "000000"})
    answer = visitor.post("/account/", {"code": code_of(device)})
    assert answer.status_code == 409
    assert "刚才的验证码不对" in answer.content.decode(), "one wrong code is not too many"


@pytest.mark.parametrize("path", ["/login/", "/work/", "/account/", "/messages/", "/channels/", "/intake/"])
def test_pages_load_nothing_but_our_own_and_are_framed_by_nobody(visitor, path):
    if path != "/login/":
        log_in(visitor)
    answer = visitor.get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = answer.content.decode()
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert not re.search(r"\sstyle=|<style|\son\w+=", page)


def test_a_form_from_elsewhere_is_refused(desk):
    visitor = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    visitor.force_login(Person.objects.get(code="admin"))
    assert visitor.post("/intake/", {}).status_code == 403
    assert visitor.post("/account/password/", {}).status_code == 403


def test_cookies_are_not_for_scripts_and_end(visitor):
    log_in(visitor)
    cookie = visitor.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) == 12 * 3600


BEHIND = """
import django
from django.test import Client
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS.append("desk.example")
plain = Client(HTTP_HOST="desk.example").get("/login/")
proxied = Client(HTTP_HOST="desk.example").get("/login/", headers={"X-Forwarded-Proto": "https"})
print(plain.status_code, plain.headers.get("Location"))
print(proxied.status_code, proxied.headers.get("Strict-Transport-Security"), proxied.cookies["csrftoken"]["secure"])
print(settings.SESSION_COOKIE_SECURE)
"""


def test_behind_tls_cookies_are_secure_and_browsers_come_back_by_tls(tmp_path):
    import os

    env = {**os.environ, "BIHUAN_TLS": "1", "BIHUAN_HOME": str(tmp_path), "BIHUAN_SECRET_KEY": "x" * 50}
    env["DJANGO_SETTINGS_MODULE"] = "bihuan.desk.settings"
    env.pop("DATABASE_URL", None)
    made = subprocess.run([sys.executable, "-c", BEHIND], env=env, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    plain, proxied, secure = made.stdout.splitlines()
    assert plain == "301 https://desk.example/login/"
    assert proxied == "200 max-age=31536000 True"
    assert secure == "True"


def test_a_name_that_is_not_the_desk_s_is_refused_in_words_and_told_nobody_else(visitor):
    answer = visitor.get("/login/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "BIHUAN_HOSTS" in answer.content.decode()
    assert "evil.example" not in answer.content.decode()


def test_a_form_of_an_old_page_is_not_sent_on_but_what_was_typed_is_there_to_copy():
    visitor = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    answer = visitor.post("/intake/", {"fact-content": "灯闪了<b>三天</b>", "key": "k-1"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "灯闪了&lt;b&gt;三天&lt;/b&gt;" in page
    assert 'name="fact-content"' not in page


def test_browsers_keep_no_page(visitor, desk):
    assert {visitor.get(page)["Cache-Control"] for page in ("/login/", "/where/", "/work/", "/nowhere/")} == {
        "no-store"
    }
