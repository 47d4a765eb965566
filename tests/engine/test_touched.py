"""What a log does not touch is answered as if it had been asked: over every worked example shipped."""

import numpy as np
import pytest

from bihuan.engine.columns import Asked, answered, unsaid
from bihuan.engine.examples import told
from bihuan.engine.facts import Facts
from bihuan.engine.replay import completed, finder, planned
from bihuan.engine.rows import rows
from bihuan.files.calendars import read_calendars
from bihuan.files.policies import policy_ids, read_examples, read_policy

CALENDARS = read_calendars(())


@pytest.mark.parametrize("name", policy_ids())
def test_tests_that_a_log_does_not_touch_say_the_same(name):
    policy, spared = read_policy(name, draft=True), []
    for example in (one for file in read_examples(policy) for one in file.example):
        _, _, log, _, site, parameters = told(policy, example, CALENDARS)
        plan = planned(policy, parameters, site)
        cases, find = rows(completed(plan, policy, log)), finder(plan, policy, CALENDARS)

        def asked(plan=plan, cases=cases, find=find):
            return Asked(plan.layouts[""], Facts(plan.prepared, cases), find)

        layout = plan.layouts[""]
        tests = range(len(layout.tests))
        at_name = [[not layout.asked_at[n].isdisjoint({None, name}) for n in tests] for name in cases.names]
        here = np.array(at_name)[cases.event]
        few, every = answered(asked(), cases, alone=False), answered(asked(), cases, alone=True)
        np.testing.assert_array_equal(np.where(here, few, 0), np.where(here, every, 0))
        touching, _ = unsaid(asked())
        said = *cases.data.columns, *cases.facts.columns
        spared.append(len(tests) - len(touching.by(said, cases.names)))
    assert not spared or max(spared) > 0
