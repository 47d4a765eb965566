"""Are mistakes explained? One defect a file in tests/broken, and the words its message must contain."""

import re
from pathlib import Path

import pytest

from bihuan.engine.check import check
from bihuan.engine.errors import PolicyError
from bihuan.engine.messages import MESSAGES
from bihuan.files.policies import read_policy

BROKEN = Path(__file__).parent.parent / "broken"
FILES = sorted(path for path in BROKEN.glob("*.toml") if path.stem != "sound")
LEAKS = re.compile(r"pydantic|Value error|Input should|ctx|NoneType|\{[a-z]+\}")


def findings_of(path):
    try:
        policy = read_policy(path)
    except PolicyError as error:
        return list(error.findings)
    return [each for each in check(policy, known={policy.id}) if each.level != "info"]


def wanted(path, key):
    line = next(line for line in path.read_text("utf-8").splitlines() if line.startswith(f"# {key}: "))
    return [words.strip() for words in line.removeprefix(f"# {key}: ").split(" | ")]


def test_the_policy_they_were_made_from_is_sound():
    assert findings_of(BROKEN / "sound.toml") == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_defect_is_one_finding_that_says_where_what_and_what_to_do(path):
    found = findings_of(path)
    assert [each.code for each in found] == wanted(path, "code"), [each.text() for each in found]
    assert str(path) in found[0].text()
    for lang in ("en", "zh"):
        text = found[0].text(lang)
        missing = [words for words in wanted(path, lang) if words not in text]
        assert not missing, text
        assert not LEAKS.search(text)


def test_every_error_and_warning_has_a_broken_file():
    told = {code for path in FILES for code in wanted(path, "code")}
    elsewhere = {
        "not-in-force",
        "missing-number",
        "missing-beside",
        "not-held",
        "lost",
        "contradiction",
        "table-undecided",
    }
    examples = {code for code in MESSAGES if code.startswith(("example-", "no-example-"))}
    files = {"toml", "encoding"}
    generic = {code for code in MESSAGES if code.startswith("unknown-")}
    assert told - set(MESSAGES) == set()
    untold = set(MESSAGES) - told - elsewhere - examples - files - generic
    assert untold == SEEN_IN_OTHER_TESTS


# Readers of single values; test_policy_values.py gives each a bad one.
SEEN_IN_OTHER_TESTS = {
    "date", "day-end", "instant", "list", "name", "names", "number", "reference", "scalar", "table", "tree",
    "unreadable", "whole",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_every_message_is_written_in_both_languages(code):
    words = MESSAGES[code]
    assert set(words) == {"en", "zh"}
    for part in words["en"]:
        fields = [set(re.findall(r"(?<!\{)\{(\w+)\}", words[lang].get(part, ""))) for lang in ("en", "zh")]
        assert fields[0] == fields[1], part
