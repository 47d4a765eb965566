"""Who holds a role, asked of few rows one by one and of many as arrays: the same answers."""

import datetime as dt

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine import roles
from bihuan.engine.calendar import natural
from bihuan.engine.facts import Facts
from bihuan.engine.localtime import local_time
from bihuan.engine.log import as_log
from bihuan.engine.parameters import parameter_values
from bihuan.engine.prepared import Prepared
from bihuan.engine.rows import rows
from bihuan.engine.site import DEPUTIES, PEOPLE, Site
from tests.engine.small import at, policy_of

LOCAL = local_time(natural("Asia/Shanghai").tables, 0)
PERSONS, OFFICES = ("甲", "乙", "丙", "丁"), ("clerk", "chief")
DAYS = st.none() | st.dates(dt.date(2024, 3, 1), dt.date(2024, 3, 9))
HELD = st.tuples(st.sampled_from(PERSONS[:3]), st.sampled_from(OFFICES), st.none(), DAYS, DAYS)
STANDING = st.tuples(st.sampled_from(PERSONS[:3]), st.sampled_from(PERSONS), DAYS, DAYS)
ACTED = st.tuples(st.integers(1, 9), st.sampled_from((*PERSONS, None)))


@settings(max_examples=60)
@given(st.lists(HELD, min_size=1), st.lists(STANDING), st.lists(ACTED, min_size=1, max_size=9, unique=True))
def test_few_rows_are_answered_like_many(held, standing, acted):
    site = Site(
        people=pl.DataFrame(held, PEOPLE, orient="row"),
        deputies=pl.DataFrame(standing, DEPUTIES, orient="row"),
    )
    policy = policy_of(roles={"clerk": {"label": "a", "deputies": ["chief"]}, "chief": "b"})
    prepared = Prepared(policy, parameter_values(policy), LOCAL, site)
    events = [
        {"case": "1", "event": "accepted", "at": at(f"2024-03-0{day} 09:00"), "actor": who}
        for day, who in acted
    ]

    def answers(copies):
        log = as_log([row | {"case": str(n)} for n in range(copies) for row in events], zone="Asia/Shanghai")
        facts = Facts(prepared, rows(log))
        found = [facts.role(one, deputies=deputies) for one in OFFICES for deputies in (True, False)]
        return np.array(found)[:, -len(events) :].tolist()

    assert len(events) <= roles.FEW < len(events) * (roles.FEW + 1)
    assert answers(1) == answers(roles.FEW + 1)
