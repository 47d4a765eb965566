"""The pages in a browser: by keyboard alone, without JavaScript, on a phone, in both languages, and none broken."""

import re

import pytest

from tests.desk.browser import seeing
from tests.desk.browser.conftest import BIHUAN, ran
from tests.desk.browser.person import POLICY


def tab_to(page, wanted, most=80):
    """Press Tab until the element has the focus, and see that it shows."""
    for _ in range(most):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            assert not page.evaluate(seeing.RING)
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
    page.keyboard.press("Enter")
    assert page.input_value("[name=fact-channel]") == "95598电话"
    tab_to(page, "[id='id_fact-item-box']")
    page.keyboard.type("维护 处理")  # a part of the branch and a part of the category
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.value") == "故障处理"
    tab_to(page, "button[accesskey=s]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert re.search(r"/case/[^/]+/$", page.url), page.inner_text("main")
    assert "赵****15" in page.inner_text("main")
    assert "故障处理" in page.inner_text("main")


def test_a_category_is_looked_for_by_a_part_of_it(somebody):
    """The list opens under the line and fits the screen; what is no choice is told, and nothing wrong is sent."""
    one = somebody("hotline1", "phone")
    one.see(f"/intake/?policy={POLICY}")
    box, chosen = one.page.locator("[id='id_fact-item-box']"), one.page.locator("[name=fact-item]")
    box.press_sequentially("停电")
    assert one.page.locator(".choices:visible li").all_inner_texts() == ["停电公告 运行维护类"]
    assert box.get_attribute("aria-expanded") == "true"
    assert not [*seeing.sideways(one.page), *seeing.unlabelled(one.page), *seeing.faint(one.page)]
    one.page.click(".choices:visible li")
    assert (box.input_value(), chosen.input_value()) == ("停电公告", "outage_notice")
    box.fill("没有这一项")
    box.press("Tab")
    assert (chosen.input_value(), box.evaluate("one => one.checkValidity()")) == ("", False)
    box.focus()
    box.press("Enter")
    assert one.page.url.endswith(POLICY), "what is no choice is not sent as if nothing had been typed"
    assert box.evaluate("one => document.activeElement === one && one.validationMessage")
    box.fill("停电公告")
    assert not one.page.locator(".choices:visible").count()
    assert (chosen.input_value(), box.evaluate("one => one.checkValidity()")) == ("outage_notice", True)
    box.press("ArrowDown")
    assert one.page.locator(".choices:visible li").count() == 18
    box.press("Escape")
    assert not one.page.locator(".choices:visible").count()


COVERED = """() => {
  const one = document.activeElement, edge = one.getBoundingClientRect();
  const seen = document.elementFromPoint(edge.x + edge.width / 2, edge.y + edge.height / 2);
  return one !== document.body && !(seen && (one.contains(seen) || seen.contains(one))) ? one.outerHTML.slice(0, 100) : '';
}"""


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_steps_for_several_cases_are_in_sight_and_one_tab_away(somebody, size):
    """The bar stays at the lower edge and covers nothing that has the focus; from a ticked box a link leads to it."""
    page = somebody("marketing1", size, reduced_motion="reduce").page
    page.goto("/work/")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": 600})
    boxes = page.locator("main [name=case]")
    assert boxes.count() > 8
    bar = page.locator(".together").bounding_box()
    assert bar["y"] + bar["height"] <= 600
    assert bar["height"] < 100
    boxes.first.focus()
    for _each in range(20):
        page.keyboard.press("Tab")
        assert not page.evaluate(COVERED)
    boxes.first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert not page.evaluate(seeing.RING)
    assert not seeing.sideways(page)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "together"
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/bulk/?case=" in page.url


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


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_everything_goes_without_javascript(somebody, size):
    """Intake with a look at what will be owed, a step, a filter, a search, a page of why."""
    one = somebody("hotline1", size, java_script_enabled=False)
    one.see(f"/intake/?policy={POLICY}")
    customer = f"钱女士{size}"  # each their own: who enters the same again is asked whether it is meant
    one.fill(**{"fact-customer": customer, "fact-channel": "hotline"})
    one.follow(one.page.locator("button[name=look]"))
    assert "第十四条" in one.page.inner_text("#promised")
    assert not seeing.sideways(one.page)
    one.send()
    number = one.page.url.rstrip("/").rpartition("/")[2]
    one.take(number, "ticket_made", item="fault")
    assert "生成投诉工单" in one.page.inner_text(".timeline")
    one.follow(one.page.locator("a[href*='/why/']").first)
    assert "/why/" in one.page.url
    one.see("/work/")
    one.page.select_option("main [name=due]", "week")
    one.follow(one.page.locator("main form.filters button"))
    assert "due=week" in one.page.url
    assert number in one.page.inner_text("main")
    one.page.fill("header [name=q]", number)
    one.follow(one.page.locator("header .desk-search button"))
    assert number in one.page.inner_text("#hits")


@pytest.mark.parametrize("width", [320, 768, 1024])
def test_nothing_sticks_out_between_phone_and_desk(somebody, width):
    """Also of what is folded, in the widest lists that there are."""
    one = somebody("marketing1")
    one.page.set_viewport_size({"width": width, "height": 900})
    one.see("/work/")
    case = one.page.locator("main td a[href^='/case/']").first.get_attribute("href")
    for address in (
        "/work/",
        "/supervision/",
        "/callbacks/?due=all",
        "/dispatch/",
        "/supervision/charges/",
        case,
    ):
        one.see(address)
        one.page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        assert not seeing.sideways(one.page), address


def test_while_the_caller_talks(somebody):
    """A number leads to the customer and the open case; an answer brings up what it needs; the category is searched."""
    one = somebody("hotline1")
    number = one.accept(
        customer="冯女士0817", customer_phone="13600000817", channel="hotline", content="表箱漏电"
    )
    one.see(f"/intake/?policy={POLICY}")
    one.page.locator("[name=fact-customer]").press_sequentially("13600000817")
    one.page.wait_for_selector(f"#caller a[href='/case/{number}/']")
    assert "冯女士0817" not in one.page.inner_text("main")
    one.follow(one.page.locator("#caller button[name=pick]"))
    assert one.page.input_value("[name=fact-customer_phone]") == "13600000817"
    one.fill(**{"fact-channel": "hotline", "fact-content": "表箱又漏电了", "fact-item": "fault"})
    one.page.wait_for_selector("#caller h3:has-text('未结工单')")
    one.page.click("button[name=look]")
    one.page.wait_for_selector("#promised time")
    one.send()
    assert "故障处理" in one.page.inner_text("section:has(#known)")
    one.see("/intake/?policy=power/tianjin-callback")
    one.page.select_option("[name=fact-kind]", "letter")
    one.page.wait_for_selector("[name=fact-reply_requested]")
    one.page.select_option("[name=fact-kind]", "repair")
    one.page.wait_for_selector("[name=fact-reply_requested]", state="detached")


def test_a_case_is_printed_without_what_is_only_for_the_screen(somebody):
    one = somebody("hotline1")
    number = one.accept(customer="褚女士0818", channel="hotline")
    one.page.evaluate("window.print = () => { document.title = 'on paper' }")
    one.page.get_by_role("button", name="打印").click()
    assert one.page.title() == "on paper"
    one.page.emulate_media(media="print")
    assert one.page.locator("section:has(#happened)").is_visible()
    for only in ("header", "nav", "form", "section:has(#next)"):
        assert not any(found.is_visible() for found in one.page.locator(only).all()), only
    assert number in one.page.inner_text("main h1")


def test_lists_and_what_is_folded_are_printed(somebody):
    """On paper the columns stand beneath each other; of a list with boxes the rows stay, of a fold what is in it."""
    one = somebody("hotline1")
    one.page.emulate_media(media="print")
    one.see("/work/?due=week")
    assert one.page.locator("#rows tbody td:not(.choose) a").first.is_visible()
    for only in ("#together", ".choose", ".more"):
        assert not any(found.is_visible() for found in one.page.locator(only).all()), only
    one.page.set_viewport_size({"width": 720, "height": 1000})  # A4
    one.follow(one.page.locator("#rows tbody td:not(.choose) a").first)
    left, right = one.page.locator(".columns > div").all()
    assert right.bounding_box()["y"] >= left.bounding_box()["y"] + left.bounding_box()["height"]
    assert not seeing.sideways(one.page)
    assert not any(found.is_visible() for found in one.page.locator("main a[href*='/why/']").all())
    folded = one.page.locator("main details:not([open])").count()
    one.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not one.page.locator("section:not(.no-print) details:not([open])").count()
    one.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert one.page.locator("main details:not([open])").count() == folded


def test_a_figure_is_one_line_on_paper_unless_it_was_opened(somebody, home):
    ran(home, BIHUAN, "tick")
    page = somebody("admin").page
    page.goto("/supervision/")
    opened, *others = page.locator("section:has([id^=figures-]) details").all()
    opened.locator("summary").click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.locator("table").is_visible()
    assert others
    assert not any(figure.locator("table").is_visible() for figure in others)
    assert all(figure.locator("strong").is_visible() for figure in others)


def test_what_changes_on_a_page_is_read_aloud_in_a_few_words(somebody):
    """How many rows there are now, not all of them; and that there is none."""
    one = somebody("hotline1")
    one.see("/work/")
    one.page.select_option("main [name=due]", "week")
    one.page.wait_for_selector("#said:not(:empty)", state="attached")
    rows = one.page.locator("#rows tbody tr").count()
    assert one.page.inner_text("#said") == f"共显示 {rows} 行"
    one.see("/search/")
    one.page.locator("#words").press_sequentially("没有这样的话")
    one.page.wait_for_selector("#said:has-text('没有这样的话')", state="attached")
    assert one.page.locator("#said").get_attribute("role") == "status"


def paths(one, most=30):
    """Addresses that the pages lead to, one of each kind, as far as whoever is logged in may go."""
    waiting, kinds = ["/"], {}
    while waiting and len(kinds) < most:
        address = waiting.pop(0)
        kind = re.sub(r"\?.*", "", re.sub(r"/(?=[^/]*\d)[^/]+(?=/)", "/*", address))
        kind += "?after" if "after=" in address else ""
        if kind in kinds:
            continue
        kinds[kind] = address
        yield address
        found = one.page.eval_on_selector_all(
            "a[href^='/']", "all => all.map(one => one.getAttribute('href'))"
        )
        waiting += [href.partition("#")[0] for href in found if not left_alone(href)]


def left_alone(href):
    return any(
        part in href for part in ("/logout", "/attachment", "/download", "/static", "/api/", "/file", ".csv")
    )


@pytest.mark.parametrize(
    ("code", "size", "language"),
    [("admin", "phone", "中文"), ("marketing1", "phone", "English"), ("admin", "desktop", "English")],
)
def test_every_page_can_be_read_and_none_is_broken(somebody, code, size, language):
    """Every kind of page that links lead to: nothing sticks out, all is labelled and has contrast.

    The fixture looks for script errors and a broken policy.
    """
    one, seen, wrong = somebody(code, size), [], []
    one.see("/account/")
    switch = one.page.get_by_role("button", name=language)
    if switch.count():
        one.follow(switch)
    for address in paths(one):
        status = one.see(address)
        assert status in (200, 403, 404), f"{address}: {status}"
        found = [*seeing.sideways(one.page), *seeing.unlabelled(one.page), *seeing.faint(one.page)]
        wrong += [f"{address}: {said}" for said in found]
        seen.append(address)
    assert len(seen) >= 5, seen
    assert not wrong


@pytest.mark.parametrize("address", ["/login/", "/where/"])
def test_the_pages_before_the_login_can_be_read(somebody, address):
    page = somebody(size="phone").page
    page.goto(address)
    assert not [
        *seeing.sideways(page),
        *seeing.unlabelled(page),
        *seeing.faint(page),
        *seeing.lost_focus(page),
    ]


@pytest.mark.parametrize("address", ["/work/", f"/intake/?policy={POLICY}", "/supervision/", "/search/"])
def test_wherever_tab_leads_the_focus_shows(somebody, address):
    page = somebody("hotline1").page
    page.goto(address)
    assert not seeing.lost_focus(page)


def test_what_is_wrong_on_a_form_is_said_at_its_field_and_read_aloud(somebody):
    """The field names the text that says what is wrong with it."""
    one = somebody("hotline1")
    one.see(f"/intake/?policy={POLICY}")
    one.send()
    assert "第十一条" in one.page.evaluate("document.activeElement.textContent"), "it has the focus"
    field = one.page.locator("[name=fact-channel]")
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby") or ""
    said = [one.page.inner_text(f"#{id}") for id in described.split() if "error" in id]
    assert any("第十一条" in text for text in said), described
    assert not [*seeing.unlabelled(one.page), *seeing.faint(one.page)]
