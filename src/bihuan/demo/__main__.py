"""`python -m bihuan.demo PATH` writes the demo month."""

import csv
import sys
from pathlib import Path
from typing import Any

import click

from bihuan.demo.tickets import COLUMNS, month


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """As CSV, in UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@click.command("python -m bihuan.demo")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--cases", default=400, show_default=True, help="How many.")
@click.option("--seed", default=9, show_default=True, help="The same seed makes the same month.")
def main(path: Path, cases: int, seed: int) -> None:
    """Write a made-up month of complaints (September 2025) to PATH as CSV."""
    rows = month(seed, cases)
    write(path, rows)
    click.echo(f"{path}: {cases} cases, {len(rows)} events", file=sys.stderr)


if __name__ == "__main__":
    main()
