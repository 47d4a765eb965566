"""Obligations and the rules like them: what is owed or may happen, by when, and how that moves.

One class a kind, one field a key (docs/writing-policies.md, 7 and 9). They say what is written, not what it comes to.
"""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from bihuan.engine.declared import Days
from bihuan.engine.fields import (
    AnchorField,
    CalendarField,
    ConditionField,
    ContentsField,
    FactField,
    FactsField,
    Flag,
    IdField,
    LimitField,
    NumberField,
    Part,
    PatternField,
    PatternsField,
    PeriodField,
    PeriodSourceField,
    RoleField,
    RolesField,
    SubjectField,
    Text,
)
from bihuan.engine.finding import Wrong
from bihuan.engine.pattern import EventPattern, Pattern

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
    def _to_or_add(self) -> Self:
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
    def _keys_go_together(self) -> Self:
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


class Exemption(Part):
    """Who need not be called, and why."""

    article: Text | None = None
    when: ConditionField = Field(description="who is exempt")
    says: Text = Field(description="the reason, in our words")


class Callback(Obligation):
    """An obligation whose event carries a verdict, perhaps owed for a sample only."""

    kind: ClassVar[str] = "callback"
    owes: PatternField = Field(CALLED_BACK, description="ends it")
    exempt: tuple[Exemption, ...] = Field((), description="who is not called and leaves the denominator")
    rate: NumberField = Field(1.0, description="share drawn")
    minimum: NumberField = Field(0, description="fewest drawn in a stratum")
    strata: FactsField = Field((), description="facts that stratify the draw")
    priority: FactField | None = Field(None, description="ordered fact: the greatest are drawn first")
    draw: PeriodField | None = Field(None, description="period of the population; default calendar month")
    cut: PeriodField | None = Field(None, description="how often the draw is made; default once, at its end")
    draw_from: SubjectField | None = Field(None, description="register that is the population")
    merge: Merge | None = None

    @property
    def is_sampled(self) -> bool:
        """Whether the text has only a sample called back."""
        return self.rate != 1 or self.draw_from is not None

    @property
    def span(self) -> str:
        """The kind of calendar period whose cases are one population."""
        return (self.draw.calendar if self.draw else None) or "month"

    @model_validator(mode="after")
    def _can_be_drawn(self) -> Self:
        if isinstance(self.rate, int | float) and not 0 <= self.rate <= 1:
            raise Wrong("share", self.rate, at="rate")
        for key in ("draw", "cut"):
            period = getattr(self, key)
            if period is not None and (period.calendar is None or period.clock is not None):
                raise Wrong("draw-period", str(period), at=key)
        return self


class Report(Obligation):
    """A report that is owed, what it contains and who gets it."""

    kind: ClassVar[str] = "report"
    owes: PatternField = Field(REPORTED, description="ends it")
    contains: ContentsField = Field((), description="indicators and row tables")
    to: RolesField = Field((), description="roles that get it")


def one_of(part: Part, *keys: str) -> None:
    """Exactly one of these keys is given."""
    given = [key for key in keys if getattr(part, key) is not None]
    if len(given) != 1:
        raise Wrong("one-of", ", ".join(given) or None, names=keys)
