"""Who must keep away from a case: the person who acts is looked at, not whom somebody could stand in for."""

import polars as pl
import pytest

from bihuan.engine.replay import replay
from bihuan.engine.site import DEPUTIES, PEOPLE, Site
from tests.engine.small import log_of, policy_of

POLICY = policy_of(
    roles={
        "manager": {"label": "部门经理", "deputies": ["marketing"]},
        "marketing": "市场部",
        "unit": "单位",
    },
    article={
        "step": [
            {"event": "called_back", "not_by": ["manager"]},
            {"event": "approved", "by": ["manager"]},
        ]
    },
)
NAMED = [("王芳", "manager"), ("李强", "marketing"), ("张三", "marketing")]
SITE = Site(
    people=pl.DataFrame([{"person": p, "role": r} for p, r in NAMED], schema=PEOPLE),
    deputies=pl.DataFrame([{"person": "王芳", "deputy": "赵云"}], schema=DEPUTIES),
)


def wrong(event, actor):
    log = log_of(("1", event, "2026-03-02 09:00", {"actor": actor}))
    return replay(POLICY, {}, log, registers=SITE).irregularities["kind"].to_list()


@pytest.mark.parametrize("actor", ["王芳", "李强", "赵云"])
def test_deputies_may_do_what_the_holder_may(actor):
    assert wrong("approved", actor) == []


def test_the_holder_keeps_away():
    assert wrong("called_back", "王芳") == ["person"]


@pytest.mark.parametrize("actor", ["李强", "赵云"])
def test_a_deputy_is_no_holder_when_the_holder_must_keep_away(actor):
    assert wrong("called_back", actor) == []
