"""A customer wants no calls, or may be called again: a note in the record with their words, which no regulation judges.

What is owed stays owed: whether a callback is void, only the regulation says (docs/decisions.md).
"""

from bihuan.desk.actions.acting import find, held
from bihuan.desk.actions.cases import add_note
from bihuan.desk.actions.chain import By
from bihuan.desk.database import writing
from bihuan.desk.declined import ALLOWED, DECLINED, hold, said_of, wishes
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Case, Event, Person


def decline_calls(number: str, *, by: By, reason: str, version: int | None = None) -> Event:
    """Note that the customer of a case wants no calls."""
    with writing():
        case = held(number, version)
        if wishes(whoever(by), [case]):
            raise RefusedError("it is in the record already that this customer wants no calls", case=number)
        return noted(case, DECLINED, by, reason)


def allow_calls(number: str, *, by: By, reason: str, version: int | None = None) -> Event:
    """Note that they may be called again: in this case, and in each in which they had said otherwise."""
    with writing():
        case = find(number)
        said = [one.case_id for one in said_of(whoever(by), [case]).get(case.pk, [])]
        if not said:
            raise RefusedError("nothing in the record says that this customer wants no calls", case=number)
        every = Case.objects.filter(pk__in={*said, case.pk}).order_by("pk")  # in the order of everybody else
        locked = [
            held(one, version if one == number else None) for one in every.values_list("number", flat=True)
        ]
        made = {one.number: noted(one, ALLOWED, by, reason) for one in locked}
    return made[number]


def whoever(by: By) -> Person:
    """Who says it: what they may know of the customer's other cases is part of the answer."""
    return by if isinstance(by, Person) else Person.objects.get(code=by)


def noted(case: Case, event: str, by: By, reason: str) -> Event:
    if not reason.strip():
        raise RefusedError("this needs the customer's words", case=case.number)
    made = add_note(case, event, by, {"reason": reason}, several=True)
    hold(case, [made])
    return made
