"""How an amount comes about: a rate, what it is multiplied by, its bounds, what is added for lateness, its factor.

Decimals only; rounding comes last, half up, to a declared unit. An amount that a person has to fix keeps its range.
It knows neither policies nor rows.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ONE, NOTHING = Decimal(1), Decimal(0)
CENT = Decimal("0.01")
SMALLEST = {
    "JPY": ONE,
    "KRW": ONE,
    "VND": ONE,
    "CLP": ONE,
    "ISK": ONE,
    "KWD": Decimal("0.001"),
    "BHD": Decimal("0.001"),
}


@dataclass(frozen=True)
class Range:
    """From the least to the most that may be fixed; equal where nothing is left to fix, `high` None without ceiling."""

    low: Decimal
    high: Decimal | None

    @property
    def fixed(self) -> bool:
        return self.low == self.high

    def holds(self, amount: Decimal) -> bool:
        return self.low <= amount and (self.high is None or amount <= self.high)

    def __str__(self) -> str:
        """As a text has it.

        >>> str(Range(Decimal(30), Decimal(100))), str(Range(Decimal(800), None)), str(Range(ONE, ONE))
        ('30–100', '≥ 800', '1')
        """
        if self.high is None:
            return f"≥ {written(self.low)}"
        return written(self.low) if self.fixed else f"{written(self.low)}–{written(self.high)}"


@dataclass(frozen=True)
class Terms:
    """All that an amount is made of."""

    rate: Range
    times: tuple[Decimal, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    steps: int = 0
    step: Range = Range(NOTHING, NOTHING)
    factor: Decimal = ONE
    unit: Decimal = CENT

    @property
    def fixed(self) -> bool:
        """Whether nothing is left to a person."""
        return self.rate.fixed and (not self.steps or self.step.fixed)

    def amount(self, rate: Decimal, step: Decimal = NOTHING) -> Decimal:
        """What is owed once a rate, and the amount of a step, are fixed.

        >>> Terms(Range(ONE, ONE), steps=3, factor=Decimal(2)).amount(Decimal(30), Decimal(10))
        Decimal('120.00')
        """
        return rounded((self.product(rate) + self.steps * step) * self.factor, self.unit)

    def product(self, rate: Decimal) -> Decimal:
        """The rate times its numbers, within the bounds of the product."""
        for number in self.times:
            rate *= number
        if self.at_least is not None:
            rate = max(rate, self.at_least)
        return rate if self.at_most is None else min(rate, self.at_most)

    def how(self, rate: Decimal | None = None, step: Decimal | None = None) -> str:
        """The arithmetic as people write it; ranges stand where nothing is fixed.

        >>> Terms(Range(Decimal(30), Decimal(100)), steps=2, step=Range(ONE, ONE), factor=Decimal(2)).how()
        '(30–100 + 2 × 1) × 2'
        """
        text = " × ".join([str(self.rate) if rate is None else written(rate), *map(written, self.times)])
        text = self._bounded(text, rate)
        if self.steps:
            text += f" + {self.steps} × {self.step if step is None else written(step)}"
        if self.factor == ONE:
            return text
        return f"({text}) × {written(self.factor)}" if " " in text else f"{text} × {written(self.factor)}"

    def _bounded(self, text: str, rate: Decimal | None) -> str:
        """Bounds are said where they may bite."""
        if rate is None and not self.rate.fixed:
            bounds = [(self.at_least, "≥"), (self.at_most, "≤")]
            said = [f"{sign} {written(bound)}" for bound, sign in bounds if bound is not None]
            return f"[{text}; {', '.join(said)}]" if said else text
        product = self.product(self.rate.low if rate is None else rate)
        bound = self.at_least if product == self.at_least else self.at_most
        plain = Terms(self.rate, self.times).product(self.rate.low if rate is None else rate)
        if plain == product or bound is None:
            return text
        return f"[{text} → {written(bound)}]"


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """Half up to the unit.

    >>> rounded(Decimal("2.005"), CENT), rounded(Decimal("-2.5"), ONE)
    (Decimal('2.01'), Decimal('-3'))
    """
    return ((amount / unit).quantize(ONE, ROUND_HALF_UP) * unit).quantize(unit)


def unit_of(currency: str) -> Decimal:
    """The smallest amount of a currency that is paid."""
    return SMALLEST.get(currency, CENT)


def written(amount: Decimal) -> str:
    """Without zeros that say nothing.

    >>> written(Decimal("20.50")), written(Decimal("1E+2")), written(Decimal("0.00"))
    ('20.5', '100', '0')
    """
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimal(value: object) -> Decimal:
    """A number of a policy or a log exactly as it was written."""
    return value if isinstance(value, Decimal) else Decimal(str(value))
