"""`bihuan sample`: who is to be called for a period, or whether a list is the honest draw."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.judge import given, progress, read
from bihuan.cli.show import Part, Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _

if TYPE_CHECKING:
    import polars as pl

    from bihuan.engine.sample import Sample

MOST = 30  # rows of a long table that people see
STRATUM = ("rule", "stratum", "rate", "minimum", "members", "wanted", "drawn", "exempt", "void", "unknown")
CALLED = ("rule", "place", "case", "member", "unit", "stratum", "drawn_at", "why")
LEFT = ("rule", "case", "member", "stratum", "why", "reason")
DEPARTURE = ("kind", "rule", "member", "expected", "found")
NOT_DRAWN = ("exempt", "unknown", "void", "outside")


@named("sample")
@click.argument("log", type=click.Path())
@options.judging
@option(
    "--period", required=True, metavar="PERIOD", help="The period: 2026-10, 2026-Q4, 2026-W41, 2026-10-09."
)
@option("--seed", metavar="S", help="The seed (default: the parameter sampling_seed).")
@option("--rule", "rules", multiple=True, metavar="RULE", help="Only this callback; may be repeated.")
@option(
    "--verify", metavar="FILE", type=click.Path(), help="Is this list the honest draw? Exit code 1 if not."
)
@option("--out", metavar="DIR", type=click.Path(), help="Also write the draw: drawn.csv goes into the log.")
@options.output
@click.pass_context
def command(
    ctx: click.Context,
    /,
    log: str,
    period: str,
    seed: str | None,
    rules: tuple[str, ...],
    verify: str | None,
    out: str | None,
    form: str,
    settings: tuple[str, ...],
    **judging: Any,
) -> None:
    """Who is to be called back for a period, in which order and why; who is not, and why.

    Each stratum gives its share, rounded up. The order depends on case, period and seed alone, so that anybody can
    repeat it. What the log records as drawn stands: a period that is not over can be drawn again later, and the sample
    only grows. With --verify a list is compared with the draw instead.

    \b
    bihuan sample repairs.csv --policy tianjin-callback \\
        --period 2026-10 --seed 20261031 --out drawn
    """
    with_seed = options.settings_of(settings) | ({"sampling_seed": seed} if seed is not None else {})
    case = read(log, **judging)
    policy, calendars, events, as_of, site, parameters = given(case, with_seed)
    call = (policy, calendars, events, period)
    rest = {"as_of": as_of, "registers": site, "parameters": parameters, "rules": rules}
    if verify:
        subjects = {
            rule.name: rule.draw_from for rule in policy.named.values() if getattr(rule, "draw_from", None)
        }
        listed = bihuan.read_list(verify, policy.header.zone, subjects)
        with progress(_("judging")):
            sample, departures = bihuan.verify(*call, listed, **rest)
        compared(sample, departures, form)
        ctx.exit(int(bool(departures.height)))
    with progress(_("judging")):
        sample = bihuan.sample(*call, **rest)
    if out:
        bihuan.write_sample(out, sample)
    present(sample, form)


def present(sample: "Sample", form: str) -> None:
    """For people the strata and those drawn; for programs everybody."""
    members = bihuan.members_of(sample)
    if form != "table":
        parts: list[Part] = [
            Record("summary", bihuan.sample_summary(sample)),
            Table("strata", sample.strata.to_dicts()),
            Table("members", members.to_dicts()),
        ]
        show(parts, form)
        return
    show(for_people(sample, members), form)
    if not sample.over:
        click.echo(_("The period is not over: put drawn.csv into the log and draw again when it is."))


def for_people(sample: "Sample", members: "pl.DataFrame") -> list[Part]:
    drawn = members.filter(members["drawn_at"].is_not_null()).sort("drawn_at", "rule", "stratum", "place")
    left = members.filter(members["why"].is_in(NOT_DRAWN) & members["drawn_at"].is_null())
    tables = (
        Table("strata", sample.strata.to_dicts(), columns_of(sample, STRATUM), _("What is drawn from")),
        Table("drawn", drawn.to_dicts(), columns_of(sample, CALLED), _("To be called, in this order")),
        Table("left", left.to_dicts(), columns_of(sample, LEFT), _("Not in the draw, and why"), MOST),
    )
    return [heading(sample), *(table for table in tables if table.rows)]


def heading(sample: "Sample") -> Record:
    zone = ZoneInfo(sample.policy.header.zone)
    values = {
        "edition": bihuan.sample_summary(sample)["edition"],
        "period": sample.period.name,
        "seed": sample.seed,
        "as of": datetime.fromtimestamp(sample.as_of, zone),
    }
    return Record("summary", values, title=f"{sample.policy.header.title} ({sample.policy.id})")


def columns_of(sample: "Sample", columns: tuple[str, ...]) -> tuple[str, ...]:
    """Without the columns that would say the same in every row."""
    registers = (sample.strata["population"] != "").any()
    idle = set() if registers else {"member"}
    idle |= set() if any(rule.strata for rule in sample.rules) else {"stratum"}
    idle |= {name for name in ("exempt", "void", "unknown", "minimum") if not sample.strata[name].sum()}
    idle |= set() if sample.members["unit"].count() else {"unit"}
    return tuple(name for name in columns if name not in idle)


def compared(sample: "Sample", departures: "pl.DataFrame", form: str) -> None:
    """What departs from the draw."""
    if form != "table":
        show(
            [Record("summary", bihuan.sample_summary(sample)), Table("departures", departures.to_dicts())],
            form,
        )
        return
    show([heading(sample)], form)
    if departures.height:
        show([Table("departures", departures.to_dicts(), DEPARTURE, _("This list is not the draw"))], form)
    else:
        count = sample.members["drawn_at"].count()
        click.echo(_("The list is the honest draw: {count} drawn.").format(count=count))
