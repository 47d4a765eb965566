"""Is a policy well-formed, consistent and complete? Asked without any case.

Gathers the findings of `checks/`; a file that cannot be read at all never gets here. Knows no other policy but by
its id.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from bihuan.engine.checks.charging import check_charges
from bihuan.engine.checks.complete import check_complete
from bihuan.engine.checks.draws import check_draws
from bihuan.engine.checks.examples import check_examples
from bihuan.engine.checks.flow import check_flow
from bihuan.engine.checks.limits import check_limits
from bihuan.engine.checks.measures import check_measures
from bihuan.engine.checks.names import check_names
from bihuan.engine.checks.patterns import check_patterns
from bihuan.engine.checks.questions import check_questions
from bihuan.engine.checks.rounds import check_rounds
from bihuan.engine.checks.tables import check_tables
from bihuan.engine.example import Example
from bihuan.engine.finding import LEVELS, Finding
from bihuan.engine.parameters import parameter_values
from bihuan.engine.policy import Policy


def check(
    policy: Policy,
    examples: Sequence[Example] | None = None,
    known: Collection[str] | None = None,
    calendars: Collection[str] = (),
) -> list[Finding]:
    """Every finding, errors first. Without `examples` or `known` ids nothing is asked about them.

    `calendars` are the names of those that the installation declares.
    """
    parameters = parameter_values(policy)
    found = [
        *check_names(policy, parameters, calendars),
        *check_limits(policy, parameters),
        *check_tables(policy, parameters),
        *check_flow(policy),
        *check_patterns(policy),
        *check_draws(policy, parameters),
        *check_charges(policy),
        *check_measures(policy, parameters),
        *check_questions(policy, parameters),
        *check_rounds(policy),
        *check_complete(policy, parameters, known),
        *(check_examples(policy, parameters, examples) if examples is not None else ()),
    ]
    placed = [replace(each, file=each.file or policy.path) for each in found]
    return sorted(placed, key=lambda each: LEVELS.index(each.level))
