"""The types of the fields of a policy: how each is read, and how an editor's schema describes it.

A reader raises `Wrong`; what the names mean is decided elsewhere. Schemas are placeholders (`x-type`) that
`schema.py` replaces by one shared definition each.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    PlainValidator,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationInfo,
    WithJsonSchema,
)

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


def _schema(name: str) -> WithJsonSchema:
    return WithJsonSchema({"x-type": name})


Text = StrictStr
Flag = StrictBool
Whole = StrictInt
IdField = Annotated[str, PlainValidator(read_id), _schema("id")]
NameField = Annotated[str, PlainValidator(read_name), _schema("name")]
NamesField = Annotated[tuple[str, ...], PlainValidator(read_names), _schema("names")]
LimitField = Annotated[LimitSource, PlainValidator(parse_limit_source), _schema("limit"), Means("limit")]
PlainLimitField = Annotated[Limit, PlainValidator(parse_limit), _schema("plain_limit")]
PeriodField = Annotated[Period, PlainValidator(parse_period), _schema("period")]
PeriodSourceField = Annotated[
    Period | Name | Reference, PlainValidator(parse_period_source), _schema("periods"), Means("period")
]
PatternField = Annotated[Pattern, PlainValidator(read_pattern), _schema("pattern")]
PatternsField = Annotated[tuple[Pattern, ...], PlainValidator(read_patterns), _schema("patterns")]
ConditionField = Annotated[Condition, PlainValidator(read_condition), _schema("condition")]
NumberField = Annotated[Number, PlainValidator(number_source), _schema("number"), Means("number")]
MoneyField = Annotated[Decimal | Name, PlainValidator(read_money), _schema("money"), Means("number")]
AmountField = Annotated[Amount, PlainValidator(read_amount), _schema("amount"), Means("number")]
PayerField = Annotated[tuple[str, ...], PlainValidator(read_payers), _schema("payer"), Means("party")]
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
EndsField = Annotated[DayEnd, PlainValidator(read_ends), _schema("ends")]
EditionField = Annotated[dt.date | None, PlainValidator(read_edition), _schema("edition")]
DateField = Annotated[dt.date, PlainValidator(read_date), _schema("date")]
NumberOnlyField = Annotated[int | float, PlainValidator(read_number), _schema("plain_number")]
ScalarField = Annotated[Any, PlainValidator(read_scalar), _schema("scalar")]

# Tags of a field that is text or a table; they show up in the places of errors and are taken out again.
SHORT, LONG = "<text>", "<table>"
ShortOrLong = Discriminator(lambda value: SHORT if isinstance(value, str) else LONG)
