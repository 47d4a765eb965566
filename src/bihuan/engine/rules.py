"""The rules an article can carry, one class a kind and one field a key (LANGUAGE 2.5-2.9).

Schema, checks and documentation are made from these classes. They say what is written, not what it comes to.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Tag, model_validator

from bihuan.engine.declared import Days, Entry
from bihuan.engine.fields import (
    LONG,
    SHORT,
    AmountField,
    AnchorField,
    CalendarField,
    ChargesField,
    ColumnField,
    ColumnsField,
    ConditionField,
    ContentsField,
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
from bihuan.engine.finding import Wrong
from bihuan.engine.pattern import EventPattern, Pattern

PartOf = Literal["begun", "full"]
CALLED_BACK = Pattern(any=(EventPattern(("called_back",)),))
REPORTED = Pattern(any=(EventPattern(("reported",)),))


class Rule(Part):
    """What every rule may say about itself."""

    kind: ClassVar[str] = ""
    says: Text | None = Field(None, description="what it says, in our words")
    inventory: tuple[Text, ...] = Field((), description="ids of the inventory that it carries")

    @property
    def name(self) -> str:
        """The id, or for a step its events."""
        return str(getattr(self, "id", ""))


class Pause(Part):
    """Time that does not count, or in which the due time cannot fall."""

    from_: PatternField = Field(alias="from")
    to: PatternField
    both_days: Flag = False
    holds: Flag = False


class Extension(Part):
    """How a due time is moved by an event."""

    by: PatternField
    to: LimitField | None = Field(None, description="new limit from the start, or an instant")
    add: LimitField | None = Field(None, description="what is added")
    at_most: LimitField | None = Field(None, description="most that may be added in all")
    needs: PatternsField = ()
    when: ConditionField | None = None
    in_time: Flag = Field(True, description="must have happened by the due time then in force")

    @model_validator(mode="after")
    def _to_or_add(self) -> Extension:
        one_of(self, "to", "add")
        if self.at_most is not None and self.add is None:
            raise Wrong("needs-key", "at_most", key="add")
        return self


class Timed(Rule):
    """What obligations and windows have in common."""

    id: IdField
    after: PatternField | None = Field(None, description="starts the clock")
    when: ConditionField | None = Field(None, description="applies to this case")
    within: LimitField | None = Field(None, description="the due time")
    target: LimitField | None = Field(None, description="earlier goal; warns")
    not_before: LimitField | None = Field(None, description="earlier events do not count")
    ahead_of: AnchorField | None = Field(None, description="due before this instant fact or event")
    lead: LimitField | None = Field(None, description="how long before it")
    every: PeriodSourceField | None = Field(None, description="recurring: one instance a period")
    from_: LimitField | None = Field(
        None, alias="from", description="the series begins so long after the start"
    )
    until: LimitField | None = Field(None, description="the series ends so long after the start")
    at_least: NumberField = Field(1, description="how many owed events are needed")
    once: Flag = Field(False, description="only the first trigger of the case")
    per: FactField | None = Field(None, description="one instance per value of this fact")
    across: SubjectField | None = Field(None, description="folded over this subject's events in all cases")
    by: RoleField | None = Field(None, description="role that owes")
    void_by: PatternField | None = Field(None, description="no longer owed")
    restarted_by: PatternField | None = Field(None, description="the clock starts anew")
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()
    calendar: CalendarField | None = Field(None, description="calendar, or fact that names it")
    days: Days | None = Field(None, description="day conventions of this rule")
    strict: Flag = Field(False, description="the due instant itself is too late")

    @property
    def ends(self) -> Pattern | None:
        """What ends it: `owes` of an obligation, `may` of a window."""
        return getattr(self, "owes", None) or getattr(self, "may", None)

    @model_validator(mode="after")
    def _keys_go_together(self) -> Timed:
        if self.lead is not None and self.ahead_of is None:
            raise Wrong("needs-key", "lead", key="ahead_of")
        if (self.from_ is not None or self.until is not None) and self.every is None:
            raise Wrong("needs-key", "from" if self.from_ is not None else "until", key="every")
        return self


class Obligation(Timed):
    """An event that is owed."""

    kind: ClassVar[str] = "obligation"
    owes: PatternField = Field(description="ends it")


class Window(Timed):
    """A time in which something may happen; nobody is late."""

    kind: ClassVar[str] = "window"
    may: PatternField | None = Field(None, description="uses it")


class Merge(Part):
    """One call serves all that fall together."""

    by: FactField
    within: LimitField


class Callback(Obligation):
    """An obligation whose event carries a verdict, perhaps owed for a sample only."""

    kind: ClassVar[str] = "callback"
    owes: PatternField = Field(CALLED_BACK, description="ends it")
    rate: NumberField = Field(1.0, description="share drawn")
    strata: FactsField = Field((), description="facts that stratify the draw")
    draw: PeriodField | None = Field(None, description="period of the population; default calendar month")
    draw_from: SubjectField | None = Field(None, description="register that is the population")
    merge: Merge | None = None


class Report(Obligation):
    """A report that is owed, what it contains and who gets it."""

    kind: ClassVar[str] = "report"
    owes: PatternField = Field(REPORTED, description="ends it")
    contains: ContentsField = Field((), description="indicators and row tables")
    to: RolesField = Field((), description="roles that get it")


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
    def _one_threshold(self) -> Count:
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
    def _one(self) -> Over:
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
    step: NumberField | None = None


class Indicator(Rule):
    """A number with its formula, period and target."""

    kind: ClassVar[str] = "indicator"
    id: IdField
    count: Measure | None = None
    sum: Measure | None = None
    mean: Measure | None = None
    weights: dict[IndicatorField, NumberField] | None = None
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
    def _one(self) -> Indicator:
        one_of(self, "count", "sum", "mean", "weights")
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


def one_of(part: Part, *keys: str) -> None:
    """Exactly one of these keys is given."""
    given = [key for key in keys if getattr(part, key) is not None]
    if len(given) != 1:
        raise Wrong("one-of", ", ".join(given) or None, names=keys)
