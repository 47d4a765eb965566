"""The whole desk as logs that `bihuan replay` judges to the same result, with the site they come from.

One folder for each edition: its text, the log (JSON lines), what was given with its cases, a mapping that ties them
together, and a `site` with what the desk knows of itself under that regulation. Nothing is judged here.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import polars as pl

from bihuan.desk.events import events_of
from bihuan.desk.judging import entered, given_of
from bihuan.desk.models import Case, Edition, Event
from bihuan.desk.office import Office, office_now, policy_of
from bihuan.files.folder import write_folder


def export(place: str | Path) -> list[Path]:
    """Write every edition that has cases into a folder of its own; the folders written."""
    found = []
    office = office_now()
    for edition in Edition.objects.filter(cases__isnull=False).distinct().order_by("policy", "edition"):
        name = f"{edition.policy.replace('/', '-')}-{edition.edition}-{edition.hash[:8]}"
        folder = Path(place) / name
        ours = {"policy.toml", "log.jsonl", "cases.jsonl", "mapping.toml", "site"}
        found.append(write_folder(folder, ours, lambda path, one=edition: fill(path, one, office)))  # type: ignore[misc]
    return found


def fill(folder: Path, edition: Edition, office: Office) -> None:
    (folder / "policy.toml").write_text(edition.text, "utf-8")
    columns, given = write_log(folder, edition)
    (folder / "mapping.toml").write_text(mapping(columns, given), "utf-8")
    write_site(folder / "site", office, edition.policy)


def write_log(folder: Path, edition: Edition) -> tuple[list[str], list[str]]:
    """Events and, where there are any, the facts given with the cases; the columns of both."""
    zone = ZoneInfo(policy_of(edition.hash).header.zone)
    columns: dict[str, None] = {}
    given: dict[str, None] = {}
    cases = Case.objects.filter(edition=edition, destroyed=None).order_by("id")
    with (
        (folder / "log.jsonl").open("w", encoding="utf-8") as log,
        (folder / "cases.jsonl").open("w", encoding="utf-8") as second,
    ):
        for case in cases.iterator(chunk_size=500):
            events = [event for event in events_of(case) if event.kind == "event"]
            for event in events:
                columns |= dict.fromkeys(put(log, told(case.number, event, zone)))
            if facts := given_of(events):
                given |= dict.fromkeys(put(second, {"case": case.number, **facts}))
    if not given:
        (folder / "cases.jsonl").unlink()
    return list(columns), list(given)


def put(file: TextIO, row: Mapping[str, Any]) -> Iterable[str]:
    file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return row


def told(number: str, event: Event, zone: ZoneInfo) -> dict[str, Any]:
    """An event as a row of the log, without what is empty; instants with the zone, of a whole day only the day."""
    facts = dict(event.facts or {})
    fix = {
        name: facts.pop(name) for name in ("corrects", "corrected_at", "corrected_whole_day") if name in facts
    }
    row: dict[str, Any] = {"case": number, "event": event.event, "actor": event.actor, "unit": event.unit}
    row |= {"at": written(int(event.at.timestamp()), zone, event.whole_day), "id": str(event.seq)}
    at = entered(event)
    row["recorded_at"] = None if at is None else written(at, zone)
    if fix:
        true = fix.get("corrected_at")
        row["corrects"] = fix["corrects"]
        row["corrected_at"] = (
            None if true is None else written(true, zone, fix.get("corrected_whole_day", False))
        )
    return {**facts, **{name: value for name, value in row.items() if value is not None}}


def written(at: int, zone: ZoneInfo, whole_day: bool = False) -> str:
    moment = dt.datetime.fromtimestamp(at, zone)
    return moment.date().isoformat() if whole_day else moment.isoformat()


KEYS = ("case", "event", "at", "actor", "unit", "recorded_at", "id", "corrects", "corrected_at")


def mapping(columns: Collection[str], given: Collection[str]) -> str:
    """Every column of the log by its own name, and what was given with the cases from the second table."""
    lines = ['format = "long"', *(f'{name} = "{name}"' for name in KEYS if name in columns)]
    lines += ["", "[carried]", *(f'{json.dumps(name)} = "{name}"' for name in columns if name not in KEYS)]
    if given:
        lines += ["", "[cases]", 'file = "cases.jsonl"', 'case = "case"']
    return "\n".join(lines) + "\n"


def write_site(folder: Path, office: Office, policy: str) -> None:
    """The office as a folder that `--site` reads: tables as CSV, calendar files and parameters as TOML."""
    (folder / "registers").mkdir(parents=True)
    (folder / "calendars").mkdir()
    for name in ("units", "people", "deputies", "pay"):
        table: pl.DataFrame = getattr(office.site, name)
        if "month" in table.columns:
            table = table.with_columns(pl.col("month").dt.strftime("%Y-%m"))  # as sites are read
        if table.height:
            table.write_csv(folder / f"{name}.csv")
    for name, register in office.site.registers.items():
        register.write_csv(folder / "registers" / f"{name}.csv")
    for n, (_, text) in enumerate(office.notices):
        (folder / "calendars" / f"{n:03}.toml").write_text(text, "utf-8")
    settings = office.settings.get(policy, {})
    if settings:
        (folder / "site.toml").write_text("\n".join(toml(settings)) + "\n", "utf-8")


def toml(settings: Mapping[str, Any]) -> Iterator[str]:
    """Parameter values; a JSON value is a TOML value as long as it is no object and not null."""
    yield "[parameters]"
    for name, value in settings.items():
        yield f"{json.dumps(name)} = {json.dumps(value, ensure_ascii=False)}"
