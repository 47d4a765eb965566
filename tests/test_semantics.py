"""Is docs/semantics.md true? Every decision has a name, a sentence, a reason and an example that is run here."""

import re
import tomllib
from pathlib import Path

import pytest

from bihuan.engine.check import check
from bihuan.engine.example import parse_examples
from bihuan.engine.examples import run_examples
from bihuan.engine.policy import parse_policy
from bihuan.files.calendars import read_calendars

PAGE = (Path(__file__).parent.parent / "docs" / "semantics.md").read_text("utf-8")
HEADING = re.compile(r'^### <a id="([a-z0-9-]+)"></a>(.+)$', re.M)
BLOCK = re.compile(r"^```toml\n(.*?)^```", re.M | re.S)
PARTS = HEADING.split(PAGE)
SECTIONS = list(zip(PARTS[1::3], PARTS[3::3], strict=True))
HEADER = tomllib.loads(BLOCK.findall(PARTS[0])[0])["policy"]
EXAMPLES = [
    (f"{name}-{n}" if n else name, block)
    for name, text in SECTIONS
    for n, block in enumerate(BLOCK.findall(text))
]


def read(block):
    """The policy and the examples of a block; what the page leaves out is filled in as its head says."""
    data = tomllib.loads(block)
    examples = {"example": data.pop("example")}
    article = data.get("article")
    if not isinstance(article, list):
        data["article"] = [{"no": "第一条", "says": "例", **(article or {})}]
    data["policy"] = HEADER | data.get("policy", {})
    return parse_policy(data, "semantics.md"), parse_examples(examples, "semantics.md")


@pytest.mark.parametrize(("name", "block"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_every_example_of_the_page_holds(name, block):
    policy, examples = read(block)
    for result in run_examples(policy, [examples], read_calendars()):
        assert result.state == "held", result.text()


@pytest.mark.parametrize(("name", "block"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_every_policy_of_the_page_is_sound(name, block):
    policy, examples = read(block)
    assert [each.text() for each in check(policy, examples.example) if each.level == "error"] == []


@pytest.mark.parametrize(("name", "text"), SECTIONS, ids=[name for name, _ in SECTIONS])
def test_every_decision_has_its_sentence_its_reason_and_an_example(name, text):
    assert re.search(r"^\*\*决定\*\* .+", text, re.M)
    assert re.search(r"^\*\*依据\*\* .+", text, re.M)
    assert BLOCK.search(text)


def test_names_are_unique_and_every_heading_has_one():
    names = [name for name, _ in SECTIONS]
    assert len(names) == len(set(names)) == PAGE.count("\n### ")


def test_references_lead_to_a_decision():
    root = Path(__file__).parent.parent
    pages = [*(root / "docs").rglob("*.md"), *(root / "src").rglob("*.py"), *root.glob("*.md")]
    text = "".join(page.read_text("utf-8") for page in pages)
    wanted = re.findall(r"semantics\.md#([a-z0-9-]+)", text) + re.findall(r"\]\(#([a-z0-9-]+)\)", PAGE)
    assert set(wanted) <= {name for name, _ in SECTIONS}
