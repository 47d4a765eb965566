"""Due times that move, as pages show them: the first so many, and how many there are in all."""

from collections.abc import Sequence
from dataclasses import dataclass

from bihuan.desk import clock
from bihuan.desk.actions.moving import Moved
from bihuan.desk.models import Case
from bihuan.desk.office import policy_of

MOST = 100


@dataclass(frozen=True)
class Shift:
    """A due time before and after."""

    case: str
    says: str
    article: str
    before: object
    after: object


@dataclass(frozen=True)
class Shifts:
    """All that move."""

    rows: list[Shift]
    total: int
    cases: int


def shifts(moved: Sequence[Moved]) -> Shifts:
    shown = moved[:MOST]
    numbers = {one.case for one in shown}
    hashes = dict(Case.objects.filter(number__in=numbers).values_list("number", "edition__hash"))
    rows = [shift(one, hashes[one.case]) for one in shown]
    return Shifts(rows, len(moved), len({one.case for one in moved}))


def shift(one: Moved, hash: str) -> Shift:
    before, after = (None if at is None else clock.instant(at) for at in (one.before, one.after))
    return Shift(one.case, policy_of(hash).says(one.rule), one.article, before, after)
