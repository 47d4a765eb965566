"""`bihuan contacts`: how often each customer was and will be called, and who is not called for that reason."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.judge import Case, read, replayed, values_of
from bihuan.cli.show import Part, Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.engine.errors import CallError
from bihuan.i18n import _

if TYPE_CHECKING:
    from bihuan.engine.contact_load import ContactLoad

PERIODS = ("day", "week", "month", "quarter", "half-year", "year")
MOST = 20  # rows of a long table that people see
CUSTOMER = (
    "customer",
    "contacts",
    "made",
    "planned",
    "most",
    "most_until",
    "owners",
    "units",
    "cases",
    "last_at",
    "coming_at",
)
LEFT = ("customer", "why", "by", "under", "policy", "case", "rule", "article", "owner", "due_at", "state")
ONE = (
    "kind",
    "at",
    "policy",
    "case",
    "rule",
    "article",
    "unit",
    "owner",
    "event",
    "due_at",
    "state",
    "held_by",
)


@named("contacts")
@click.argument("log", type=click.Path())
@option(
    "--policy", "policies", required=True, multiple=True, metavar="POLICY", help="A policy; may be repeated."
)
@option("--draft", is_flag=True, help="Judge by an edition that is not in force.")
@option("--mapping", metavar="FILE", type=click.Path(), help="Which column of the log is what (TOML).")
@options.site
@option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Give a parameter a value; may be repeated.",
)
@option("--as-of", metavar="T", help="Judge as of this instant (default: the last event of the log).")
@option(
    "--window", default="30 days", show_default=True, help="In how long a stretch calls lie close together."
)
@option(
    "--every",
    type=click.Choice(PERIODS),
    default="month",
    show_default=True,
    help="The period of the totals.",
)
@option("--customer", metavar="NAME", help="Only this customer, call by call.")
@option("--out", metavar="DIR", type=click.Path(), help="Also write all tables and a summary.")
@options.output
def command(
    log: str,
    policies: tuple[str, ...],
    settings: tuple[str, ...],
    window: str,
    every: str,
    customer: str | None,
    out: str | None,
    form: str,
    **judging: Any,
) -> None:
    """How often each customer was and will be called, over all rules, projects and departments.

    Several regulations may call the same customer: repeat --policy. Listed are also who is not called because of a limit
    or because one call serves several, and which obligation stays open for that.

    \b
    bihuan contacts works.csv --policy relay-engineering-callback-before --every year
    """
    sides = list(judged(log, policies, options.settings_of(settings), judging))
    found = bihuan.contact_load(*sides, window=window, every=every)
    if out:
        bihuan.write_contacts(out, found)
    present(found, customer, form)


def judged(
    log: str, policies: Sequence[str], settings: Mapping[str, Any], judging: Mapping[str, Any]
) -> Iterator[tuple[Any, ...]]:
    """Each policy with what it makes of the log, under those of the settings that it has."""
    cases = [read(log, policy=policy, **judging) for policy in policies]
    mine = [known(case, settings) for case in cases]
    if unknown := sorted(set(settings) - {name for one in mine for name in one}):
        raise CallError(f"no policy here has a parameter {', '.join(unknown)}")
    for case, values in zip(cases, mine, strict=True):
        yield (
            case.policy,
            replayed(case, values),
            bihuan.parameter_values(case.policy, values_of(case, values)),
        )


def known(case: Case, settings: Mapping[str, Any]) -> dict[str, Any]:
    own = bihuan.parameter_values(case.policy)
    return {name: value for name, value in settings.items() if name in own}


def present(found: "ContactLoad", customer: str | None, form: str) -> None:
    """For programs every table; for people the worst first, or one customer call by call."""
    if customer is not None:
        rows = found.contacts.filter(found.contacts["customer"] == customer).to_dicts()
        show([Table("contacts", rows, ONE if form == "table" else (), customer)], form)
        return
    if form == "table":
        show(for_people(found), form)
        return
    tables = ("customers", "periods", "left", "limits", "contacts")
    show(
        [
            Record("summary", found.summary),
            *(Table(name, getattr(found, name).to_dicts()) for name in tables),
        ],
        form,
    )


def for_people(found: "ContactLoad") -> list[Part]:
    told = {
        key: value
        for key, value in found.summary.items()
        if value != 0 and key not in ("zone", "as_of", "every")
    }
    parts: list[Part] = [
        Record("summary", told, title=_("Calls to customers")),
        Table("periods", found.periods.to_dicts(), title=_("By period and unit")),
        Table("customers", found.customers.to_dicts(), CUSTOMER, _("Customers called most often"), MOST),
        Table("limits", found.limits.to_dicts(), title=_("Limits of the policies")),
        Table(
            "left",
            found.left.to_dicts(),
            LEFT,
            _("Not called for the customer's sake: what stays open"),
            MOST,
        ),
    ]
    return [part for part in parts if isinstance(part, Record) or part.rows]
