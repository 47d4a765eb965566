"""The worked examples of the shipped regulations, as parameters of a test.

Every twentieth of them; `BIHUAN_EXAMPLES` is how many times more, 20 is all (some minutes).
"""

import os

import pytest

import bihuan

EVERY = max(1, 20 // int(os.environ.get("BIHUAN_EXAMPLES", "1")))


def shipped_examples(first=0):
    """Pairs of a policy and an example of it, from the first one on."""
    every = [
        pytest.param(policy, example, id=f"{policy.id}: {example.name}")
        for policy in map(bihuan.read_policy, bihuan.policy_ids())
        for file in bihuan.read_examples(policy)
        for example in file.example
    ]
    return every[first % EVERY :: EVERY]
