"""The first pages: what was due and what became of it, by rule, by unit, by day; and what came too late.

The sections on obligations. Knows no file format.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from bihuan import limits
from bihuan.engine.assess import sums
from bihuan.engine.listening import subject_of
from bihuan.engine.policy import Policy
from bihuan.i18n import _, language
from bihuan.report import labels
from bihuan.report.document import Chart, Column, Section, bar, percent, table
from bihuan.report.material import JUDGED, LATE, Material, in_order, share, tallied
from bihuan.spoken import head, word

CHARGED = "charged "  # what follows is the measure
STATES = ("met", "late", "overdue")
MOST = 40  # rows of a long list on paper; the workbook has all


def columns(*kinds: tuple[str, str], off_paper: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """Columns by name and kind, with the heads that people read."""
    return tuple(Column(name, head(name), kind, name not in off_paper) for name, kind in kinds)


COUNTS = (("due", "count"), *((state, "count") for state in STATES), ("on_time", "share"))


def section(about: Material) -> Section:
    """What was due, by rule and by unit."""
    rules, units = by_rule(about), by_unit(about)
    charts = (chart_of_rules(rules), chart_of_units(units), chart_of_days(about)) if rules else ()
    return Section(
        "summary",
        _("Summary"),
        tuple(remarks(about)),
        tuple(chart for chart in charts if chart),
        (
            table(
                "rules",
                _("What was due, rule by rule"),
                columns(
                    ("article", "text"), ("rule", "text"), ("says", "text"), *COUNTS, off_paper=("rule",)
                ),
                rules,
                empty=_("Nothing was due in this period."),
            ),
            *(
                [
                    table(
                        "units",
                        _("Unit by unit"),
                        columns(("unit", "text"), *COUNTS, ("irregularities", "count")),
                        units,
                    )
                ]
                if units
                else []
            ),
        ),
    )


def remarks(about: Material) -> list[str]:
    """What a reader must know before the figures."""
    said = [_("What is due in the period is counted in it, even where it was done later.")]
    if about.as_of < about.scope.end:
        said.append(_("The period is not over: the figures are those of the instant given above."))
    if about.scope.unit is None and (
        unnamed := about.rows.filter(pl.col("unit").is_null() & judged()).height
    ):
        said.append(
            _("{count} rows name no unit: they are in the totals and in no line of a unit.").format(
                count=unnamed
            )
        )
    return said


def judged() -> pl.Expr:
    return pl.col("state").is_in(JUDGED)


def by_rule(about: Material) -> list[Mapping[str, Any]]:
    rows = tallied(about.rows, "rule", "article")
    return in_order(
        about.policy, [row | {"says": labels.rule_name(about.policy, row["rule"])} for row in rows]
    )


def by_unit(about: Material) -> list[Mapping[str, Any]]:
    """The worst first; what should not have happened beside it."""
    wrong = dict(about.irregularities.group_by("unit").len().rows())
    named = about.rows.filter(pl.col("unit").is_not_null())
    found = [row | {"irregularities": wrong.get(row["unit"], 0)} for row in tallied(named, "unit")]
    return sorted(found, key=lambda row: (row["on_time"], str(row["unit"])))


def chart_of_rules(rules: Sequence[Mapping[str, Any]]) -> Chart:
    data = tuple(
        {
            "name": f"{row['article']}\n{labels.short(row['says'], labels.IN_A_CHART)}",
            "state": word("state", state),
            "count": row[state],
            "order": n,
        }
        for row in rules
        for n, state in enumerate(STATES)
    )
    return Chart(_("What became of what was due"), "outcomes", "rules", data)


def chart_of_units(units: Sequence[Mapping[str, Any]]) -> Chart | None:
    data = tuple(
        {"name": row["unit"], "value": float(row["on_time"]), "text": percent(row["on_time"])}
        for row in units
    )
    return Chart(_("In time, by unit"), "shares", "units", data) if len(data) > 1 else None


def chart_of_days(about: Material) -> Chart | None:
    """Day by day; over long periods month by month."""
    form = "%Y-%m" if (about.scope.end - about.scope.begin).days > 62 else "%m-%d"
    rows = about.rows.filter(judged()).with_columns(pl.col("due_at").dt.strftime(form).alias("day"))
    counted = rows.group_by("day", "state").len().sort("day", "state").to_dicts()
    data = tuple(
        {
            "name": row["day"],
            "state": word("state", row["state"]),
            "count": row["len"],
            "order": STATES.index(row["state"]),
        }
        for row in counted
    )
    return (
        Chart(_("Due, day by day"), "days", "rules", data) if len({row["name"] for row in data}) > 1 else None
    )


def figures(about: Material) -> list[tuple[str, str, Any]]:
    """The few numbers that a reader looks for first: name, kind, value."""
    (all_,) = tallied(about.rows)
    called = tallied(about.callbacks)[0]
    of_cases = [rule.name for _, _, rule in about.policy.rules() if not subject_of(about.policy, rule)]
    cases = about.rows.filter(judged() & pl.col("rule").is_in(of_cases))["case"].n_unique()
    found: list[tuple[str, str, Any]] = [
        ("cases", "count", cases),
        ("due", "count", all_["due"]),
        ("on_time", "share", all_["on_time"]),
        ("late", "count", all_["late"]),
        ("overdue", "count", all_["overdue"]),
        ("callbacks", "count", called["due"]),
        ("callbacks_on_time", "share", called["on_time"]),
        ("irregularities", "count", about.irregularities.height),
        ("charges", "count", about.charges.height),
    ]
    return found + [
        (f"{CHARGED}{measure}", "money", Decimal(amount)) for measure, amount in sums(about.charges).items()
    ]


def figure_name(name: str) -> str:
    """A number's name for people; what the company itself owes stands apart."""
    if not name.startswith(CHARGED):
        return head(name)
    measure = name.removeprefix(CHARGED).replace("(company)", _("(owed by the company)"))
    return str(_("charged, {measure}").format(measure=measure))


def late(about: Material) -> Section:
    """What came too late or has not come, the worst first."""
    rows = about.rows.filter(pl.col("state").is_in(LATE)).sort(
        "late_by", "case", descending=[True, False], maintain_order=True
    )
    told = [
        row
        | {"says": labels.rule_name(about.policy, row["rule"]), "allowed": limits.limit_text(row["allowed"])}
        for row in rows.to_dicts()
    ]
    wanted = columns(
        ("case", "text"), ("article", "text"), ("says", "text"), ("unit", "text"), ("owner", "text"),
        ("started_at", "instant"), ("allowed", "text"), ("due_at", "instant"), ("done_at", "instant"), ("state", "text"),
        ("late_by", "span"), ("note", "text"),
        off_paper=("unit", "started_at", "allowed", "note"),
    )  # fmt: skip
    title = _("Late, the worst first")
    return Section(
        "late",
        _("Late cases"),
        (),
        (),
        (table("late", title, wanted, told, empty=_("Nothing was late."), most=MOST),),
    )


def irregularities(about: Material) -> Section:
    """What should not have happened: how often of which kind, and each."""
    spoken = about.policy.event_labels if language() == "zh" else {}
    rows = about.irregularities.with_columns(pl.col("event", "kind").cast(pl.String)).sort(
        "at", "case", maintain_order=True
    )
    kinds = rows.group_by("kind", "article").len("count").sort("kind", "article").to_dicts()
    told = [
        row | {"event": spoken.get(row["event"], row["event"]), "detail": detail(about.policy, row["detail"])}
        for row in rows.to_dicts()
    ]
    wanted = columns(
        ("case", "text"), ("at", "instant"), ("event", "text"), ("actor", "text"), ("unit", "text"), ("kind", "text"),
        ("article", "text"), ("detail", "text"),
    )  # fmt: skip
    count = table(
        "kinds", _("By kind"), columns(("kind", "text"), ("article", "text"), ("count", "count")), kinds
    )
    every = table(
        "irregularities",
        _("What should not have happened"),
        wanted,
        told,
        empty=_("Nothing of the kind."),
        most=MOST,
    )
    return Section("irregularities", _("Irregularities"), (), (), (count, every) if kinds else (every,))


def detail(policy: Policy, text: str | None) -> str | None:
    """What is missing or stands against it: events, facts and roles by their labels."""
    return None if text is None else "、".join(labels.thing(policy, each) for each in text.split("、"))


def callbacks(about: Material) -> Section:
    """Who was called back, in time or not, and what the customers said."""
    wanted = columns(
        ("case", "text"), ("unit", "text"), ("owner", "text"), ("round", "count"), ("started_at", "instant"), ("due_at", "instant"),
        ("done_at", "instant"), ("state", "text"), ("verdict", "text"), ("method", "text"), ("note", "text"),
    )  # fmt: skip
    names = {
        name: about.policy.facts[name].leaves for name in ("verdict", "method") if name in about.policy.facts
    }
    told = [
        row | {name: leaves.get(str(row.get(name)), row.get(name)) for name, leaves in names.items()}
        for row in about.callbacks.sort("due_at", "case", maintain_order=True).to_dicts()
    ]
    verdicts = verdicts_of(told)
    charts = [
        Chart(
            _("What customers said"),
            "counts",
            "verdicts",
            tuple(bar(row["verdict"], row["count"]) for row in verdicts),
        )
    ]
    units = sorted(tallied(about.callbacks, "unit"), key=lambda row: str(row["unit"] or ""))
    tables = [
        table("callbacks-by-unit", _("By unit"), columns(("unit", "text"), *COUNTS), units),
        table(
            "verdicts",
            _("What customers said"),
            columns(("verdict", "text"), ("count", "count"), ("share", "share")),
            verdicts,
        ),
    ]
    every = table(
        "callbacks", _("Every callback"), wanted, told, empty=_("No callback was due in this period."), most=0
    )
    return Section(
        "callbacks", _("Callbacks"), (), tuple(charts) if len(verdicts) > 1 else (),
        (*(each for each in tables if each.rows), every),
    )  # fmt: skip


def verdicts_of(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    said = [row["verdict"] for row in rows if row.get("verdict")]
    counted = {each: said.count(each) for each in sorted(set(said))}
    found = [
        {"verdict": each, "count": count, "share": share(count, len(said))} for each, count in counted.items()
    ]
    return sorted(found, key=lambda row: -int(str(row["count"])))
