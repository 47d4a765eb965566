"""`python -m bihuan.demo DIR` writes the demo month: a log, and the site it comes from."""

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import click

from bihuan.demo.office import CENTRES, COMPANY, DEPARTMENTS, MARKETING, Office, people
from bihuan.demo.tickets import COLUMNS, month
from bihuan.i18n import _


def write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """As CSV, in UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def units() -> list[dict[str, str]]:
    """The company and what is beneath it."""
    below = [{"unit": name, "parent": COMPANY} for name in (*CENTRES, *DEPARTMENTS, MARKETING)]
    return [{"unit": COMPANY, "parent": ""}, *below]


def roles(office: Office) -> list[dict[str, str]]:
    """Who may do what, as the regulation calls it."""
    staff = [(person, "unit_staff", unit.name) for unit in office.units for person in unit.people]
    desk = [(person, "hotline", MARKETING) for person in (*office.desk, *office.leaders)]
    leaders = [(person, "team_leader", MARKETING) for person in office.leaders]
    marketing = [(person, "marketing", MARKETING) for person in office.marketing]
    directors = [(person, "company_authority", COMPANY) for person in office.directors]
    rows = (*staff, *desk, *leaders, *marketing, *directors)
    return [dict(zip(("person", "role", "unit"), row, strict=True)) for row in rows]


@click.command("python -m bihuan.demo")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--cases", default=400, show_default=True, help="How many.")
@click.option("--seed", default=9, show_default=True, help="The same seed makes the same month.")
def main(folder: Path, cases: int, seed: int) -> None:
    """Write a made-up month of complaints (September 2025) into FOLDER: log.csv and site/."""
    rows = month(seed, cases)
    write(folder / "log.csv", COLUMNS, rows)
    write(folder / "site" / "units.csv", ("unit", "parent"), units())
    write(folder / "site" / "people.csv", ("person", "role", "unit"), roles(people(Random(seed))))
    told = _("{folder}: a made-up month, {cases} cases, {events} events")
    click.echo(told.format(folder=folder, cases=cases, events=len(rows)), file=sys.stderr)


if __name__ == "__main__":
    main()
