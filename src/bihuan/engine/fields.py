"""The types of the fields of a policy: how each is read, and how an editor's schema describes it.

A reader raises `Wrong`; what the names mean is decided elsewhere. Schemas are placeholders (`x-type`) that
`schema.py` replaces by one shared definition each.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, StrictBool, StrictInt, StrictStr, ValidationInfo
from pydantic_core import core_schema

from bihuan.engine.finding import Wrong
from bihuan.engine.limit import (
    Limit,
    LimitSource,
    Name,
    Period,
    Reference,
    parse_clock,
    parse_limit,
    parse_limit_source,
    parse_period,
    parse_period_source,
    parse_reference,
)
from bihuan.engine.pattern import (
    Condition,
    Kinds,
    Pattern,
    number_source,
    parse_condition,
    parse_pattern,
    parse_patterns,
)
from bihuan.engine.pattern import name as bare_name
from bihuan.engine.pattern import number as read_number

ID = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
DayEnd = int | str
Number = int | float | Name | Reference


class Part(BaseModel):
    """A table of a policy file: unknown keys are refused, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # built once, as a whole


@dataclass(frozen=True, slots=True)
class Between:
    """A range in which an authorised person fixes the amount."""

    low: Decimal | Name
    high: Decimal | Name


@dataclass(frozen=True, slots=True)
class Floor:
    """An amount from which upwards a person decides; never computed."""

    least: Decimal | Name


@dataclass(frozen=True, slots=True)
class Means:
    """What a name at a field is the name of; `check` looks it up there."""

    what: str


@dataclass(frozen=True, slots=True)
class Reads:
    """How a field is read, and what an editor's schema calls it.

    pydantic's own PlainValidator also works out how to write what was read; that nobody asks, and it takes longer than
    all the rest of building the model.
    """

    read: Callable[..., Any]
    schema: str
    informed: bool = False  # the reader wants to know what the names of the file stand for

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        if self.informed:
            return core_schema.with_info_plain_validator_function(self.read)
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return {"x-type": self.schema}


Amount = Decimal | Name | Reference | Between | Floor


def _kinds(info: ValidationInfo) -> Kinds:
    return info.context or {}


def read_condition(value: object, info: ValidationInfo) -> Condition:
    return parse_condition(value, _kinds(info))


def read_pattern(value: object, info: ValidationInfo) -> Pattern:
    return parse_pattern(value, _kinds(info))


def read_patterns(value: object, info: ValidationInfo) -> tuple[Pattern, ...]:
    return parse_patterns(value, _kinds(info))


def read_id(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(ID, value):
        raise Wrong("id", value)
    return value


def read_name(value: object) -> str:
    return bare_name(value).name


def read_names(value: object) -> tuple[str, ...]:
    """A name or a list of names."""
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(each, str) for each in names):
        raise Wrong("names", value)
    return tuple(names)


def read_payers(value: object) -> tuple[str, ...]:
    """Who pays: one role or fact, or `{ all = [...] }`, each of whom pays."""
    if isinstance(value, dict) and set(value) == {"all"} and isinstance(value["all"], list):
        return read_names(value["all"])
    if not isinstance(value, str):
        raise Wrong("payer", value)
    return (value,)


def read_ends(value: object) -> DayEnd:
    """When a day is over: a wall-clock second, `close` or `same time`."""
    if value in ("close", "same time"):
        return str(value)
    if not isinstance(value, str):
        raise Wrong("day-end", value)
    return parse_clock(value)


def read_edition(value: object) -> dt.date | None:
    """The first day in force; None for `"unknown"`."""
    if value == "unknown":
        return None
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise Wrong("edition", value)
    return value


def read_date(value: object) -> dt.date:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise Wrong("date", value)
    return value


def read_money(value: object) -> Decimal | Name:
    if isinstance(value, str):
        return bare_name(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong("amount", value)
    return Decimal(str(value))


def read_amount(value: object) -> Amount:
    if not isinstance(value, dict):
        return read_money(value)
    match value:
        case {"between": [low, high], **more} if not more:
            return Between(read_money(low), read_money(high))
        case {"from": least, **more} if not more:
            return Floor(read_money(least))
        case {"by": str(), **more} if not more:
            return parse_reference(value)
    raise Wrong("amount", value)


def read_scalar(value: object) -> Any:
    """What a parameter may be: a number, text, flag, date, time, or a list of them."""
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(
        isinstance(each, bool | int | float | str | dt.date | dt.time) for each in listed
    ):
        raise Wrong("scalar", value)
    return tuple(value) if isinstance(value, list) else value


Text = StrictStr
Flag = StrictBool
Whole = StrictInt
IdField = Annotated[str, Reads(read_id, "id")]
NameField = Annotated[str, Reads(read_name, "name")]
NamesField = Annotated[tuple[str, ...], Reads(read_names, "names")]
LimitField = Annotated[LimitSource, Reads(parse_limit_source, "limit"), Means("limit")]
PlainLimitField = Annotated[Limit, Reads(parse_limit, "plain_limit")]
PeriodField = Annotated[Period, Reads(parse_period, "period")]
PeriodSourceField = Annotated[
    Period | Name | Reference, Reads(parse_period_source, "periods"), Means("period")
]
PatternField = Annotated[Pattern, Reads(read_pattern, "pattern", informed=True)]
PatternsField = Annotated[tuple[Pattern, ...], Reads(read_patterns, "patterns", informed=True)]
ConditionField = Annotated[Condition, Reads(read_condition, "condition", informed=True)]
NumberField = Annotated[Number, Reads(number_source, "number"), Means("number")]
MoneyField = Annotated[Decimal | Name, Reads(read_money, "money"), Means("number")]
AmountField = Annotated[Amount, Reads(read_amount, "amount"), Means("number")]
PayerField = Annotated[tuple[str, ...], Reads(read_payers, "payer"), Means("party")]
RoleField = Annotated[NameField, Means("role")]
RolesField = Annotated[NamesField, Means("role")]
PartyField = Annotated[NameField, Means("party")]
PartiesField = Annotated[NamesField, Means("party")]
FactField = Annotated[NameField, Means("fact")]
FactsField = Annotated[NamesField, Means("fact")]
EventField = Annotated[NameField, Means("event")]
EventsField = Annotated[NamesField, Means("event")]
SubjectField = Annotated[NameField, Means("subject")]
WindowField = Annotated[IdField, Means("window")]
RulesField = Annotated[NamesField, Means("rule")]
ChargesField = Annotated[NamesField, Means("charge")]
FormField = Annotated[NameField, Means("form")]
FormsField = Annotated[NamesField, Means("form")]
LedgerField = Annotated[NameField, Means("ledger")]
LadderField = Annotated[NameField, Means("ladder")]
CalendarField = Annotated[Text, Means("calendar")]
ColumnField = Annotated[NameField, Means("column")]
ColumnsField = Annotated[NamesField, Means("column")]
RowsField = Annotated[Text, Means("rows")]
ContentsField = Annotated[NamesField, Means("contents")]
IndicatorField = Annotated[IdField, Means("indicator")]
ParameterField = Annotated[Text, Means("parameter")]
AnchorField = Annotated[Text, Means("anchor")]
EndsField = Annotated[DayEnd, Reads(read_ends, "ends")]
EditionField = Annotated[dt.date | None, Reads(read_edition, "edition")]
DateField = Annotated[dt.date, Reads(read_date, "date")]
NumberOnlyField = Annotated[int | float, Reads(read_number, "plain_number")]
ScalarField = Annotated[Any, Reads(read_scalar, "scalar")]

# Tags of a field that is text or a table; they show up in the places of errors and are taken out again.
SHORT, LONG = "<text>", "<table>"
ShortOrLong = Discriminator(lambda value: SHORT if isinstance(value, str) else LONG)
