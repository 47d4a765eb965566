"""Mappings: which column of somebody's log is which event, fact or identity. A TOML file; docs/logs.md explains it.

Ours stands left, theirs right: `accepted = "Created Date"`. Knows the shape of a mapping, not of the log.
"""

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from bihuan.engine.errors import LogError

Scalar = str | int | float | bool


def _several(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


def _cell(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Cell(Part):
    """Where a value stands: a column, with other words for some of its values; or one value for all."""

    column: str | None = None
    value: Scalar | None = None
    values: dict[str, Texts] = Field(default_factory=dict)  # ours = theirs
    instant: bool = False  # the column holds dates or times, to be read as those of events are
    datetime: Texts = ()
    zone: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Cell":
        if (self.column is None) == (self.value is None):
            raise ValueError("write either column = ... or value = ...")
        return self


AnyCell = Annotated[Cell, BeforeValidator(_cell)]


class Moment(Part):
    """A column of instants, where it differs from the other columns of the log."""

    column: str
    datetime: Texts = ()
    zone: str | None = None
    whole_day: bool = False


class WideEvent(Moment):
    """A column of a wide log, and the columns that belong to that event."""

    actor: AnyCell | None = None
    unit: AnyCell | None = None
    recorded_at: str | None = None
    facts: dict[str, AnyCell] = Field(default_factory=dict)


class Cases(Part):
    """A second table with one row per case."""

    file: str
    case: str = "case"
    header: int = 1
    sheet: str | None = None


def _wide(value: Any) -> Any:
    return tuple(_cell(each) for each in _several(value))


class Mapping(Part):
    format: Literal["long", "wide"] = "long"
    header: int = Field(1, ge=1)
    sheet: str | None = None
    case: str | None = None
    event: Texts = ()
    at: str | None = None
    actor: AnyCell | None = None
    unit: AnyCell | None = None
    recorded_at: str | None = None
    id: str | None = None
    corrects: str | None = None
    corrected_at: str | None = None
    zone: str | None = None
    datetime: Texts = ()
    whole_days: Texts = ()
    order: Texts = ()
    ignored: Texts = ()
    ignored_events: Texts = ()
    cases: Cases | None = None
    events: dict[str, Texts] = Field(default_factory=dict)  # of a long log: our name = their values
    wide: dict[str, tuple[WideEvent, ...]] = Field(default_factory=dict)  # in the file this is [events] too
    facts: dict[str, AnyCell] = Field(default_factory=dict)
    carried: dict[str, AnyCell] | None = None
    constants: dict[str, Scalar] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _by_format(cls, data: Any) -> Any:
        events = data.get("events", {})
        if data.get("format") == "wide" and isinstance(events, dict):
            wide = {name: _wide(value) for name, value in events.items()}
            return {key: value for key, value in data.items() if key != "events"} | {"wide": wide}
        return data

    @model_validator(mode="after")
    def _whole(self) -> "Mapping":
        if self.format == "wide" and (self.case is None or not self.wide):
            raise ValueError(
                'a wide log needs case = "its column" and a table [events] with event = "its column"'
            )
        if self.format == "wide" and (self.event or self.at or self.carried):
            raise ValueError("event, at and [carried] belong to long logs")
        return self

    @property
    def wide_events(self) -> list[tuple[str, WideEvent]]:
        return [(name, each) for name, many in self.wide.items() for each in many]

    @property
    def renames(self) -> dict[str, list[str]]:
        """Of a long log: theirs -> ours; one of theirs may stand for several of ours."""
        found: dict[str, list[str]] = {}
        for ours, theirs in self.events.items():
            for each in theirs:
                found.setdefault(each, []).append(ours)
        return found

    def formats(self, moment: "Moment | Cell | None" = None) -> tuple[str, ...]:
        return (moment.datetime if moment else ()) or self.datetime


def read_mapping(path: str | Path) -> Mapping:
    """The mapping in a TOML file."""
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise LogError("there is no such mapping; draft one with: bihuan map LOG", file=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise LogError(f"the mapping cannot be read: {error}", file=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise LogError(f"the mapping is no TOML: {error}", file=str(path)) from None
    return parse_mapping(data, str(path))


def parse_mapping(data: dict[str, Any], path: str = "mapping") -> Mapping:
    try:
        return Mapping.model_validate(data)
    except ValidationError as error:
        raise LogError("; ".join(_finding(each) for each in error.errors()), file=path) from None


def _finding(error: Any) -> str:
    place = ["events" if part == "wide" else str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        known = sorted(
            {*Mapping.model_fields, *WideEvent.model_fields, *Cell.model_fields, *Cases.model_fields}
        )
        return f"unknown key {'.'.join(place)!r}{meant(place[-1], known)}"
    found = "" if isinstance(error["input"], dict) else f" (found {error['input']!r})"
    return f"{'.'.join(place) or 'mapping'}: {error['msg'].removeprefix('Value error, ')}{found}"


def meant(name: str, known: Iterable[str]) -> str:
    """The ending of a message about an unknown name.

    >>> meant("acepted", ["accepted", "closed"])
    '; did you mean accepted?'
    """
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""
