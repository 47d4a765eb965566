"""The pages in a browser: by keyboard alone, without JavaScript, on a phone, in both languages, and none broken."""

import re

import pytest

from tests.desk.browser.person import POLICY

VISIBLE = """one => { const s = getComputedStyle(one); return s.outlineStyle !== 'none' || s.boxShadow !== 'none' }"""


def tab_to(page, wanted, most=80):
    """Press Tab until the element has the focus, and see that it shows."""
    for _ in range(most):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            assert page.locator(wanted).first.evaluate(VISIBLE), f"{wanted}: the focus does not show"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by the keyboard")


def test_intake_by_the_keyboard_alone(somebody):
    """From the first page to the case, with Tab, letters, arrows and Enter."""
    page = somebody("hotline1").page
    page.goto("/")
    tab_to(page, "nav a[href='/intake/']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, f"a[href*='{POLICY.replace('/', '%2F')}'], a[href*='{POLICY}']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "[name=fact-customer]")
    page.keyboard.type("赵先生0815")
    tab_to(page, "[name=fact-channel]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "button[accesskey=s]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert re.search(r"/case/[^/]+/$", page.url), page.inner_text("main")
    assert "赵****15" in page.inner_text("main")


def test_the_first_tab_leads_past_the_menu(somebody):
    page = somebody("hotline1").page
    page.goto("/work/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_language_is_switched_and_stays(somebody):
    one = somebody("marketing4")
    one.see("/work/")
    assert one.page.get_attribute("html", "lang").startswith("zh")
    one.page.click("button[name=language]")
    one.page.wait_for_selector("html[lang^=en]")
    assert "My work" in one.page.inner_text("main h1")
    one.see("/intake/")
    assert one.page.inner_text("main h1") == "Intake"
    one.page.click("button[name=language]")
    one.page.wait_for_selector("html[lang^=zh]")


def test_everything_goes_without_javascript(somebody):
    """Intake with a look at what will be owed, a step, a filter, a search, a page of why."""
    one = somebody("hotline1", java_script_enabled=False)
    one.see(f"/intake/?policy={POLICY}")
    one.fill(**{"fact-customer": "钱女士0816", "fact-channel": "hotline"})
    one.page.click("button[name=look]")
    assert "第十四条" in one.page.inner_text("#promised")
    one.send()
    number = one.page.url.rstrip("/").rpartition("/")[2]
    one.take(number, "ticket_made", item="fault")
    assert "生成投诉工单" in one.page.inner_text(".timeline")
    one.page.locator("a[href*='/why/']").first.click()
    assert one.page.url.endswith("/"), one.page.url
    one.see("/work/")
    one.page.select_option("main [name=due]", "week")
    with one.page.expect_navigation():
        one.page.click("main form.filters button")
    assert "due=week" in one.page.url
    assert number in one.page.inner_text("main")


def paths(one, most=30):
    """Addresses that the pages lead to, one of each kind, as far as whoever is logged in may go."""
    waiting, kinds = ["/"], {}
    while waiting and len(kinds) < most:
        address = waiting.pop(0)
        kind = re.sub(r"\?.*", "", re.sub(r"/(?=[^/]*\d)[^/]+(?=/)", "/*", address))
        if kind in kinds:
            continue
        kinds[kind] = address
        yield address
        found = one.page.eval_on_selector_all(
            "a[href^='/']", "all => all.map(one => one.getAttribute('href'))"
        )
        waiting += [href.partition("#")[0] for href in found if not left_alone(href)]


def left_alone(href):
    return any(part in href for part in ("/logout", "/attachment", "/download", "/static", "/api/", "/file"))


@pytest.mark.parametrize("code", ["admin", "marketing1"])
def test_no_page_scrolls_sideways_on_a_phone_and_none_is_broken(somebody, code):
    """Every kind of page that can be reached by links; the fixture looks for script errors and a broken policy."""
    one, seen = somebody(code, "phone"), []
    for address in paths(one):
        status = one.see(address)
        assert status in (200, 403, 404), f"{address}: {status}"
        wide = one.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{address} is {wide} px too wide"
        seen.append(address)
    assert len(seen) >= 5, seen
