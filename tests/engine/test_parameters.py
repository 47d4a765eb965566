"""What a parameter of a shipped regulation is set to has to be a value of its kind; an example says which."""

import re

import pytest

import bihuan
from bihuan.engine.parameters import SEED, parameter_values
from bihuan.engine.replay import planned

FREE = {SEED, "company_name"}  # any text
KINDS = r"limit such as|period such as|number such as|true or false|choices =|a limit such"


@pytest.mark.parametrize("id", bihuan.policy_ids())
@pytest.mark.parametrize("nonsense", ["banana", "banana split"])
def test_a_text_that_is_no_value_is_refused_with_an_example(id, nonsense):
    policy = bihuan.read_policy(id)
    names = parameter_values(policy).values.keys() - FREE
    for name in names:
        with pytest.raises((bihuan.CallError, bihuan.PolicyError)) as refused:
            planned(policy, parameter_values(policy, {name: nonsense}), None)
        assert re.search(KINDS, str(refused.value)), f"{name}: {refused.value}"
    assert names


@pytest.mark.parametrize(
    ("id", "name", "text", "value"),
    [
        ("telecom/telecom-install-service", "target_fixed", "0.95", 0.95),
        ("telecom/broadband-agent-assessment", "inspection_cap", "600", 600),
        ("power/quality-service-scorecard", "service.weights_sum", "100", 100),
        ("service/property-callback", "complaint-callback.cut", "calendar week", "calendar week"),
        ("service/property-callback", "phone_first_allowed", "false", False),
        ("power/relay-engineering-callback", "merge_within", "30天", "30天"),
        ("service/home-decoration-callback", "company_name", "banana split", "banana split"),
    ],
)
def test_a_value_of_its_kind_is_taken(id, name, text, value):
    policy = bihuan.read_policy(id)
    parameters = parameter_values(policy, {name: text})
    planned(policy, parameters, None)
    found = parameters[name].on()
    assert (str(found) if isinstance(value, str) else found) == value
