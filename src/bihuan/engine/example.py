"""Worked examples as data: what is known, what happened, and what must come out (docs/writing-policies.md, 12).

This reads them and compares nothing; an expectation names only what it cares about and stays as written.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator, PrivateAttr, ValidationError, WithJsonSchema, model_validator

from bihuan.engine.errors import PolicyError
from bihuan.engine.fields import NamesField, Part, Text
from bihuan.engine.finding import Wrong
from bihuan.engine.policy import summary
from bihuan.engine.translate import findings_of

INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(:\d{2})?)?([+-]\d{2}:\d{2}|Z)?")
LAST_SECOND = dt.time(23, 59, 59)


def parse_instant(value: object) -> dt.datetime | dt.date:
    """A wall-clock time as written in an example; a date alone is that whole day, 24:00 its last second."""
    if isinstance(value, dt.date):
        return value
    match = INSTANT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Wrong("example-instant", value)
    day, clock, seconds, zone = match.groups()
    try:
        if clock is None:
            return dt.date.fromisoformat(day)
        if clock == "24:00":
            return dt.datetime.combine(dt.date.fromisoformat(day), LAST_SECOND)
        return dt.datetime.fromisoformat(f"{day}T{clock}{seconds or ':00'}{zone or ''}")
    except ValueError:
        raise Wrong("example-instant", value) from None


InstantField = Annotated[
    dt.datetime | dt.date, PlainValidator(parse_instant), WithJsonSchema({"type": "string"})
]


class Happened(Part):
    """One event of an example."""

    at: InstantField
    event: Text
    data: dict[str, Any] = Field({})

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, row: Any) -> Any:
        if not isinstance(row, list) or len(row) not in (2, 3):
            raise Wrong("example-event", row)
        return dict(zip(("at", "event", "data"), row, strict=False))


class ExampleCase(Part):
    """One case of an example."""

    facts: dict[str, Any] = Field({})
    events: tuple[Happened, ...] = ()


class Example(ExampleCase):
    """What happened, and what must come out."""

    name: Text
    set: dict[str, Any] = Field({}, description="parameters")
    as_of: InstantField
    cases: dict[str, ExampleCase] = Field({}, description="several cases by name")
    registers: dict[str, dict[str, dict[str, Any]]] = Field({}, description="subjects with their facts")
    people: dict[str, NamesField] = Field({}, description="who holds which organisational roles")
    units: dict[str, NamesField] = Field({}, description="units, each with those directly below it")
    expect: dict[str, Any] = Field(description="only what is named is compared")

    @model_validator(mode="after")
    def _one_or_several(self) -> Example:
        if self.cases and (self.events or self.facts):
            raise Wrong("example-cases")
        if not any(True for _ in self.expected()):
            raise Wrong("example-expect")
        return self

    def by_case(self) -> dict[str, ExampleCase]:
        """The cases by name; the only one of an example without names is called like the example."""
        return dict(self.cases) or {self.name: ExampleCase(facts=self.facts, events=self.events)}

    def expected(self) -> Iterator[tuple[str | None, str, Any]]:
        """Case (None: all of them), rule or table, and what is expected of it."""
        for key, wanted in self.expect.items():
            if key in self.cases and isinstance(wanted, dict):
                yield from ((key, inner, each) for inner, each in wanted.items())
            else:
                yield None, key, wanted


class ExampleFile(Part):
    """The worked examples of one file."""

    example: tuple[Example, ...] = ()
    _path: str = PrivateAttr("")

    @property
    def path(self) -> str:
        return self._path


def parse_examples(data: Mapping[str, Any], path: str = "") -> ExampleFile:
    """Read the content of a file of worked examples; every defect is in the one error raised."""
    try:
        file = ExampleFile.model_validate(data)
    except ValidationError as error:
        findings = findings_of(error, data, ExampleFile, path)
    else:
        file._path = path
        return file
    raise PolicyError(summary(findings), findings=findings, file=path or None)
