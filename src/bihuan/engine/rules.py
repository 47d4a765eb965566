"""The rules an article can carry besides obligations: steps, counts, charges, indicators.

One class a kind, one field a key (docs/writing-policies.md, 8, 10 and 11); schema, checks and documentation are
made from these classes.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, Tag, model_validator

from bihuan.engine.declared import Entry
from bihuan.engine.fields import (
    LONG,
    SHORT,
    AmountField,
    ChargesField,
    ColumnField,
    ColumnsField,
    ConditionField,
    EventsField,
    FactField,
    FactsField,
    Flag,
    FormField,
    FormsField,
    IdField,
    IndicatorField,
    LadderField,
    LedgerField,
    LimitField,
    MoneyField,
    NameField,
    NamesField,
    NumberField,
    Part,
    PartyField,
    PatternField,
    PatternsField,
    PayerField,
    PeriodField,
    PeriodSourceField,
    PlainLimitField,
    RoleField,
    RolesField,
    RowsField,
    RulesField,
    ScalarField,
    ShortOrLong,
    SubjectField,
    Text,
    WindowField,
)
from bihuan.engine.timed import (
    Callback,
    Exemption,
    Extension,
    Obligation,
    Pause,
    Report,
    Rule,
    Timed,
    Window,
    one_of,
)

__all__ = [
    "RULES",
    "Rule",
    "Timed",
    "Obligation",
    "Window",
    "Callback",
    "Exemption",
    "Report",
    "Extension",
    "Pause",
    "Step",
    "Prohibition",
    "Adds",
    "Count",
    "Further",
    "Cap",
    "Sanction",
    "Charge",
    "Multiplier",
    "Measure",
    "Over",
    "Bounds",
    "Band",
    "Deduct",
    "Indicator",
    "Archive",
]

PartOf = Literal["begun", "full"]
Asks = Annotated[Annotated[FormField, Tag(SHORT)] | Annotated[tuple[Entry, ...], Tag(LONG)], ShortOrLong]


class Step(Rule):
    """When an event is in order."""

    kind: ClassVar[str] = "step"
    event: EventsField = Field(description="which event")
    when: ConditionField | None = Field(None, description="on which cases")
    from_: NamesField = Field((), alias="from", description="states in which it may happen")
    to: NameField | None = Field(None, description="state it leads to")
    track: NameField | None = Field(None, description="track of that state; default the case")
    by: RolesField = Field((), description="roles one of which the actor holds")
    not_by: RolesField = Field((), description="roles that the actor must not have")
    distinct: RolesField = Field((), description="roles that must be different persons")
    needs: PatternsField = Field((), description="all of which must have happened")
    requires: ConditionField | None = Field(None, description="condition on facts")
    inside: WindowField | None = Field(None, description="window that must be open")
    settled: RulesField = Field((), description="rules that must have no open instance")
    asks: Asks = Field((), description="form, or facts the event must carry")
    refused: Flag = Field(False, description="a violating event has no effect")

    @property
    def name(self) -> str:
        return " ".join(self.event)


class Prohibition(Rule):
    """What turns an event into an irregularity."""

    kind: ClassVar[str] = "prohibition"
    id: IdField
    on: PatternField
    when: ConditionField | None = None
    inside: WindowField | None = None


class Adds(Part):
    """Adding up used time instead of counting."""

    used: PlainLimitField
    part: PartOf = "begun"


class Count(Rule):
    """How often; reaching the number is an event."""

    kind: ClassVar[str] = "count"
    id: IdField
    of: PatternField
    in_: PeriodSourceField | None = Field(None, alias="in", description="period, or an amount that slides")
    per: FactField | None = None
    across: SubjectField | None = None
    at_least: NumberField | None = None
    above: NumberField | None = None
    adds: Adds | None = None
    reset_by: PatternField | None = None
    once_per: PeriodField | None = None

    @model_validator(mode="after")
    def _one_threshold(self) -> Self:
        one_of(self, "at_least", "above")
        return self


class Further(Part):
    """What is added for each period past the due time."""

    every: PlainLimitField
    amount: AmountField
    part: PartOf = "begun"


class Cap(Part):
    """The most that one payer bears in a period."""

    amount: MoneyField
    per: PeriodField


class Sanction(Part):
    """A rung of a ladder of sanctions."""

    ladder: LadderField
    from_: Text | None = Field(None, alias="from")
    to: Text | None = None


Sanctioned = Annotated[Annotated[Text, Tag(SHORT)] | Annotated[Sanction, Tag(LONG)], ShortOrLong]


class Charge(Rule):
    """What follows in money, points or sanctions."""

    kind: ClassVar[str] = "charge"
    id: IdField
    on: PatternField
    when: ConditionField | None = None
    payer: PayerField | None = None
    payee: PartyField | None = None
    amount: AmountField | None = None
    times: FactsField = ()
    at_least: MoneyField | None = None
    at_most: MoneyField | None = None
    further: Further | None = None
    cap: Cap | None = None
    absorbs: ChargesField = ()
    sanction: Sanctioned | None = None
    unit: Text | None = None
    decided_by: RoleField | None = None
    approved_by: RoleField | None = None
    ledger: LedgerField | None = None


class Multiplier(Rule):
    """A factor on charges."""

    kind: ClassVar[str] = "multiplier"
    id: IdField
    charges: ChargesField = Field(description='"all" or ids')
    when: ConditionField
    factor: NumberField


class Measure(Part):
    """What an indicator counts or adds up."""

    rows: RowsField
    of: ColumnField | None = None
    where: ConditionField | None = None


class Over(Part):
    """A denominator, in the words of the numerator."""

    count: Measure | None = None
    sum: Measure | None = None
    mean: Measure | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        one_of(self, "count", "sum", "mean")
        return self


class Bounds(Part):
    """A target for an indicator."""

    at_least: NumberField | None = None
    above: NumberField | None = None
    at_most: NumberField | None = None
    below: NumberField | None = None


class Band(Bounds):
    """A stretch of values with its name."""

    is_: ScalarField = Field(alias="is")


class Deduct(Part):
    """What another indicator takes off."""

    of: IndicatorField
    each: NumberField
    below: NumberField | None = None
    above: NumberField | None = None
    step: NumberField | None = None
    part: Literal["full", "begun", "exact"] = "full"
    at_most: NumberField | None = None


class Indicator(Rule):
    """A number with its formula, period and target."""

    kind: ClassVar[str] = "indicator"
    id: IdField
    label: Text | None = None
    count: Measure | None = None
    sum: Measure | None = None
    mean: Measure | None = None
    weights: dict[IndicatorField, NumberField] | None = None
    weights_sum: NumberField | None = None
    base: NumberField | None = None
    over: Over | None = None
    group: ColumnsField = ()
    period: PeriodField | None = None
    period_of: Literal["due_at", "done_at", "started_at"] = "due_at"
    target: Bounds | None = None
    zero: NumberField | None = None
    deduct: tuple[Deduct, ...] = ()
    at_least: NumberField | None = None
    at_most: NumberField | None = None
    bands: tuple[Band, ...] = ()
    formula_given: Flag = True

    @model_validator(mode="after")
    def _one(self) -> Self:
        one_of(self, "count", "sum", "mean", "weights", "base")
        return self


class Archive(Rule):
    """What is kept, how long, and who reads it."""

    kind: ClassVar[str] = "archive"
    id: IdField
    holds: FormsField
    after: PatternField | None = None
    keep: LimitField | None = None
    readers: RolesField = ()
    apart: FormsField = ()


RULES: tuple[type[Rule], ...] = (
    Obligation,
    Window,
    Callback,
    Step,
    Prohibition,
    Count,
    Charge,
    Multiplier,
    Indicator,
    Report,
    Archive,
)
