"""Facts as people read them: with their labels and those of their choices. Knows no case and hides nothing."""

from collections.abc import Iterator
from typing import Any

from django.utils.dateparse import parse_datetime

from bihuan import spoken
from bihuan.desk.pages import fields
from bihuan.engine.policy import Policy
from bihuan.i18n import _


def labelled(policy: Policy, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        fact = policy.facts.get(name)
        if fact is None or value is None:
            continue
        values = value if isinstance(value, list) else [value]
        said = "、".join(fact.leaves.get(str(one), word(fact.type, one)) for one in values)
        yield fields.labelled(name, fact), said


def word(type: str, value: Any) -> str:
    """A value as people read it; flags and instants out of a log are text."""
    if isinstance(value, bool) or (type == "flag" and value in ("true", "false")):
        return _("yes") if value in (True, "true") else _("no")
    if type == "instant" and (at := parse_datetime(str(value))):
        return spoken.weekly(at)
    return str(value)
