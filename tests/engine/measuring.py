"""Small policies and logs for tests of indicators."""

from bihuan.engine.indicators import indicators
from bihuan.engine.parameters import parameter_values
from tests.engine.small import at, log_of, policy_of

ANSWER = {"id": "answer", "after": "accepted", "owes": "answered", "within": "24 hours", "by": "unit"}
CALL = {"id": "call", "after": "answered", "owes": "called_back", "within": "48 hours", "by": "unit"}
VERDICTS = {"satisfied": "满意", "dissatisfied": "不满意"}
FACTS = {
    "unit": {"type": "unit", "label": "单位"},
    "verdict": {"choices": VERDICTS, "label": "评价", "points": {"satisfied": 5, "dissatisfied": 1.5}},
    "kind": {"choices": {"repair": "报修", "complaint": "投诉"}, "label": "类别"},
    "score": {"type": "number", "label": "分"},
    "anonymous": {"type": "flag", "label": "匿名", "default": False},
}
SHARE = {
    "count": {"rows": "answer", "where": {"state": "met"}},
    "over": {"count": {"rows": "answer", "where": {"state": ["met", "late", "overdue"]}}},
}


def indicator(**keys):
    return {"id": "x", **keys}


def measuring(*declared, obligations=(ANSWER,), article=None, **tables):
    """A policy with these indicators."""
    tables.setdefault("facts", FACTS)
    return policy_of(*obligations, article={"indicator": list(declared), **(article or {})}, **tables)


def answered(case, accepted, answered_at=None, **data):
    """A case accepted, and perhaps answered, with its facts on the first event."""
    events = [(case, "accepted", accepted, data)]
    return [*events, *([(case, "answered", answered_at)] if answered_at else [])]


MARCH = [
    *answered("a", "2026-03-02 09:00", "2026-03-02 10:00", unit="城东"),  # due 3 March, met
    *answered("b", "2026-03-02 09:00", "2026-03-05 10:00", unit="城东"),  # late
    *answered("c", "2026-03-31 09:00", "2026-03-31 10:00", unit="城西"),  # due 1 April, met
    *answered("d", "2026-04-01 09:00", unit="城西"),  # due 2 April, overdue
]


def measured(policy, events=MARCH, when="2026-05-02 09:00", site=None, set=None, facts=(), **more):
    values = parameter_values(policy, set) if set else None
    return indicators(policy, {}, log_of(*events, facts=facts), at(when), site, values, **more)


def rows(found, *names, **where):
    """Figures as tuples, of all units and groups together unless said otherwise."""
    where = {"unit": None, "group": None, **where}
    return [
        tuple(row[name] for name in names)
        for row in found.figures.to_dicts()
        if all(row[key] == value for key, value in where.items() if value != ...)
    ]
