"""Somebody in front of a browser: what they do in one go, and what was wrong on the pages that they saw."""

REFUSED = ("409", "404", "403", "400")  # answers of the desk that say what is wrong; the console repeats them

POLICY = "power/dazu-complaint-assessment"


class Somebody:
    """One browser of one person."""

    def __init__(self, context):
        self.context = context
        self.wrong = []
        context.set_default_timeout(15000)
        self.page = context.new_page()
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("requestfailed", self.lost)

    def heard(self, message):
        """Errors and warnings, a broken content security policy among them."""
        told = message.text
        repeated = "Failed to load resource" in told and any(f"status of {code}" in told for code in REFUSED)
        if message.type in ("error", "warning") and not repeated:
            self.wrong.append(f"{self.page.url}: {told}")

    def lost(self, request):
        if "ERR_ABORTED" not in (request.failure or ""):
            self.wrong.append(f"{request.url}: {request.failure}")

    def log_in(self, code, password):
        self.page.goto("/login/")
        self.page.fill("[name=username]", code)
        self.page.fill("[name=password]", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda address: "/login/" not in address)

    def see(self, address):
        answer = self.page.goto(address)
        return answer.status

    def fill(self, **facts):
        """Type or choose what a form asks for."""
        for name, value in facts.items():
            found = self.page.locator(f"main [name='{name}']").first
            if found.evaluate("one => one.tagName") != "SELECT":
                found.fill(value)
            elif found.is_visible():
                found.select_option(value)
            else:
                self.look_for(found, value)

    def look_for(self, listed, value):
        """In a long list: type the label of the choice."""
        label = listed.locator(f"option[value='{value}']").text_content()
        box = self.page.locator(f"[id='{listed.get_attribute('id')}-box']")
        box.fill(label)
        assert listed.input_value() == value

    def take(self, number, event, **facts):
        """A step, as it is offered on the page of the case."""
        wanted = f"a[href$='/case/{number}/{event}/']"
        link = self.page.locator(f"main {wanted}")
        if not (self.page.url.endswith(f"/case/{number}/") and link.count()):
            self.see(f"/case/{number}/")
        if not link.is_visible():
            self.page.click(f"main details:has({wanted}) > summary")
        self.follow(link)
        self.fill(**{f"fact-{name}": value for name, value in facts.items()})
        self.send()
        assert self.page.url.endswith(f"/case/{number}/"), self.page.inner_text("main")

    def call(self, number, **facts):
        """A callback out of today's list: nobody answers at first, then the script is gone through."""
        vain = self.page.locator("main form:has([name=vain]) button")
        for _ in range(2):
            self.see("/callbacks/?due=all")
            self.follow(self.page.locator(f"main a.btn[href^='/callbacks/{number}/']"))
            if vain.is_visible() and not self.page.locator("main :text('打过')").count():
                self.follow(vain)
                assert self.page.url.endswith("/callbacks/?due=all"), self.page.inner_text("main")
        self.fill(**{f"fact-{name}": value for name, value in facts.items()})
        self.send()
        assert self.page.url.endswith("/callbacks/?due=all"), self.page.inner_text("main")

    def follow(self, link):
        """A click alone does not wait for the page that it leads to."""
        with self.page.expect_navigation():
            link.click()

    def send(self):
        self.follow(self.page.locator("main form[method=post] button.btn-primary"))

    def accept(self, **facts):
        """A complaint; its number."""
        self.see(f"/intake/?policy={POLICY}")
        self.fill(**{f"fact-{name}": value for name, value in facts.items()})
        self.send()
        return self.page.url.rstrip("/").rpartition("/")[2]

    def owed(self):
        return self.page.inner_text("main")
