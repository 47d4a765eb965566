"""A small policy and log for tests of the replay: everything not named has a plain default."""

import datetime as dt
from zoneinfo import ZoneInfo

from bihuan.engine.log import as_log
from bihuan.engine.policy import parse_policy

ZONE = "Asia/Shanghai"


def policy_of(*obligations, facts=None, article=None, **tables):
    """A policy with these obligations under one article; `tables` are further tables of the file."""
    header = {
        "id": "test/small",
        "title": "试",
        "edition": "unknown",
        "status": "in force",
        "source": {"file": "test", "lines": "1"},
        "zone": ZONE,
        **tables.pop("policy", {}),
    }
    rules = {"obligation": list(obligations), **(article or {})}
    return parse_policy(
        {
            "policy": header,
            "facts": facts or {},
            "roles": {"unit": "单位"},
            "article": [{"no": "1", "says": "试", **rules}],
            **tables,
        }
    )


def at(text):
    """Seconds of a local instant, written as in a policy's zone."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp())


def log_of(*events, facts=()):
    """Events as (case, event, instant, data); an instant without a time is that whole day."""
    rows = [
        {
            "case": case,
            "event": event,
            "at": at(when),
            "whole_day": len(when) == 10,
            **(data[0] if data else {}),
        }
        for case, event, when, *data in events
    ]
    return as_log(rows, facts, zone=ZONE)


def rows_of(outcome, *names):
    """Rows of the obligations as tuples; instants as text, the end of a day as 24:00."""
    return [tuple(shown(row[name]) for name in names) for row in outcome.obligations.to_dicts()]


def shown(value):
    if not isinstance(value, dt.datetime):
        return value
    text = value.strftime("%Y-%m-%d %H:%M:%S")
    return f"{text[:10]} 24:00" if text.endswith("23:59:59") else text[:16]
