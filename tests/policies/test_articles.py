"""Does every article, entry and figure of the shipped regulations have its rule, and every rule its examples?

The tables typed by hand in `inventory` are one side, the policy files the other. What the engine makes of the files
is `test_examples`' matter.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.policies.inventory import ARTICLES, ENTRIES, FIGURES, UNPRINTED, Figure
from tests.policies.shipped import (
    POLICIES,
    RULES,
    Raw,
    examples,
    expected,
    ids,
    name_of,
    page,
    raw,
    rows,
    rules,
)

TIMED = ("obligation", "callback", "report", "window")
MET, MISSED = {"met", "used"}, {"late", "overdue", "lapsed"}
DEMANDS = {"from", "by", "not_by", "distinct", "needs", "requires", "inside", "settled", "asks"}
LIMIT = re.compile(
    r"\d+ [a-z ]+|same day.*|next .*day.*|[A-Z][a-z]+day.*|(working )?day \d+ of .*|last day of .*"
)
FIGURE_KEYS = (
    *("within", "target", "not_before", "lead", "from", "until", "every", "draw", "at_least", "above"),
    *("rate", "factor", "keep", "amount", "sanction"),
)
NUMBERED = re.compile(r"(?<![A-Za-z0-9_])[A-Z]\d{1,2}(?![A-Za-z0-9_])")
BOUNDS = ("at_least", "above", "at_most", "below")
every_policy = pytest.mark.parametrize("policy", POLICIES)


# --- articles ---


@every_policy
def test_every_article_has_a_rule_or_a_reason(policy: str) -> None:
    for article in raw(policy)["article"]:
        given = [
            *(kind for kind in RULES if kind in article),
            *(k for k in ("no_rule", "lost") if k in article),
        ]
        assert given, f"{article['no']} has neither rule, no_rule nor lost"
        assert len({"no_rule", "lost"} & set(given)) == 0 or len(given) == 1, article["no"]
        assert article["says"]


@every_policy
def test_what_people_read_names_no_number_of_our_inventory(policy: str) -> None:
    assert [text for text in told(raw(policy)) if NUMBERED.search(text)] == []


def told(value: Any) -> Iterator[str]:
    """Every text of a file but the numbers themselves."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for name, one in value.items() if name != "inventory" for text in told(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in told(one))


@every_policy
def test_no_printed_article_is_passed_over(policy: str) -> None:
    printed, headings = ARTICLES[policy], [article["no"] for article in raw(policy)["article"]]
    if isinstance(printed, tuple):
        assert headings == list(printed)
        return
    numbers = [n for each in headings for n in numbers_of(each)]
    assert sorted(set(numbers)) == list(range(1, printed + 1))
    assert numbers == sorted(numbers)


def numbers_of(no: str) -> list[int]:
    """The numbers an article heading names; a run (至) names all between. Items may be numbered in figures."""
    named = [numeral(each) for each in re.findall(r"第([一二三四五六七八九十百]+)条", no)]
    item = no.removesuffix(")")
    named = [int(item)] if item.isdecimal() else named
    return list(range(named[0], named[-1] + 1)) if "至" in no else named


def numeral(text: str) -> int:
    """
    >>> [numeral(each) for each in ("十", "二十三", "九十")]
    [10, 23, 90]
    """
    digit = {each: n for n, each in enumerate("〇一二三四五六七八九")}
    tens, ten, ones = text.rpartition("十")
    return (digit[tens] if tens else 1) * 10 + (digit[ones] if ones else 0) if ten else digit[ones]


# --- entries of the inventories ---


@every_policy
def test_every_entry_is_carried_or_explained(policy: str) -> None:
    wanted = ids(ENTRIES[policy])
    explained = {entry for row, why in without_rule(policy) if why for entry in ids(row)}
    carried = set().union(*(ids(" ".join(rule.get("inventory", []))) for rule in carriers(policy)))
    assert wanted - carried - explained == set()
    assert carried - wanted <= UNPRINTED[policy], "an id that the inventory does not have"
    assert explained & carried == set(), "explained as without rule, and carried by one"


@every_policy
def test_the_page_names_every_entry(policy: str) -> None:
    assert ids(ENTRIES[policy]) - ids(page(policy)) == set()


def carriers(policy: str) -> Iterator[Raw]:
    yield from (rule for _, _, rule in rules(policy))
    yield from raw(policy).get("contradiction", [])


def without_rule(policy: str) -> Iterator[tuple[str, str]]:
    """The rows of the page's table of entries without rule: ids, and why."""
    _, _, section = page(policy).partition("## 没有规则的条目\n")
    table = section.partition("\n## ")[0]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 2 and ids(cells[0]):
            yield cells[0], cells[1]


@every_policy
def test_names_on_the_page_exist(policy: str) -> None:
    """Every `name` on the page is a rule, parameter, fact, event, role, form or reference of the file."""
    known = {name_of(article, rule) for article, _, rule in rules(policy)} | names(policy)
    written = {each.rstrip("]") for each in re.findall(r"`([a-z][a-z0-9_.-]*)`", page(policy))}
    assert {each for each in written if each not in known and each.rpartition(".")[0] not in known} == set()


def names(policy: str) -> set[str]:
    file = raw(policy)
    tables = ("parameters", "facts", "roles", "forms", "events", "references", "ladders", "ledgers")
    events = {each for _, kind, rule in rules(policy) if kind == "step" for each in [rule["event"]]}
    words = {"unset", "lost", "no_rule", "unknown", "warn_at", "natural", "cn-office", policy}
    return {name for table in tables for name in file.get(table, {})} | events | words


# --- figures ---


@pytest.mark.parametrize("figure", FIGURES, ids=lambda f: f"{f.policy}-{f.entry}-{f.where}")
def test_figure(figure: Figure) -> None:
    assert figures(figure.policy).get(figure.where) == figure.is_, f"the text says {figure.said}"


@pytest.mark.parametrize(
    "figure",
    [f for f in FIGURES if "." in f.where and not f.where.startswith(("parameters.", "facts."))],
    ids=lambda f: f"{f.policy}-{f.entry}-{f.where}",
)
def test_the_rule_with_the_figure_names_its_entry(figure: Figure) -> None:
    found = [rule for a, _, rule in rules(figure.policy) if figure.where.startswith(f"{name_of(a, rule)}.")]
    assert any(figure.entry in ids(" ".join(rule.get("inventory", []))) for rule in found)


@every_policy
def test_no_figure_that_the_text_lacks(policy: str) -> None:
    typed = {figure.where for figure in FIGURES if figure.policy == policy}
    assert set(figures(policy)) - typed == set()


def figures(policy: str) -> dict[str, str]:
    """Every limit, period, number and amount that stands in a file, by place."""
    found: dict[str, str] = {}
    for article, _, rule in rules(policy):
        for place, value in of_rule(rule):
            found[f"{name_of(article, rule)}.{place}"] = value
    for name, parameter in raw(policy).get("parameters", {}).items():
        if "value" in parameter and (text := figure_text(parameter["value"])):
            found[f"parameters.{name}"] = text
    for name, fact in raw(policy)["facts"].items():
        for row in fact.get("rows", []):
            if text := figure_text(row["is"]):
                found[f"facts.{name}.{condition_text(row['when'])}"] = text
            for place, value in bounds(row["when"]):
                found[f"facts.{name}={row['is']}.{place}"] = value
    return found


def of_rule(rule: Raw) -> Iterator[tuple[str, str]]:
    for key in FIGURE_KEYS:
        if key in rule and (text := figure_text(rule[key], key)):
            yield key, text
    for key, value in rule.get("days", {}).items():
        yield f"days.{key}", str(value)
    for extension in rule.get("extensions", []):
        if text := figure_text(extension.get("to")):
            yield f"extensions.{extension['by']}", text
    for key in ("further", "cap", "weights"):
        inner = ((name, figure_text(value, name)) for name, value in rule.get(key, {}).items())
        yield from ((f"{key}.{name}", text) for name, text in inner if text)
    for key in ("when", "requires"):
        yield from ((f"{key}.{place}", value) for place, value in bounds(rule.get(key, {})))
    if isinstance(rule.get("target"), dict):
        yield from ((f"target.{k}", text) for k, v in rule["target"].items() if (text := figure_text(v)))


def bounds(condition: Raw) -> Iterator[tuple[str, str]]:
    for fact, test in condition.items():
        if isinstance(test, dict):
            yield from (
                (f"{fact}.{k}", text) for k, v in test.items() if k in BOUNDS and (text := figure_text(v))
            )


def condition_text(when: Raw) -> str:
    return ",".join(f"{fact}={str(value).lower()}" for fact, value in when.items())


def figure_text(value: Any, key: str = "") -> str | None:
    """A figure as typed in the table; None for names, flags and choices."""
    if isinstance(value, bool) or value is None or isinstance(value, list):
        return None
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, dict):
        if key == "amount" and "between" in value:
            return "-".join(str(each) for each in value["between"])
        if key in ("amount", "sanction") and (key == "sanction" or "from" in value):
            return f"{value.get('from', '')}-{value.get('to', '')}"
        return None
    periods = ("calendar ", "working day")
    return value if LIMIT.fullmatch(value) or value.startswith(periods) else None


# --- examples ---


def states(policy: str, name: str) -> set[str]:
    return {
        str(row["state"])
        for example in examples(policy)
        for key, wanted in expected(example)
        if key == name
        for row in rows(wanted)
        if "state" in row
    }


def timed(policy: str) -> Iterator[tuple[str, Raw]]:
    yield from ((kind, rule) for _, kind, rule in rules(policy) if kind in TIMED)


def leaves_open(policy: str, rule: Raw) -> set[str]:
    """The parameters without which a rule has no due time; none for a rule that has one."""
    file, within = raw(policy), rule.get("within")
    if (within is None and not {"every", "ahead_of"} & rule.keys()) or isinstance(within, dict):
        return {f"{rule['id']}.within"}
    if "ahead_of" in rule:
        within = rule.get("lead")
    named = [row["is"] for row in file["facts"].get(within, {}).get("rows", [])] if within else []
    return {
        each
        for each in [within, *named]
        if file.get("parameters", {}).get(each, {}).get("origin") == "missing"
    }


@every_policy
def test_what_has_a_due_time_is_met_and_missed(policy: str) -> None:
    lacking = []
    for kind, rule in timed(policy):
        has = (kind == "window" and "within" not in rule) or leaves_open(policy, rule)
        shown = states(policy, rule["id"])
        usable = "may" in rule or kind != "window"
        if not has and not ((shown & MET or not usable) and shown & MISSED):
            lacking.append((rule["id"], shown))
    assert lacking == []


@every_policy
def test_soft_duties_are_shown_open_and_with_a_number(policy: str) -> None:
    lacking = []
    for kind, rule in timed(policy):
        names = leaves_open(policy, rule) if kind != "window" else set()
        if not names:
            continue
        judged = {
            str(row["state"])
            for example in examples(policy)
            if names & set(example.get("set", {}))
            for key, wanted in expected(example)
            if key == rule["id"]
            for row in rows(wanted)
            if "state" in row
        }
        if "unset" not in states(policy, rule["id"]) or not judged - {"unset"}:
            lacking.append((rule["id"], states(policy, rule["id"]), judged))
    assert lacking == []


@every_policy
def test_every_step_and_prohibition_is_refused_once(policy: str) -> None:
    refused = {
        (row["event"], row["article"])
        for example in examples(policy)
        for key, wanted in expected(example)
        if key == "irregularities"
        for row in rows(wanted)
    }
    lacking = []
    for article, kind, rule in rules(policy):
        demands = kind == "prohibition" or (kind == "step" and DEMANDS & rule.keys())
        on = rule.get("event") or rule.get("on")
        event = on["event"] if isinstance(on, dict) else on
        if demands and (event, article["no"]) not in refused:
            lacking.append((event, article["no"]))
    assert lacking == []


@every_policy
def test_every_charge_falls_once_and_once_does_not(policy: str) -> None:
    asked = [
        {row["id"] for row in rows(wanted)}
        for example in examples(policy)
        for key, wanted in expected(example)
        if key == "charges"
    ]
    for _, kind, rule in rules(policy):
        if kind == "charge":
            assert any(rule["id"] in each for each in asked), f"no example charges {rule['id']}"
            assert any(rule["id"] not in each for each in asked), f"no example spares {rule['id']}"


@every_policy
def test_every_count_is_reached_once_and_once_not(policy: str) -> None:
    for _, kind, rule in rules(policy):
        if kind == "count":
            reached = f"{rule['id']}.reached"
            after = [each["id"] for _, each in timed(policy) if each.get("after") == reached]
            shown = [bool(wanted) for name in (rule["id"], *after) for wanted in asked_of(policy, name)]
            assert set(shown) == {True, False}, rule["id"]


def asked_of(policy: str, name: str) -> list[Any]:
    return [wanted for example in examples(policy) for key, wanted in expected(example) if key == name]


@every_policy
def test_every_indicator_has_a_name_in_our_words(policy: str) -> None:
    """Else pages and reports would show its id."""
    nameless = [
        rule["id"]
        for _, kind, rule in rules(policy)
        if kind == "indicator" and not (rule.get("label") or rule.get("says"))
    ]
    assert nameless == []
