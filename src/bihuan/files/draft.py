"""A first mapping for somebody's log, guessed from its header and its first rows.

What is guessed is marked; `read_log` can use the draft as it stands, and a person finishes it. Knows no policy.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bihuan.engine.vocabulary import EVENTS
from bihuan.files.cells import XES, XES_CELLS
from bihuan.files.instants import COMPACT, DATES, HOURS, TIMES, ZONED, parsed
from bihuan.files.tables import batches, kind_of

SAMPLE = 5_000
FEW = 40
MOST = 0.6  # of the values must be instants, for the column to be one of instants

#: Formats that must be declared; where two fit all values, the first is proposed with a warning.
DECLARED = (
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
)
KNOWN = (*TIMES, *ZONED, *DATES, COMPACT)

CASE = r"^case:concept:name$|^case$|case.?(id|no|number)|unique.?key|ticket.?(id|no)|工单(编?号|id)?$|case_enquiry_id|单号|编号|^id$"
EVENT = r"^(concept:name|event|activity|action|step)$|event.?name|事件|环节|活动|操作|动作|步骤"
MOMENT = r"^at$|time|date|_dt$|时间|日期|时刻"
ACTOR = r"^(actor|user|handler|agent|assignee|org:resource)$|处理人|经办人|操作人|办理人|受理人|人员"
UNIT = r"^(unit|department|team|org:group)$|部门|单位|班组|供电所"
PROMISE = r"due|target|deadline|expected|应办|限期|期限|截止|要求"
#: What a header or a value speaks of, as one of the shared events; the first that fits.
MEANINGS = (
    ("called_back", r"call.?back|回访"),
    ("redispatched", r"re.?assign|再派|重派|改派"),
    ("dispatched", r"dispatch|assign|派单|派发|分派|转派"),
    ("accepted", r"creat|open|accept|report|receiv|submit|受理|登记|创建|接单|来电|申请"),
    ("contacted", r"contact|respon|take in charge|联系|响应|接手"),
    ("arrived", r"arriv|到场|到达"),
    ("resolved", r"resol|complet|finish|solved|办结|完成|解决|处理(时间|完)"),
    ("answered", r"answer|答复"),
    ("archived", r"archiv|归档"),
    ("closed", r"clos|关闭|结案|结束"),
    ("suspended", r"^wait|hold|suspend|pause|挂起|暂停"),
    ("resumed", r"resum|恢复"),
)


@dataclass(frozen=True)
class _Column:
    name: str
    values: pl.Series
    formats: tuple[str, ...]  # of instants; those that fit every value

    @property
    def text(self) -> pl.Series:
        return self.values.cast(pl.String)

    def says(self, pattern: str) -> bool:
        return re.search(pattern, self.name.strip().lower()) is not None


def draft_mapping(path: str | Path) -> str:
    """A mapping for the log, as TOML with comments."""
    path = Path(path)
    batch = next(batches(path, size=SAMPLE))
    columns = [_looked_at(batch.table[name].head(SAMPLE)) for name in batch.table.columns]
    head = [
        f"# Draft of a mapping for {path.name}, guessed from its first {batch.table.height} rows: check every line."
    ]
    if batch.beside:
        head.append(
            f"# sheet = {_quoted(batch.beside[0])}   # the sheets beside the first: {', '.join(batch.beside)}"
        )
    event = _first(columns, EVENT, _few)
    case = _case(columns)
    if event is not None and case.values.is_duplicated().any():
        return "\n".join([*head, *_long(columns, case, event, kind_of(path)), ""])
    return "\n".join([*head, *_wide(columns, case), ""])


def _looked_at(values: pl.Series) -> _Column:
    if values.dtype == pl.String:
        values = values.str.strip_chars().replace("", None)
        return _Column(values.name, values, _formats(values))
    native = isinstance(values.dtype, pl.Datetime) or values.dtype == pl.Date
    return _Column(values.name, values, (TIMES[0],) if native else ())


def _formats(values: pl.Series) -> tuple[str, ...]:
    """Understood undeclared by most values, in whatever mixture; else those declarable formats that fit most."""
    known = [_fits(values, form) for form in KNOWN]
    most = MOST * values.count()
    if values.count() and sum(known) >= most:
        return tuple(form for form, count in zip(KNOWN, known, strict=True) if count)
    return tuple(form for form in DECLARED if values.count() and _fits(values, form) >= most)


def _fits(values: pl.Series, form: str) -> int:
    return parsed(values, form).count()


def _few(column: _Column) -> bool:
    return (
        0 < column.text.drop_nulls().n_unique() <= max(FEW, len(column.values) // 20) and not column.formats
    )


def _first(columns: Iterable[_Column], pattern: str, fits: object = None) -> _Column | None:
    test = fits if callable(fits) else (lambda column: True)
    return next((column for column in columns if column.says(pattern) and test(column)), None)


def _case(columns: list[_Column]) -> _Column:
    named = [column for column in columns if column.says(CASE) and not column.formats]
    unique = [column for column in columns if not column.values.is_duplicated().any() and not column.formats]
    return (named or unique or columns)[0]


def _quoted(text: object) -> str:
    return json.dumps(str(text), ensure_ascii=False)


def _key(name: str) -> str:
    """The header as a name of ours; other scripts are kept, in quotes."""
    plain = re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_")
    return plain if re.fullmatch(r"[a-z][0-9a-z_]*", plain) and name.isascii() else _quoted(name)


def _meaning(text: str) -> str | None:
    label = next((name for name, label in EVENTS.items() if text.strip() == label), None)
    return label or next((name for name, sign in MEANINGS if re.search(sign, text.strip().lower())), None)


def _time_settings(columns: Iterable[_Column]) -> Iterator[str]:
    """Formats that must be declared, midnights, and the zone."""
    moments = [column for column in columns if column.formats]
    declared = [column for column in moments if not set(column.formats) & set(KNOWN)]
    certain = {form for column in declared for form in column.formats if not _doubtful(column)}
    chosen = {
        column.name: next((f for f in column.formats if f in certain), column.formats[0])
        for column in declared
    }
    for column in declared:
        if _doubtful(column) and chosen[column.name] not in certain:
            yield f"# CHECK {column.name}: month first or day first? Both fit; {' or '.join(column.formats)}."
    forms = list(dict.fromkeys(chosen.values()))
    if forms:
        plain = [column.formats[0] for column in moments if column not in declared]
        yield f"datetime = [{', '.join(map(_quoted, dict.fromkeys(forms + plain)))}]"
    midnights = [column.name for column in moments if _only_midnights(column)]
    if midnights:
        yield f"whole_days = [{', '.join(map(_quoted, midnights))}]   # nothing but midnights: dates without a time"
    yield '# zone = "Asia/Shanghai"   # of times that name none; without it the policy\'s zone'


def _doubtful(column: _Column) -> bool:
    return {"%m", "%d"} <= {form[:2] for form in column.formats}


def _only_midnights(column: _Column) -> bool:
    timed = any(part in form for form in column.formats for part in HOURS)
    known = column.text.drop_nulls()
    return timed and len(known) > 0 and bool(known.str.contains(r"[ T]00:00(:00(\.0+)?)?$").all())


def _identity(columns: list[_Column]) -> dict[str, _Column]:
    found = {"actor": _first(columns, ACTOR), "unit": _first(columns, UNIT)}
    return {name: column for name, column in found.items() if column is not None}


def _long(columns: list[_Column], case: _Column, event: _Column, kind: str) -> Iterator[str]:
    at = _first(columns, MOMENT, lambda column: column.formats) or next(
        (c for c in columns if c.formats), None
    )
    if at is None:
        yield "# CHECK: no column of instants was found; name it in at, and its format in datetime."
        at = _first(columns, MOMENT) or columns[-1]
    who = _identity(columns)
    yield 'format = "long"'
    for name, column in {"case": case, "event": event, "at": at, **who}.items():
        if not (kind == "xes" and column.name == {**XES, **XES_CELLS}.get(name)):
            yield f"{name} = {_quoted(column.name)}"
    yield from _time_settings([at])
    rest = [column for column in columns if column not in (case, event, at, *who.values())]
    given = [column for column in rest if _few(column) and _constant_in_case(column, case)]
    carried = [column for column in rest if _few(column) and column not in given]
    yield from _ignored([column for column in rest if column not in (*given, *carried)])
    yield from _event_values(event)
    yield from _facts("facts", "given with the case", given)
    yield from _facts("carried", "carried by the events, from their row on", carried)


def _constant_in_case(column: _Column, case: _Column) -> bool:
    """One value a case, told by its first row: what a later row brings is carried by that event."""
    table = pl.DataFrame({"case": case.values, "value": column.text})
    known = pl.col("value").drop_nulls()
    told = table.group_by("case").agg(known.n_unique().alias("values"), pl.col("value").first())
    return told.filter(
        (pl.col("values") > 1) | ((pl.col("values") == 1) & pl.col("value").is_null())
    ).is_empty()


def _event_values(event: _Column) -> Iterator[str]:
    counts = event.text.drop_nulls().value_counts(sort=True)
    guesses: dict[str, list[str]] = {}
    unknown: list[str] = []
    for value in counts.to_series().to_list():
        name = value if value in EVENTS else _meaning(value)
        if name is None:
            unknown.append(value)
        elif name != value:
            guesses.setdefault(name, []).append(value)
    if unknown:
        yield "# Not understood; give each a name below, or list what no policy asks for in ignored_events:"
        yield from (f"#   {_quoted(value)}" for value in unknown)
        yield f"ignored_events = [{', '.join(map(_quoted, unknown))}]"
    yield "\n[events]   # our name = their value, or a list of values"
    for name, values in guesses.items():
        yield f"{name} = {_quoted(values[0]) if len(values) == 1 else '[' + ', '.join(map(_quoted, values)) + ']'}"


def _wide(columns: list[_Column], case: _Column) -> Iterator[str]:
    moments = [column for column in columns if column.formats and column is not case]
    events, taken = [], set()
    for column in moments:
        name = None if column.says(PROMISE) else _meaning(column.name)
        if name and name not in taken:
            taken.add(name)
            events.append((name, column))
    if not events:
        yield "# CHECK: no column of instants was understood; name the columns of events under [events]."
        events = [("accepted", (moments or columns)[0])]
    events.sort(key=lambda each: list(EVENTS).index(each[0]))
    who = _identity(columns)
    yield 'format = "wide"'
    for name, column in {"case": case, **who}.items():
        yield f"{name} = {_quoted(column.name)}"
    yield from _time_settings([column for _, column in events])
    yield f"order = [{', '.join(_quoted(name) for name, _ in events)}]   # of events of one instant"
    used = [case, *who.values(), *(column for _, column in events)]
    rest = [column for column in columns if column not in used]
    promises = [column for column in rest if column.formats and column.says(PROMISE)]
    facts = [column for column in rest if _few(column)] + promises
    yield from _ignored([column for column in rest if column not in facts])
    yield "\n[events]   # our name = their column"
    yield from (f"{name} = {_quoted(column.name)}" for name, column in events)
    unused = [column for column in moments if column in rest and column not in promises]
    yield from (f"# ? = {_quoted(column.name)}   # holds instants too" for column in unused)
    yield from _facts("facts", "given with the case", facts)


def _ignored(columns: list[_Column]) -> Iterator[str]:
    if columns:
        yield f"ignored = [{', '.join(_quoted(column.name) for column in columns)}]"


def _facts(table: str, what: str, columns: list[_Column]) -> Iterator[str]:
    if not columns:
        return
    yield f"\n[{table}]   # {what}: our name = their column"
    for column in columns:
        choices = column.text.drop_nulls().unique(maintain_order=True).head(6).to_list()
        shown = " | ".join(re.sub(r"\s+", " ", str(choice))[:30] for choice in choices)
        place = (
            f"{{ column = {_quoted(column.name)}, instant = true }}"
            if column.formats
            else _quoted(column.name)
        )
        yield f"{_key(column.name)} = {place}   # {shown}"
