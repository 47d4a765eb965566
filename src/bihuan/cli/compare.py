"""`bihuan compare`: the same log under two policies, or under other parameters."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.judge import progress, read, replayed
from bihuan.cli.long import called, counting, is_long, place_for, portions
from bihuan.cli.show import Part, Record, Table, show
from bihuan.cli.stored import Stored
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.engine.errors import CallError
from bihuan.i18n import _

if TYPE_CHECKING:
    import polars as pl

    from bihuan.engine.policy import Policy

    Frames = dict[str, pl.LazyFrame]

ORDER = ("rules", "rows", "kinds", "irregularities", "load", "contacts", "calls")
MOST = 30  # rows of a long table that people see
RULE = (
    "rule", "unit", "rows_before", "rows_after", "late_before", "late_after", "overdue_before", "overdue_after",
    "difference", "moved", "shift_median",
)  # fmt: skip
ROW = (
    "case", "rule", "unit", "change", "due_before", "due_after", "shift", "state_before", "state_after",
)  # fmt: skip
SIDE = ("policy", "edition", "deviations")


@named("compare")
@click.argument("log", type=click.Path())
@options.judging
@option("--with", "other", metavar="POLICY", help="The other policy (default: the same one).")
@option(
    "--with-set",
    "other_settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Give a parameter of the other policy a value; may be repeated.",
)
@option(
    "--renamed",
    multiple=True,
    metavar="RULE=RULE",
    help="A rule that has another id in the other policy; may be repeated.",
)
@option("--out", metavar="DIR", type=click.Path(), help="Also write all tables and a summary.")
@options.long
@options.output
def command(
    log: str,
    settings: tuple[str, ...],
    other: str | None,
    other_settings: tuple[str, ...],
    renamed: tuple[str, ...],
    out: str | None,
    chunk: int | None,
    watched: bool,
    form: str,
    **judging: Any,
) -> None:
    """What would change, and for whom, under another policy or other parameters.

    The log is judged twice. Shown are, by rule and unit, how many more or fewer are late and how due times move, how
    often customers are to be contacted, and the rows behind these numbers. A draft may stand on the other side
    without --draft.

    \b
    bihuan compare complaints.csv --policy dazu-complaint-assessment \\
        --with-set "resolve.within=5 working days"
    """
    ours = options.settings_of(settings)
    theirs = options.settings_of(other_settings if other else (*settings, *other_settings))
    second = judging | {"policy": other, "draft": True}
    if is_long(log, chunk):
        one = called(log, **judging)
        two = called(log, **second) if other else one
        ids = ids_of(renamed, one.policy, two.policy)
        with place_for(out) as place:
            with counting(watched) as tell:
                before, after = portions(one, ours, chunk, tell), portions(two, theirs, chunk, tell)
                bihuan.write_compared(place, before, after, ids, progress=partial(tell, "comparing"))
            present(*bihuan.scan_folder(place), two.policy, form)
        return
    first = read(log, **judging)
    last = read(log, **second) if other else first
    ids = ids_of(renamed, first.policy, last.policy)
    found = bihuan.compare(replayed(first, ours), replayed(last, theirs), ids)
    if out:
        with progress(_("writing")):
            bihuan.write_comparison(out, found)
    frames = {name: getattr(found, name).lazy() for name in ORDER}
    present(bihuan.comparison_summary(found), frames, last.policy, form)


def ids_of(renamed: tuple[str, ...], one: "Policy", two: "Policy") -> dict[str, str]:
    """The pairs of `--renamed`, each of a rule that its policy has."""
    ids = {}
    for text in renamed:
        old, equals, new = (part.strip() for part in text.partition("="))
        if not equals:
            raise CallError(f"--renamed wants RULE=RULE, found {text!r}")
        for name, policy in ((old, one), (new, two)):
            if name not in policy.timed:
                raise CallError(
                    f"--renamed {text}: {policy.id} has no rule {name!r}; it has {', '.join(policy.timed)}"
                )
        ids[old] = new
    return ids


def present(summary: dict[str, Any], frames: "Frames", policy: "Policy", form: str) -> None:
    """For programs, what was compared, and every table."""
    if form != "table":
        tables = (Table(name, Stored(frames[name])) for name in ORDER)
        show([Record("summary", summary), *tables], form)
        return
    show(for_people(summary, frames, policy), form)
    if not Stored(frames["rows"]) and not Stored(frames["irregularities"]):
        click.echo(_("Nothing differs."))


def for_people(summary: dict[str, Any], frames: "Frames", policy: "Policy") -> list[Part]:
    """The two sides, then what differs between them: numbers first, the rows behind them last."""
    sides = [side_of(name, each) | calls_in_all(name, frames["load"]) for name, each in summary.items()]
    parts = (
        Table("rules", in_order(frames, policy), RULE, _("Rules and units that change")),
        Table("kinds", differing(frames["kinds"]), title=_("Irregularities that change")),
        Table(
            "calls", differing(frames["calls"]), title=_("Contacts that the rules demand, by year and unit")
        ),
        Table("load", differing(frames["load"]), title=_("Customers by number of contacts")),
        Table(
            "contacts",
            Stored(less_or_more(frames["contacts"])),
            title=_("Customers contacted more or less often"),
            most=MOST,
        ),
        Table("rows", Stored(frames["rows"]), ROW, _("What differs"), MOST),
    )
    return [Table("sides", sides, title=_("What is compared")), *(part for part in parts if part.rows)]


def differing(table: "pl.LazyFrame") -> list[dict[str, Any]]:
    import polars as pl

    return table.filter(pl.col("before") != pl.col("after")).collect().to_dicts()


def less_or_more(contacts: "pl.LazyFrame") -> "pl.LazyFrame":
    """The customers for whom most changes first."""
    import polars as pl

    return contacts.sort((pl.col("before") - pl.col("after")).abs(), "customer", descending=[True, False])


def side_of(name: str, summary: Mapping[str, Any]) -> dict[str, Any]:
    return {"what": _(name), **{key: summary[key] for key in SIDE}}


def calls_in_all(side: str, load: "pl.LazyFrame") -> dict[str, int]:
    """How many contacts with how many customers are demanded; nothing where a policy does not say with whom."""
    import polars as pl

    some = load.filter(pl.col("calls") > 0)
    told = some.select(
        contacts=(pl.col("calls") * pl.col(side)).sum(), customers=pl.col(side).sum()
    ).collect()
    return told.row(0, named=True) if load.head(1).collect().height else {}


def in_order(frames: "Frames", policy: "Policy") -> list[dict[str, Any]]:
    """What differs, in the order of the second regulation; what only the first one has comes last."""
    place = {name: number for number, name in enumerate(policy.named)}
    keys = ("rule", "unit")
    changed = frames["rows"].select(keys).unique().collect(engine="streaming")
    rows = frames["rules"].collect().join(changed, on=keys, how="semi", nulls_equal=True).to_dicts()
    return sorted(rows, key=lambda row: (place.get(row["rule"], len(place)), row["unit"] or ""))
