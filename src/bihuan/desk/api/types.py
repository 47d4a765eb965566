"""What may be sent: texts, instants and facts within bounds that the record and both databases can hold.

Whatever lies outside is refused before an action sees it. What a fact must be like is the engine's to say.
"""

import datetime as dt
from typing import Annotated

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StrictBool

CLEAN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"  # no control characters but tab and line breaks
ID = 2**63 - 1
WHOLE = 2**53 - 1  # whole numbers that JSON carries everywhere
YEARS = (1970, 2199)


class Told(BaseModel):
    """What an answer is made of, given as plain values: Ninja's own schema looks every one of them up by name again."""


class Sent(Schema):
    """What a client sends: a key that nobody knows is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


def within(at: dt.datetime | dt.date) -> dt.datetime | dt.date:
    if not YEARS[0] <= at.year <= YEARS[1]:
        raise ValueError("outside the years")  # told by `problems`
    return at


Word = Annotated[str, Field(min_length=1, max_length=200, pattern=CLEAN)]
Text = Annotated[str, Field(min_length=1, max_length=4000, pattern=CLEAN)]
File = Annotated[str, Field(min_length=1, max_length=1_000_000, pattern=CLEAN)]
Number = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.\-]+$")]
Existing = Annotated[
    str, Field(min_length=1, max_length=64, pattern=CLEAN)
]  # a number or code, from wherever it came
Id = Annotated[int, Field(ge=0, le=ID)]
Seq = Annotated[int, Field(ge=0, le=2**31 - 1)]
Instant = Annotated[AwareDatetime, AfterValidator(within), Field(description="ISO 8601 with a zone")]
Day = Annotated[dt.date, AfterValidator(within)]
Scalar = (
    StrictBool
    | Annotated[int, Field(ge=-WHOLE, le=WHOLE)]
    | Annotated[float, Field(ge=-WHOLE, le=WHOLE, allow_inf_nan=False)]
    | Annotated[str, Field(max_length=4000, pattern=CLEAN)]
)
Value = Scalar | Annotated[list[Scalar], Field(max_length=200)] | None
Facts = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=100, pattern=CLEAN)], Value], Field(max_length=200)
]
After = Annotated[str | None, Field(max_length=500, pattern=r"^[\w\-:.]*$", description="cursor of a page")]
Size = Annotated[int, Field(ge=1, le=200, description="rows of a page")]
