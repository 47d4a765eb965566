"""What a policy declares before its articles: header, parameters, facts, roles, documents, forms, ledgers.

One class a table, one field a key (docs/writing-policies.md, 3, 4, 10 and 11). No rule and no reading of files.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from bihuan.engine.fields import (
    CalendarField,
    ConditionField,
    DateField,
    EditionField,
    EndsField,
    EventField,
    EventsField,
    FactField,
    FactsField,
    Flag,
    NamesField,
    NumberField,
    NumberOnlyField,
    ParameterField,
    Part,
    PartiesField,
    PatternField,
    PeriodField,
    RoleField,
    RolesField,
    ScalarField,
    SubjectField,
    Text,
)
from bihuan.engine.finding import Wrong
from bihuan.engine.limit import is_limit, parse_reference
from bihuan.engine.pattern import FACT_TYPES, Condition, Kind, literal

Becomes = Literal["as is", "next opening", "next working day"]
Status = Literal["in force", "proposed", "preview", "reference"]
Origin = Literal["text", "user", "outside", "missing"]
FactType = Literal[
    "choice", "flag", "number", "money", "text", "date", "instant", "clock", "limit", "person", "unit",
    "calendar", "file", "case",
]  # fmt: skip


class Outside(Part):
    """What a start on a rest day, before opening or after closing becomes."""

    rest_day: Becomes = "as is"
    before: Becomes = "as is"
    after: Becomes = "as is"


class Days(Part):
    """How days are counted; what is left out comes from the policy, then from the language."""

    first: Flag | None = Field(None, description="the first day counts")
    rolls: Literal["no", "next working day"] | None = Field(None, description="a last day off moves")
    ends: EndsField | None = Field(None, description="24:00, close, HH:MM or same time")
    outside: Outside | None = Field(None, description="a start outside working hours")

    def over(self, base: "Days") -> "Days":
        """These conventions, completed by `base`."""
        return Days.model_construct(
            **{key: base_value if (own := getattr(self, key)) is None else own for key, base_value in base}
        )


class Source(Part):
    """Where the text was read."""

    file: Text
    lines: Text


class Header(Part):
    """What the regulation is and how it counts (docs/writing-policies.md, 3)."""

    id: Text = Field(description="<industry>/<name>")
    title: Text = Field(description="title as printed")
    edition: EditionField = Field(description='first day in force, or "unknown"')
    until: DateField | None = Field(None, description="last day in force")
    status: Status = Field(description="only `in force` judges without --draft")
    trial: Flag = Field(False, description="试行/暂行, shown only")
    source: Source = Field(description="where the text was read")
    variant_of: Text | None = Field(None, description="id of the sibling text")
    supplements: Text | None = Field(None, description="id of the base text")
    zone: Text = Field(description="IANA time zone")
    currency: Text = Field("CNY", description="currency of amounts")
    round: NumberField | None = Field(None, description="unit to which amounts are rounded, half up")
    calendar: CalendarField = Field("natural", description="calendar, or fact that names it")
    days: Days = Field(Days(), description="day conventions of the policy")
    edition_by: EventField | None = Field(None, description="the day of this event chooses the edition")
    customer: FactField | None = Field(None, description="fact: who is called")
    contacts: EventsField = Field((), description="events that contact the customer; default called_back")
    starts: EventsField = Field((), description="events that may open a case")
    ends: EventsField = Field((), description="events after which the case is no longer open")
    pending: tuple[Text, ...] = Field((), description="what the text has and this file does not carry yet")
    void_by: PatternField | None = Field(None, description="events that end every open obligation")


class DatedValue(Part):
    """The value of a parameter from a day on."""

    from_: DateField = Field(alias="from")
    value: ScalarField


class Parameter(Part):
    """A number or word that the text leaves open or that changes with time."""

    value: ScalarField | None = Field(None, description="its value")
    values: tuple[DatedValue, ...] = Field((), description="its values from days on")
    unit: Text | None = None
    origin: Origin = Field(description="who says so")
    why: Text | None = Field(None, description="reason for a value that is not in the text")
    at_least: NumberField | None = None
    above: NumberField | None = None
    at_most: NumberField | None = None
    below: NumberField | None = None
    choices: tuple[ScalarField, ...] = Field((), description="the values allowed")
    from_: ParameterField | None = Field(
        None, alias="from", description="bounds are on the distance from this one"
    )

    @model_validator(mode="after")
    def _has_what_its_origin_says(self) -> Self:
        given = self.value is not None or bool(self.values)
        if self.value is not None and self.values:
            raise Wrong("one-of", None, names=("value", "values"))
        if given == (self.origin == "missing"):
            raise Wrong("origin-missing" if given else "origin-value", self.origin)
        return self


class Document(Part):
    """A document the text refers to."""

    title: Text
    held: Flag
    policy: Text | None = Field(None, description="id of the policy file, where held")


class Row(Part):
    """One row of a looked-up fact."""

    article: Text | None = None
    when: ConditionField = Field(Condition(), description="when this row holds")
    is_: Annotated[Any, Field(alias="is", description="the value, or the name of what holds it")]


class Fact(Part):
    """A typed property of a case (docs/writing-policies.md, 4.2)."""

    label: Text | None = Field(None, description="name on the page")
    type: FactType = Field(description="type of its values; implied by choices, tree or rows")
    choices: dict[str, Text] = Field({}, description="the choices with their labels")
    tree: dict[str, Any] = Field({}, description="choices in branches")
    many: Flag = Field(False, description="a set of values")
    open: Flag = Field(False, description="other values are accepted and reported")
    ordered: Flag = Field(False, description="the choices stand in rising order")
    points: dict[str, NumberOnlyField] = Field({}, description="score of each choice")
    unit: Text | None = None
    range: tuple[NumberOnlyField, NumberOnlyField] | None = Field(
        None, description="least and greatest value"
    )
    default: Any = Field(None, description="value when the log says nothing")
    decided_by: RoleField | None = Field(None, description="role whose judgement it is")
    personal: Literal["identity", "contact", "content"] | None = None
    hidden_from: RolesField = Field((), description="roles that must not see it")
    register_: Flag = Field(False, alias="register", description="a subject with a dated list")
    of: SubjectField | None = Field(None, description="the subject in whose register it stands")
    rows: tuple[Row, ...] = Field((), description="looked up: unordered rows")
    otherwise: Any = Field(None, description="value when no row holds")
    shows: NamesField = Field((), description="events of the part that the whole sees")

    @model_validator(mode="before")
    @classmethod
    def _implies_its_type(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "type" in data:
            return data
        implied = implied_type(data)
        if implied is None:
            raise Wrong("fact-type")
        return {**data, "type": implied}

    @field_validator("tree")
    @classmethod
    def _tree_of_labels(cls, tree: dict[str, Any]) -> dict[str, Any]:
        for key, below in tree.items():
            if not isinstance(below, str | dict):
                raise Wrong("tree", below, at=key)
        return tree

    @field_validator("rows")
    @classmethod
    def _rows_of_its_type(cls, rows: tuple[Row, ...], info: ValidationInfo) -> tuple[Row, ...]:
        return tuple(row.model_copy(update={"is_": typed(row.is_, info.data.get("type"))}) for row in rows)

    @field_validator("default", "otherwise")
    @classmethod
    def _value_of_its_type(cls, value: Any, info: ValidationInfo) -> Any:
        return None if value is None else typed(value, info.data.get("type"))

    @property
    def looked_up(self) -> bool:
        return bool(self.rows)

    @cached_property
    def leaves(self) -> dict[str, str]:
        """Choices a case can have, with labels; of a looked-up fact without choices, the values of its rows."""
        if self.tree:
            return dict(tree_leaves(self.tree))
        if self.choices or self.type != "choice":
            return dict(self.choices)
        values = [*(row.is_ for row in self.rows), self.otherwise]
        return {value: value for value in values if isinstance(value, str)}

    @cached_property
    def branches(self) -> dict[str, tuple[str, ...]]:
        """Every name a condition may use, with the choices that it stands for."""
        own: dict[str, tuple[str, ...]] = {leaf: (leaf,) for leaf in self.leaves}
        return {**tree_branches(self.tree), **own} if self.tree else own


def typed(value: Any, type_: str | None) -> Any:
    """A value of a fact of this type, or a name or document in its place."""
    if type_ is None:
        return value
    if isinstance(value, dict):
        return parse_reference(value)
    if isinstance(value, list):
        return tuple(literal(each, Kind(type_)) for each in value)
    return literal(value, Kind(type_))


def implied_type(data: Mapping[str, Any]) -> str | None:
    """The type that a fact's choices or the values of its rows show."""
    if "choices" in data or "tree" in data:
        return "choice"
    rows = data.get("rows")
    values = [row.get("is") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    for type_, fits in _SHOWS:
        if any(fits(value) for value in [*values, data.get("otherwise")]):
            return type_
    return None


_SHOWS: tuple[tuple[str, Any], ...] = (
    ("flag", lambda value: isinstance(value, bool)),
    ("number", lambda value: isinstance(value, int | float)),
    ("limit", is_limit),
    ("choice", lambda value: isinstance(value, str)),
)


def tree_leaves(tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, below in tree.items():
        if isinstance(below, dict):
            pairs += tree_leaves({k: v for k, v in below.items() if k != "label"})
        else:
            pairs.append((key, below))
    return pairs


def tree_branches(tree: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, below in tree.items():
        if isinstance(below, dict):
            inner = {k: v for k, v in below.items() if k != "label"}
            found[key] = tuple(leaf for leaf, _ in tree_leaves(inner))
            found |= tree_branches(inner)
    return found


def kind_of(data: object) -> Kind | None:
    """What conditions need to know about a fact, from its table as written."""
    if not isinstance(data, dict):
        return None
    type_ = data.get("type") or implied_type(data)
    known = isinstance(type_, str) and type_ in FACT_TYPES
    return Kind(str(type_), bool(data.get("ordered"))) if known else None


class Role(Part):
    """Who may be meant: an office of the organisation, whoever a fact names, or whoever did something."""

    label: Text
    deputies: RolesField = Field((), description="in this order, when absent or excluded")
    fact: FactField | None = Field(None, description="whoever this fact names now")
    did: EventsField = Field((), description="whoever did one of these events on this case")

    @model_validator(mode="before")
    @classmethod
    def _label_alone(cls, data: Any) -> Any:
        return {"label": data} if isinstance(data, str) else data


class Ledger(Part):
    """Where charges are booked and from what they are deducted."""

    label: Text
    party: Literal["person", "unit", "contractor"]
    deducts_from: Text | None = None
    starts: EventField = Field(description="event from which a charge is deductible, or a step of its month")
    month: Literal["start", "cycle"] = Field(
        "start", description="whose pay bears it: the month of that event, or the month that collected it"
    )
    carry: Flag = Field(description="what cannot be deducted goes on to the next month")
    keep: NumberField | None = Field(None, description="what must be left")


class Entry(Part):
    """One fact that a form or step asks for."""

    fact: FactField
    ask: Text | None = Field(None, description="the question as asked")
    when: ConditionField | None = Field(None, description="asked only of these, by what was answered before")
    optional: Flag = Field(False, description="may be left blank")

    @model_validator(mode="before")
    @classmethod
    def _fact_alone(cls, data: Any) -> Any:
        return {"fact": data} if isinstance(data, str) else data


class Form(Part):
    """A form, a register or a questionnaire."""

    label: Text
    opening: Text | None = Field(None, description="what is said before the first question")
    fields: tuple[Entry, ...] = ()
    closing: Text | None = Field(None, description="what is said after the last question")
    signatures: RolesField = Field((), description="roles, in order")
    copies: PartiesField = Field((), description="receivers: roles, or a fact")
    number: tuple[Text, ...] = Field((), description='parts of its number: "year2", "month", "serial:2"')
    resets: PeriodField | None = Field(None, description="the period after which the serial starts anew")
    unique_per: FactsField = Field((), description="facts by which there is only one")
    aliases: tuple[Text, ...] = Field((), description="other names the text gives it")
    lost: Flag = Field(False, description="the text names it and does not have it")


class Contradiction(Part):
    """What the text gets wrong, and what we do."""

    articles: tuple[Text, ...]
    says: Text
    reading: Text
    parameter: ParameterField | None = Field(
        None, description="the parameter by which another reading is chosen"
    )
    inventory: tuple[Text, ...] = Field((), description="ids of the inventory that it carries")
