"""A whole case by the people of the company, from the call to the archive, in their browsers."""

from itertools import count

import pytest


def said():
    """What a customer says; each test has its own, for the same again is asked about."""
    return {"customer": f"刘女士{next(CUSTOMERS)}", "channel": "hotline"}


CUSTOMERS = count(4200)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_case_lives_to_the_archive(somebody, size):
    """Returned, extended, not to the customer's liking, handled again, archived: each step where the page offers it."""
    alice, bob, dana = somebody("hotline1", size), somebody("longshui1", size), somebody("marketing1", size)
    number = alice.accept(**said())
    begin(somebody, alice, dana, number, size)
    yun, boss = somebody("yunjian1", size), somebody("director1", size)
    yun.take(number, "returned", return_reason="不属本单位处理范围")
    alice.take(number, "redispatched", unit="龙水供电所")
    bob.take(number, "contacted")
    bob.take(number, "customer_told")
    boss.take(number, "company_consented")
    bob.take(
        number,
        "extended",
        complex="true",
        extended_until="2027-01-15T18:00",
        extension_reason="需上级单位配合",
    )
    answered(bob, number)
    dana.take(number, "reviewed")
    dana.take(number, "archived")
    alice.call(number, verdict="improper")
    alice.take(number, "redispatched", unit="龙水供电所")
    assert "第 2 轮" in alice.owed()
    bob.take(number, "contacted")
    answered(bob, number)
    dana.take(number, "reviewed")
    dana.take(number, "archived")
    alice.call(number, verdict="proper")
    dana.take(number, "verified", responsibility="other")
    dana.take(number, "closed")
    assert "关闭" in dana.owed()
    assert "处理不妥当" in dana.owed()


def begin(somebody, alice, dana, number, size):
    """Ticket, look of the team leader, what kind of matter, and to whom it goes."""
    leader = somebody("leader1", size)
    alice.take(number, "ticket_made", item="fault")
    leader.take(number, "team_reviewed")
    dana.take(number, "classified", severity="ordinary")
    alice.take(number, "dispatched", unit="运维检修部")
    assert "第十五条" in alice.owed()


def answered(bob, number):
    bob.take(number, "investigated")
    bob.take(number, "answered")
    bob.take(number, "replied", reply="已按规定处理并答复客户")


def test_a_step_that_is_not_allowed_says_the_article_and_keeps_the_text(somebody):
    """An extension without the consent that the regulation wants."""
    alice, bob, dana = somebody("hotline1"), somebody("longshui1"), somebody("marketing1")
    number = ready(somebody, alice, dana)
    bob.see(f"/case/{number}/")
    bob.page.click("summary:has-text('不能')")
    assert "第十五条" in bob.page.inner_text(".barred")
    bob.see(f"/case/{number}/extended/")
    assert "第十五条" in bob.page.inner_text(".alert-warning")
    bob.fill(**{"fact-extended_until": "2027-01-15T18:00", "fact-extension_reason": "等客户提供材料"})
    bob.send()
    assert "第十五条" in bob.page.inner_text("main .alert-danger")
    assert bob.page.input_value("[name='fact-extension_reason']") == "等客户提供材料"
    bob.see(f"/case/{number}/")
    assert "延期" not in bob.page.inner_text(".timeline")


def ready(somebody, alice, dana):
    """A case that is with the station."""
    number = alice.accept(**said())
    alice.take(number, "ticket_made", item="fault")
    somebody("leader1").take(number, "team_reviewed")
    alice.take(number, "dispatched", unit="龙水供电所")
    return number


def test_of_two_who_act_at_once_one_wins_and_the_other_loses_no_text(somebody):
    alice, bob, dana = somebody("hotline1"), somebody("longshui1"), somebody("marketing1")
    number = ready(somebody, alice, dana)
    for one in (bob, dana):
        one.see(f"/case/{number}/misconduct_found/" if one is dana else f"/case/{number}/returned/")
    bob.fill(**{"fact-return_reason": "不属本单位处理范围,应由石桥供电所处理"})
    dana.send()
    bob.send()
    assert bob.page.input_value("[name='fact-return_reason']") == "不属本单位处理范围,应由石桥供电所处理"
    assert "发现涉及违纪" in bob.page.inner_text("main .alert-danger")
    bob.send()  # having read it
    assert "退单" in bob.page.inner_text(".timeline")


def test_back_and_the_same_button_again_asks_before_it_counts_twice(somebody):
    """Nothing of the desk is kept by a browser: Back fetches a fresh form, which was never sent."""
    alice, bob, dana = somebody("hotline1"), somebody("longshui1"), somebody("marketing1")
    number = ready(somebody, alice, dana)
    bob.take(number, "contacted")
    bob.page.go_back(wait_until="load")
    assert bob.page.url.endswith("/contacted/")
    bob.send()
    assert "您刚记过一次“联系客户”" in bob.page.inner_text("main .alert-danger")
    contacts = dana.page.locator(".timeline li:has(strong:text-is('联系客户'))")
    dana.see(f"/case/{number}/")
    assert contacts.count() == 1
    bob.page.wait_for_timeout(1100)  # within one second they would be one event
    bob.send()  # and means it
    assert bob.page.url.endswith(f"/case/{number}/")
    dana.see(f"/case/{number}/")
    assert contacts.count() == 2


def test_back_and_the_same_call_again_asks_before_it_is_a_second_case(somebody):
    """A browser puts back some of what was typed."""
    alice = somebody("hotline1")
    number = alice.accept(customer="闵先生0163", channel="letter")
    alice.page.go_back(wait_until="load")
    alice.fill(**{"fact-customer": "闵先生0163", "fact-channel": "letter"})
    alice.send()
    assert f"您刚受理过一张一样的({number})" in alice.page.inner_text("main .alert-danger")
    alice.send()  # the same again, truly
    assert alice.page.url.rstrip("/").rpartition("/")[2] > number


HOME = "service/home-decoration-callback"


def in_force(admin):
    """A regulation that ships comes onto the desk and into force, and somebody gets its role, all on the pages."""
    admin.see("/regulations/")
    admin.follow(admin.page.locator("tr:has-text('家装公司客户回访制度') button"))
    admin.follow(admin.page.locator("main a[href$='/in-force/']"))
    admin.send()
    admin.see("/people/at/hotline1/")
    admin.page.select_option("[name=grant-role]", "caller")
    admin.follow(admin.page.locator("#grant ~ form button"))


def test_a_callback_by_its_script_after_a_call_in_vain(somebody):
    """Questions come and go with the answers; nobody answered, and when to call again; the points; the next call counts."""
    in_force(somebody("admin"))
    one = somebody("hotline1")
    one.see(f"/intake/?policy={HOME}")
    one.fill(**{"fact-customer": "卫先生0819", "fact-customer_phone": "13600000819"})
    one.send()
    number = one.page.url.rstrip("/").rpartition("/")[2]
    one.take(number, "mid_paid")
    one.see("/callbacks/?due=all")
    one.follow(one.page.locator(f"main a.btn[href^='/callbacks/{number}/']").first)
    address = one.page.url
    with one.context.expect_page() as opened:
        one.page.click("main a[href$='/unmask/']")
    opened.value.fill("[name=reason]", "回访")
    opened.value.click("main form button.btn-primary")
    opened.value.wait_for_selector("dd:has-text('13600000819')")
    opened.value.close()
    assert "您现在方便吗" in one.page.inner_text(".script")
    one.fill(**{"fact-convenient": "true"})
    one.page.wait_for_selector(".script :text('对设计满意吗')")
    one.fill(**{"fact-convenient": "false"})
    one.page.wait_for_selector(".script :text('什么时候方便')")
    assert not one.page.locator(".script :text('对设计满意吗')").count()
    vain = one.page.locator("main form:has([name=vain])")
    vain.locator("[name=fact-in_vain]").fill("无人接听")
    one.follow(vain.locator("button"))
    assert one.page.url.endswith("/callbacks/?due=all"), one.page.inner_text("main")
    # a browser gives the focus once it has drawn the page, which may be after it was loaded
    one.page.wait_for_selector("a:focus:text('下一个回访:')")
    with one.page.expect_navigation():
        one.page.keyboard.press("Enter")
    assert one.page.url.endswith("/?due=all")
    assert one.page.url != address, "the next of the list, not the same again"
    one.see("/callbacks/?due=all&tried=vain")
    assert "打过 1 次" in one.page.inner_text(f"tr:has(a[href^='/callbacks/{number}/'])")
    is_called_no_more(one, number, address)
    one.see(address)
    one.fill(**{"fact-convenient": "true"})
    one.page.wait_for_selector(".script :text('对设计满意吗')")
    assert number in one.page.inner_text("main")


def is_called_no_more(one, number, address):
    """Said on the page of the call, seen in the list, taken back on the page of the case."""
    one.see(address)
    one.follow(one.page.locator("section:has(#never) a:text('客户不要回访')"))
    one.fill(reason="有事自己打来")
    one.send()
    assert one.page.url.endswith("/callbacks/?due=all"), one.page.inner_text("main")
    assert "不要回访" in one.page.inner_text(f"tr:has(a[href^='/callbacks/{number}/'])")
    one.see(address)
    assert "客户说过不要回访" in one.page.inner_text("main")
    one.see(f"/case/{number}/")
    one.follow(one.page.locator(".page-head a[href$='/calls/']"))
    one.fill(reason="又说可以")
    one.send()
    assert "客户同意再回访" in one.page.inner_text(".timeline li:first-child")
