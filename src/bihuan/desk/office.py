"""What judges besides events: editions, organisation, parameters and calendars as the record had them at an entry.

An `Office` is made of entries alone, so that a case is judged anew under what was known then. It is kept by the hash
of its last entry: the record never changes, so neither does it.
"""

import datetime as dt
import hashlib
import tempfile
import tomllib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from bihuan.desk.errors import MissingError
from bihuan.desk.models import Edition, Entry
from bihuan.desk.tables import fetch
from bihuan.engine.calendar import Calendar
from bihuan.engine.parameters import Parameters, parameter_values
from bihuan.engine.policy import Policy, parse_policy
from bihuan.engine.replay import Plan, planned
from bihuan.engine.site import DEPUTIES, PAY, PEOPLE, REGISTER, UNITS, Site
from bihuan.files.calendars import read_calendars

KEPT = 16
ENDED = {"role_ended": "role", "deputy_ended": "deputy", "registered_ended": "registered"}
Row = dict[str, Any]


@dataclass
class Office:
    """The desk's surroundings as of an entry (`basis`)."""

    basis: int
    site: Site
    settings: Mapping[str, Mapping[str, Any]]  # by policy
    notices: tuple[tuple[str, str], ...] = ()  # name and text
    _parameters: dict[str, Parameters] = field(default_factory=dict)
    _calendars: Mapping[str, Calendar] | None = None

    def calendars(self) -> Mapping[str, Calendar]:
        if self._calendars is None:
            self._calendars = read_calendars([laid_down(text) for _, text in self.notices])
        return self._calendars

    def parameters(self, hash: str) -> Parameters:
        if hash not in self._parameters:
            policy = policy_of(hash)
            own = parameter_values(policy)
            given = self.settings.get(policy.id, {})
            known = {name: value for name, value in given.items() if name in own}
            self._parameters[hash] = parameter_values(policy, known)
        return self._parameters[hash]

    def plan(self, hash: str) -> Plan:
        return planned(policy_of(hash), self.parameters(hash), self.site)


OFFICES: OrderedDict[tuple[int, str], Office] = OrderedDict()


def office_now() -> Office:
    """The office under the last entry that judges."""
    last = fetch("SELECT id, hash FROM desk_entry WHERE judges ORDER BY id DESC LIMIT 1")
    return kept(*(last[0] if last else (0, "")))


def office_at(basis: int) -> Office:
    """The office as it was under an entry."""
    hash = Entry.objects.filter(id=basis).values_list("hash", flat=True).first()
    if basis and hash is None:
        raise MissingError(f"there is no entry {basis} in the record of the desk")
    return kept(basis, hash or "")


def kept(basis: int, hash: str) -> Office:
    key = basis, hash
    if key not in OFFICES:
        entries = Entry.objects.filter(judges=True, id__lte=basis).order_by("id")
        OFFICES[key] = office_of(basis, entries.values_list("id", "kind", "content"))
        if len(OFFICES) > KEPT:
            OFFICES.popitem(last=False)
    OFFICES.move_to_end(key)
    return OFFICES[key]


def office_of(basis: int, entries: Iterable[tuple[int, str, Row]]) -> Office:
    """Entries told from the first to the last."""
    found: dict[str, dict[Any, Row]] = {}
    for id, kind, content in entries:
        if kind in ENDED:
            found[ENDED[kind]][content["entry"]] |= {"until": content["until"]}
        else:
            found.setdefault(kind, {})[key_of(kind, content, id)] = content
    settings: dict[str, dict[str, Any]] = {}
    for one in found.get("parameter", {}).values():
        settings.setdefault(one["policy"], {})[one["name"]] = one["value"]
    notices = tuple((one["name"], one["text"]) for one in found.get("notice", {}).values())
    return Office(basis, site_of(found), settings, notices)


def key_of(kind: str, content: Row, id: int) -> Any:
    """What a later entry takes the place of."""
    match kind:
        case "unit" | "notice":
            return content["name"]
        case "parameter":
            return content["policy"], content["name"]
        case "pay":
            return content["party"], content["month"]
    return id


def site_of(found: Mapping[str, Mapping[Any, Row]]) -> Site:
    """What entries say of the organisation, by kind, as the tables that the engine knows."""

    def table(kind: str, schema: Mapping[str, Any], **names: str) -> pl.DataFrame:
        rows = [
            {name: cell(one, names.get(name, name), type) for name, type in schema.items()}
            for one in found.get(kind, {}).values()
        ]
        return pl.DataFrame(rows, schema=dict(schema))

    registers: dict[str, list[Row]] = {}
    for one in found.get("registered", {}).values():
        spell = {name: cell(one, name, type) for name, type in REGISTER.items()}
        registers.setdefault(one["register"], []).append(spell | one["facts"])
    return Site(
        people=table("role", PEOPLE),
        deputies=table("deputy", DEPUTIES),
        units=table("unit", UNITS, unit="name"),
        registers={
            name: pl.DataFrame(rows, schema_overrides=REGISTER, infer_schema_length=None)
            for name, rows in registers.items()
        },
        pay=table("pay", PAY),
    )


def cell(row: Row, name: str, type: Any) -> Any:
    value = row.get(name)
    if type == pl.Date and value:
        return dt.date.fromisoformat(value)
    return Decimal(value) if isinstance(type, pl.Decimal) and value is not None else value


@lru_cache(maxsize=64)
def policy_of(hash: str) -> Policy:
    """The edition of this hash, read from its own text."""
    text = Edition.objects.filter(hash=hash).values_list("text", flat=True).first()
    if text is None:
        raise MissingError(f"no edition with the hash {hash[:12]} is on this desk")
    return policy_from(text)


def policy_from(text: str) -> Policy:
    return parse_policy(tomllib.loads(text))


@lru_cache(maxsize=1)
def notices_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="bihuan-notices-"))


def laid_down(text: str) -> Path:
    """A calendar file with this content, for the reader of calendars, which reads files."""
    path = notices_folder() / f"{hashlib.sha256(text.encode()).hexdigest()}.toml"
    if not path.exists():
        path.write_text(text, "utf-8")
    return path
