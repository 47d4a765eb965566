"""The folder that `--site` names for a replay, entered into the record as if by hand; docs/logs.md shows its files.

Its people get accounts without a password, named as they are called there.
"""

from collections.abc import Iterator, Sequence
from graphlib import TopologicalSorter
from pathlib import Path

import polars as pl

from bihuan.desk.actions.chain import By
from bihuan.desk.actions.moving import load_notice, set_parameter
from bihuan.desk.actions.office import (
    add_deputy,
    add_person,
    add_subject,
    add_unit,
    grant,
    install,
    put_in_force,
    set_pay,
)
from bihuan.desk.database import writing
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Edition
from bihuan.desk.office import policy_of
from bihuan.engine.parameters import parameter_values
from bihuan.engine.site import REGISTER, Site


def settle(policies: Sequence[Path], site: Site, *, by: By) -> None:
    """Take a site onto an empty desk and put policies in force under it: all of that, or nothing.

    Raises `RefusedError` for a calendar that is missing or cannot be used, and for a parameter that no policy has.
    """
    with writing():
        move_in(site, by)
        editions = [install(path.read_text("utf-8"), by=by, path=str(path)) for path in policies]
        set_parameters(site, editions, by)
        for edition in editions:
            put_in_force(edition.hash, by=by)


def move_in(site: Site, by: By) -> None:
    """Calendars, units, people and their roles, registers, pay."""
    for path in map(Path, site.notices):
        load_notice(path.stem, path.read_text("utf-8"), by=by, approved_by=by)
    for unit, parent in from_the_top(site):
        add_unit(unit, parent, by=by)
    people = site.people.unique("person", keep="first", maintain_order=True)
    for person, unit in people.select("person", "unit").rows():
        add_person(person, person, unit, by=by)
    others = pl.concat([site.deputies["person"], site.deputies["deputy"]]).unique(maintain_order=True)
    for person in others.filter(~others.is_in(people["person"].implode())):
        add_person(person, person, by=by)
    for row in site.people.iter_rows(named=True):
        grant(**row, by=by)
    for row in site.deputies.iter_rows(named=True):
        add_deputy(**row, by=by)
    for register, rows in site.registers.items():
        for row in rows.iter_rows(named=True):
            facts = {name: value for name, value in row.items() if name not in REGISTER and value is not None}
            add_subject(register, row["subject"], facts, by=by, since=row["since"], until=row["until"])
    for row in site.pay.iter_rows(named=True):
        set_pay(**row, by=by)


def from_the_top(site: Site) -> Iterator[tuple[str, str | None]]:
    """Each unit after the one above it; units that only people name stand by themselves."""
    above = dict.fromkeys(site.people["unit"].drop_nulls()) | dict(site.units.rows())
    order = TopologicalSorter({unit: [parent] if parent else [] for unit, parent in above.items()})
    return ((unit, above.get(unit)) for unit in order.static_order())


def set_parameters(site: Site, editions: Sequence[Edition], by: By) -> None:
    unknown = set(site.parameters)
    for edition in editions:
        own = parameter_values(policy_of(edition.hash))
        for name in [name for name in site.parameters if name in own]:
            set_parameter(edition.policy, name, site.parameters[name], by=by)
            unknown.discard(name)
    if unknown:
        raise RefusedError(f"none of these policies has the parameter {min(unknown)!r} of site.toml")
