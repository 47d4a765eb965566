"""Why a row of a case says what it says: the engine's own explanation, for pages and API alike."""

from bihuan import story
from bihuan.desk import clock
from bihuan.desk.errors import MissingError
from bihuan.desk.judging import as_log_of, given_of, standing
from bihuan.desk.models import Obligation
from bihuan.desk.queries import Whole
from bihuan.engine.explain import explain
from bihuan.engine.line import Explanation


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
    policy, office, number = seen.policy, seen.office, seen.case.number
    log = as_log_of(policy, number, standing(seen.events), given_of(seen.events))
    parameters, as_of = office.parameters(seen.case.edition.hash), clock.seconds(clock.now())
    return explain(policy, office.calendars(), log, number, as_of, office.site, parameters, rules=[rule])
