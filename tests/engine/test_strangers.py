"""Is it told how often nobody knows who acted, where a step asks for it?"""

import polars as pl

from bihuan.engine.replay import replay
from bihuan.engine.site import PEOPLE, Site
from tests.engine.small import at, log_of, policy_of

STEP = {"event": "called_back", "when": {"major": True}, "by": ["hotline"], "not_by": ["handler"]}
ROLES = {"hotline": "客服", "handler": {"label": "承办人", "did": ["resolved"]}}
SITE = Site(people=pl.DataFrame([{"person": "王芳", "role": "hotline"}], schema=PEOPLE))
HELD = {"王芳": {}, "路人": {"called_back": 1}, None: {"called_back": 1}}


def strangers(*events, site=SITE):
    policy = policy_of(facts={"major": {"type": "flag"}}, article={"step": [STEP]}, roles=ROLES)
    return replay(policy, {}, log_of(*events), at("2026-03-05 09:00"), site).summary["strangers"]


def called(case, actor, major=True):
    return (case, "called_back", "2026-03-02 10:00", {"actor": actor, "major": major})


def resolved(case, actor):
    return (case, "resolved", "2026-03-02 09:00", {"actor": actor, "major": None})


def test_somebody_whom_the_site_does_not_know_is_a_stranger_and_so_is_nobody():
    for actor, expected in HELD.items():
        assert strangers(called("A", actor)) == expected, actor


def test_where_the_step_does_not_apply_nobody_is_asked_for():
    assert strangers(called("A", "路人", major=False)) == {}


def test_one_event_counts_once_and_cases_add_up():
    events = [called(case, actor) for case, actor in (("A", "路人"), ("B", None), ("C", "王芳"))]
    assert strangers(*events, resolved("A", "王芳")) == {"called_back": 2}


def test_without_a_site_everybody_is_a_stranger():
    assert strangers(called("A", "王芳"), called("B", "路人"), site=None) == {"called_back": 2}
