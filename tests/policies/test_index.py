"""Is the list of shipped regulations true? Counts, missing parameters and what is not run yet are compared."""

from collections import Counter

import pytest

import bihuan
from bihuan.engine.parameters import parameter_values
from tests.policies.shipped import PAGES, POLICIES, examples, page, raw, rules

INDEX = (PAGES / "index.md").read_text("utf-8")
KINDS = (
    *("obligation", "callback", "report", "window", "step", "prohibition", "count"),
    *("charge", "multiplier", "indicator", "archive"),
)
every_policy = pytest.mark.parametrize("policy", POLICIES)


def cells(heading: str, policy: str) -> list[str]:
    """The row of a policy in the table under a heading."""
    section = INDEX.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    (line,) = (line for line in section.splitlines() if line.startswith(f"| `{policy}`"))
    return [cell.strip() for cell in line.strip("|").split("|")]


@every_policy
def test_counts_of_rules(policy: str) -> None:
    counted = Counter(kind for _, kind, _ in rules(policy))
    assert cells("规则的数目", policy)[1:] == [*(str(counted[k]) for k in KINDS), str(len(examples(policy)))]


@every_policy
def test_missing_parameters(policy: str) -> None:
    missing = parameter_values(bihuan.read_policy(policy)).missing
    named = [f"`{name}`" for name in missing if "." not in name]
    assert cells("缺的参数", policy)[1:3] == [str(len(missing)), "、".join(named)]


@every_policy
def test_what_is_not_run_yet_is_said(policy: str) -> None:
    pending = raw(policy)["policy"].get("pending", [])
    assert bool(pending) == ("## 还没有运行的\n" in page(policy))
    assert all(len(each) < 60 for each in pending)


@every_policy
def test_listed_and_in_the_changelog(policy: str) -> None:
    assert f"({policy.rpartition('/')[2]}.md)" in INDEX
    assert f"### {policy} " in (PAGES / "changelog.md").read_text("utf-8")
