"""Whether the tables of people, offices and parameters, by which rights go and new cases are judged, say what the entries say.

They follow from the entries; whoever writes past the desk, to give somebody a role, writes into them alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bihuan.desk.models import Deputy, Edition, Entry, Holding, Notice, Person, Registered, Setting, Unit
from bihuan.desk.office import ENDED
from bihuan.i18n import _

KINDS = (
    "person", "person_left", "administrator", "unit", "parameter", "notice", "in_force",
    *ENDED, *ENDED.values(),
)  # fmt: skip
Rows = dict[Any, tuple[Any, ...]]


def unlike() -> Iterator[tuple[int, str, str]]:
    """The entry that made a row (0: none), what it is of, and why it does not fit."""
    told, made = of_entries(Entry.objects.filter(kind__in=KINDS).order_by("id"))
    for kind, there in of_tables().items():
        said = told.get(kind, {})
        for key in sorted(said.keys() | there.keys(), key=str):
            if key not in there:
                yield made[kind, key], name(kind, key), _("the entry says so, and the desk does not hold it")
            elif key not in said:
                yield 0, name(kind, key), _("the desk holds it, and no entry says so")
            elif said[key] != there[key]:
                yield made[kind, key], name(kind, key), _("the desk holds it otherwise than the entries say")


def name(kind: str, key: Any) -> str:
    return f"{kind} {' '.join(key) if isinstance(key, tuple) else key}"


def of_entries(entries: Iterable[Entry]) -> tuple[dict[str, Rows], dict[tuple[str, Any], int]]:
    """What the entries come to, told from the first to the last; and the last entry about each."""
    cells: dict[str, dict[Any, dict[str, Any]]] = {}
    made: dict[tuple[str, Any], int] = {}
    for entry in entries:
        kind, key, more = said(entry)
        cells.setdefault(kind, {}).setdefault(key, {}).update(more)
        made[kind, key] = entry.id
    return {kind: {key: told(kind, one) for key, one in rows.items()} for kind, rows in cells.items()}, made


def said(entry: Entry) -> tuple[str, Any, Mapping[str, Any]]:
    """The kind of row that an entry is about, which one, and what it says of it."""
    content: Mapping[str, Any] = entry.content
    match entry.kind:
        case "person":
            return "person", content["code"], {**content, "active": True}
        case "person_left":
            return "person", content["code"], {"active": False}
        case "administrator":
            return "person", content["code"], content
        case "unit" | "notice":
            return entry.kind, content["name"], content
        case "parameter":
            return "parameter", (content["policy"], content["name"]), content
        case "in_force":
            return "in_force", content["hash"], content
    if entry.kind in ENDED:
        return ENDED[entry.kind], content["entry"], {"until": content["until"]}
    return entry.kind, entry.id, content


COLUMNS = {
    "person": ("name", "unit", "administrator", "active"),
    "unit": ("parent",),
    "role": ("person", "role", "unit", "since", "until"),
    "deputy": ("person", "deputy", "since", "until"),
    "registered": ("register", "subject", "since", "until", "facts"),
    "parameter": ("value",),
    "notice": ("text",),
    "in_force": ("since", "until"),
}


def told(kind: str, cells: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(cells.get(name) for name in COLUMNS[kind])


def of_tables() -> dict[str, Rows]:
    """The same, as the desk holds it."""
    spell = ("since", "until")
    return {
        "person": rows(Person, "code", "name", "unit__name", "is_administrator", "is_active"),
        "unit": rows(Unit, "name", "parent__name"),
        "role": rows(Holding, "id", "person__code", "role", "unit__name", *spell),
        "deputy": rows(Deputy, "id", "person__code", "deputy__code", *spell),
        "registered": rows(Registered, "id", "register", "subject", *spell, "facts"),
        "parameter": {(one.policy, one.name): (one.value,) for one in Setting.objects.all()},
        "notice": rows(Notice, "name", "text"),
        "in_force": {
            one.hash: (day(one.since), day(one.until)) for one in Edition.objects.filter(in_force=True)
        },
    }


def rows(model: Any, key: str, *names: str) -> Rows:
    return {one[0]: tuple(map(day, one[1:])) for one in model.objects.values_list(key, *names)}


def day(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
