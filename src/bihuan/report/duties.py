"""The sections on reports that are owed, on what could not be judged, and on what every rule says.

Knows policies and rows; formats nothing.
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from bihuan import limits
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Archive, Report, Rule, Timed
from bihuan.i18n import _
from bihuan.report import labels
from bihuan.report.document import Section, table
from bihuan.report.formulas import formula
from bihuan.report.material import UNJUDGED, Material, in_order, tallied
from bihuan.report.summary import columns
from bihuan.spoken import word

FEW = 20  # rows of a list on paper that nobody reads through

OWED = (
    ("article", "text"), ("says", "text"), ("owner", "text"), ("to", "text"), ("contains", "text"), ("due", "count"),
    ("met", "count"), ("late", "count"), ("overdue", "count"), ("note", "text"),
)  # fmt: skip
EACH = (
    ("article", "text"), ("says", "text"), ("case", "text"), ("owner", "text"), ("unit", "text"), ("to", "text"),
    ("started_at", "instant"), ("due_at", "instant"), ("done_at", "instant"), ("state", "text"), ("late_by", "span"),
    ("note", "text"),
)  # fmt: skip
UNJUDGED_COLUMNS = (
    ("article", "text"), ("rule", "text"), ("says", "text"), ("state", "text"), ("note", "text"), ("count", "count"),
)  # fmt: skip
DEFINITION = (
    ("article", "text"), ("rule", "text"), ("kind", "text"), ("says", "text"), ("formula", "text"), ("calendar", "text"),
    ("owner", "text"), ("edition", "text"), ("as_of", "instant"),
)  # fmt: skip


def reports(about: Material) -> Section:
    """Who owes which report to whom, what it contains, and whether it came in time."""
    rules = {name: rule for name, rule in about.policy.timed.items() if isinstance(rule, Report)}
    owed = [line(about, name, rule) for name, rule in rules.items()]
    rows = [
        row | named(about, rules[row["rule"]]) | {"owner": row["owner"]}
        for row in about.reports.sort("due_at", "case", nulls_last=True, maintain_order=True).to_dicts()
    ]
    empty = _("The regulation asks for no reports.")
    each = columns(*EACH, off_paper=("unit", "to", "started_at", "note"))
    tables = (
        table("reports", _("Reports that are owed"), columns(*OWED), owed, empty=empty),
        table("report-rows", _("Every report, in the order of its due time"), each, rows, most=FEW),
    )
    says = (
        (_("Counted is what falls due in the period; listed beneath it also what is about a time in it."),)
        if rows
        else ()
    )
    return Section(
        "reports",
        _("Reports due"),
        says,
        (),
        tuple(each for each in tables if each.rows or each.id == "reports"),
    )


def named(about: Material, rule: Report) -> dict[str, Any]:
    """A report with who owes it, who gets it, and what it contains."""
    return {
        "article": about.policy.article_of(rule.name),
        "says": labels.rule_name(about.policy, rule.name),
        "owner": labels.role(about.policy, rule.by),
        "to": labels.owes_to(about.policy, rule) or None,
        "contains": labels.contains(about.policy, rule) or None,
    }


def line(about: Material, name: str, rule: Report) -> dict[str, Any]:
    """How many were due and in time; where there is none, why."""
    rows = about.reports.filter(pl.col("rule") == name)
    counts = next(iter(tallied(about.rows.filter(pl.col("rule") == name), "rule")), {})
    unset = rows.filter(pl.col("state").is_in(UNJUDGED))["note"].to_list()
    note = word("note", unset[0]) if unset else None if rows.height else _("nothing in the period set it off")
    return named(about, rule) | counts | {"note": note}


def unjudged(about: Material) -> Section:
    """What has no figure, and why: never counted as met, never as late."""
    rows = about.rows.filter(pl.col("state").is_in(UNJUDGED))
    counted = (
        rows.group_by("rule", "article", "state", "note")
        .len("count")
        .sort("rule", "state", "note")
        .to_dicts()
    )
    told = in_order(
        about.policy, [row | {"says": labels.rule_name(about.policy, row["rule"])} for row in counted]
    )
    empty = _("Everything that was due could be judged.")
    wanted = table(
        "unjudged",
        _("Not judged, and why"),
        columns(*UNJUDGED_COLUMNS, off_paper=("rule",)),
        told,
        empty=empty,
    )
    return Section(
        "unjudged", _("Not judged and provisional"), tuple(remarks(about)), (), (wanted, *parts(about))
    )


def remarks(about: Material) -> Iterator[str]:
    summary = about.outcome.summary
    yield _(
        "Where the text leaves a number open and nobody has set it, the rule is unset: such rows are in no figure, "
        "neither as met nor as late. Where a fact is not yet known, they wait."
    )
    if count := about.rows.filter(pl.col("provisional")).height:
        yield _(
            "{count} due times are provisional: they lie beyond the last day for which the days off have been published."
        ).format(count=count)
    log = summary["log"]
    yield _(
        "Of the log, {read} rows were read and {excluded} left out, {duplicates} were there twice."
    ).format(read=log["read"], excluded=log["excluded"], duplicates=log["duplicates"])
    for pending in summary["pending"]:
        yield _("Not carried yet: {what}").format(what=pending)


def parts(about: Material) -> Iterator[Any]:
    """What was set differently from the text, and where the text contradicts itself."""
    deviations = [
        {"parameter": name, "value": str(about.parameters[name].on())} for name in about.parameters.deviations
    ]
    if deviations:
        title = _("Set otherwise than in the text")
        yield table("deviations", title, columns(("parameter", "text"), ("value", "text")), deviations)
    found = [
        {"articles": "、".join(each.articles), "says": each.says, "read_as": each.reading}
        for each in about.policy.contradiction
    ]
    if found:
        wanted = columns(("articles", "text"), ("says", "text"), ("read_as", "text"))
        yield table(
            "contradictions", _("Where the text contradicts itself, and how it was read"), wanted, found
        )


def definitions(about: Material) -> Section:
    """What every rule says, by which article, formula, calendar and edition."""
    every = [definition(about, article, rule) for article, _kind, rule in about.policy.rules()]
    used = (
        {row["rule"] for row in about.rows.select("rule").unique().to_dicts()}
        | charged(about)
        | measured(about)
    )
    here = [row for row in every if row["rule"] in used]
    title = _("The rules behind the figures")
    return Section(
        "definitions",
        _("Definitions"),
        (_("The workbook lists every rule of the regulation; here are those that this report rests on."),),
        (),
        (
            table(
                "definitions",
                title,
                columns(*DEFINITION, off_paper=("rule", "edition", "as_of")),
                here,
                empty=_("No rule applied in this period."),
            ),
            table("all-rules", _("Every rule of the regulation"), columns(*DEFINITION), every, most=0),
        ),
    )


def charged(about: Material) -> set[str]:
    return set(about.charges["id"].to_list())


def measured(about: Material) -> set[str]:
    return set(about.figures["indicator"].to_list()) if about.figures is not None else set()


def definition(about: Material, article: Any, rule: Rule) -> dict[str, Any]:
    policy = about.policy
    return {
        "article": article.no,
        "rule": rule.name,
        "kind": kind(rule.kind),
        "says": rule.says or article.says,
        "formula": archive(rule) if isinstance(rule, Archive) else formula(policy, about.parameters, rule),
        "calendar": calendar(policy, rule) if isinstance(rule, Timed) else None,
        "owner": labels.role(policy, getattr(rule, "by", None)) if isinstance(rule, Timed) else None,
        "edition": about.outcome.summary["edition"],
        "as_of": about.as_of,
    }


def archive(rule: Archive) -> str:
    return limits.limit(rule.keep) if hasattr(rule.keep, "unit") else ""  # type: ignore[arg-type]


def calendar(policy: Policy, rule: Timed) -> str:
    """By which calendar it counts."""
    name = policy.calendar_of(rule)
    return _("every day counts") if name == "natural" else name


def kind(name: str) -> str:
    return str({
        "obligation": _("obligation"), "window": _("window"), "callback": _("callback"), "step": _("step"),
        "prohibition": _("prohibition"), "count": _("count rule"), "charge": _("charge"), "multiplier": _("multiplier"),
        "indicator": _("indicator"), "report": _("report"), "archive": _("archive"),
    }.get(name, name))  # fmt: skip
