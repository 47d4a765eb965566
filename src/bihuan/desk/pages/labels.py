"""Facts as people read them: with their labels and those of their choices. Knows no case and hides nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.dateparse import parse_datetime

from bihuan import spoken
from bihuan.desk.pages import fields
from bihuan.engine.declared import Fact
from bihuan.engine.policy import Policy
from bihuan.i18n import _


def labelled(
    policy: Policy, facts: dict[str, Any], names: Mapping[str, str] | None = None
) -> Iterator[tuple[str, str]]:
    """Facts by their labels; people of the desk by their `names`, with their codes."""
    for name, value in facts.items():
        fact = policy.facts.get(name)
        if fact is None or value is None:
            continue
        values = value if isinstance(value, list) else [value]
        known = names if names and is_of_desk(fact) else {}
        said = "、".join(
            f"{known[one]} ({one})" if one in known else fact.leaves.get(str(one), word(fact.type, one))
            for one in values
        )
        yield fields.labelled(name, fact), said


def is_of_desk(fact: Fact) -> bool:
    """Whether a fact names people by their codes. Customers have none."""
    return fact.type == "person" and not fact.personal


def word(type: str, value: Any) -> str:
    """A value as people read it; flags and instants out of a log are text."""
    if isinstance(value, bool) or (type == "flag" and value in ("true", "false")):
        return _("yes") if value in (True, "true") else _("no")
    if type == "instant" and (at := parse_datetime(str(value))):
        return spoken.weekly(at)
    return str(value)
