"""One figure: its value as an exact fraction, or the state that says why it has none."""

from dataclasses import dataclass, replace
from fractions import Fraction

FIGURE, NO_FIGURE, UNSET, UNDEFINED = "figure", "no figure", "unset", "undefined part"


@dataclass(frozen=True)
class Figure:
    """A value, what it is a quotient of, and what is to be known about it."""

    value: Fraction | None
    state: str = FIGURE
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    notes: tuple[str, ...] = ()

    @property
    def known(self) -> Fraction:
        """The value, where it has been seen that there is one."""
        assert self.value is not None
        return self.value

    def but(self, value: Fraction | None, state: str = FIGURE, *notes: str) -> "Figure":
        return replace(self, value=value, state=state, notes=(*self.notes, *notes))
