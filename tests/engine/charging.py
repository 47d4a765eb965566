"""Small policies and logs for tests of charges."""

from bihuan.engine.assess import assess
from bihuan.engine.log import as_log
from bihuan.engine.parameters import parameter_values
from tests.engine.small import ZONE, at, log_of, policy_of

ANSWER = {"id": "answer", "after": "accepted", "owes": "answered", "within": "24 hours", "by": "unit"}
FACTS = {
    "worker": {"type": "person", "label": "人"},
    "helpers": {"type": "person", "label": "帮手", "many": True},
    "persons": {"type": "number", "label": "人数"},
    "worth": {"type": "money", "label": "价值"},
    "media": {"type": "flag", "label": "媒体"},
    "grade": {"choices": {"low": "低", "high": "高"}, "label": "等级"},
    "unit": {"type": "unit", "label": "单位"},
}


def charge(**keys):
    return {"id": "fine", "on": "answer.missed", "payer": "unit", **keys}


def charging(*charges, obligations=(ANSWER,), article=None, **tables):
    """A policy with these charges."""
    tables.setdefault("facts", FACTS)
    return policy_of(*obligations, article={"charge": list(charges), **(article or {})}, **tables)


def one_case(*events, case="1"):
    return log_of(*((case, *event) for event in events))


LATE_BY_A_DAY = one_case(
    ("accepted", "2026-03-02 09:00", {"worker": "王五", "unit": "城东"}),
    ("answered", "2026-03-04 08:00", {"actor": "李四"}),
)


def assessed(policy, log=LATE_BY_A_DAY, when="2026-03-10 09:00", site=None, set=None, **more):
    values = parameter_values(policy, set) if set else None
    return assess(policy, {}, log, at(when), site, values, **more)


def rows(found, *names):
    """Charges as tuples, amounts as text."""
    return [
        tuple(str(row[name]) if name == "amount" and row[name] is not None else row[name] for name in names)
        for row in found.charges.to_dicts()
    ]


def decisions(*told):
    """A log of decisions: (charge or month, event, instant, data); none where nobody decided."""
    found = [
        {"case": of, "event": event, "at": at(when), **(data[0] if data else {})}
        for of, event, when, *data in told
    ]
    return as_log(found, zone=ZONE) if found else None
