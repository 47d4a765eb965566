"""Why a row of a case says what it says: the engine's own explanation, for pages and API alike."""

from bihuan import story
from bihuan.desk import clock
from bihuan.desk.errors import MissingError
from bihuan.desk.judging import evened, given_of, in_order, told_all
from bihuan.desk.models import Obligation
from bihuan.desk.queries import Whole
from bihuan.engine.explain import explain
from bihuan.engine.line import Explanation
from bihuan.engine.log import as_log


def why(seen: Whole, place: int) -> tuple[Obligation, list[tuple[Explanation, list[str]]]]:
    """The row at this place of what a case owes, and its explanations with their lines in words."""
    row = next((one for one in seen.obligations if one.place == place), None)
    if row is None:
        raise MissingError(f"case {seen.case.number} owes nothing under this number", case=seen.case.number)
    found = [
        one for one in explained(seen, row.rule) if (one.row["round"], one.row["key"]) == (row.round, row.key)
    ]
    labels = seen.policy.event_labels
    return row, [(one, [story.told(line, labels).strip() for line in one.lines]) for one in found]


def explained(seen: Whole, rule: str) -> list[Explanation]:
    office, hash = seen.office, seen.case.edition.hash
    happened = in_order(told_all(seen.events))
    given = given_of(seen.events)
    number = seen.case.number
    log = as_log(
        evened([{**row, "case": number} for row in happened]),
        [{"case": number, **given}] if given else (),
        zone=seen.policy.header.zone,
    )
    as_of = clock.seconds(clock.now())
    return explain(
        seen.policy,
        office.calendars(),
        log,
        number,
        as_of,
        office.site,
        office.parameters(hash),
        rules=[rule],
    )
