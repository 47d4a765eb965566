"""Does any file, however wrong, end in a policy or in findings that can be read in both languages?"""

import copy
import datetime as dt
import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.engine.check import check
from bihuan.engine.errors import PolicyError
from bihuan.engine.policy import parse_policy
from bihuan.files.policies import policy_files

FILES = [tomllib.loads(path.read_text("utf-8")) for path in policy_files()]
JUNK = st.one_of(
    st.sampled_from(
        [
            None,
            True,
            0,
            -1,
            1.5,
            "",
            "x",
            "resolved",
            "3 days",
            "all",
            [],
            ["x"],
            [[]],
            {},
            {"x": 1},
            {"all": []},
        ]
    ),
    st.sampled_from(
        [{"event": 5}, {"by": "x"}, {"from": "x"}, {"event": []}, dt.date(2020, 1, 1), dt.time(9), "{found}"]
    ),
    st.text(max_size=5),
)


def spots(value, path=()):
    """Every place of a file."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    yield path
    for key, each in inner:
        yield from spots(each, (*path, key))


SPOTS = [[path for path in spots(file) if path] for file in FILES]


def put(data, path, junk):
    for key in path[:-1]:
        data = data[key]
    if junk is None and isinstance(data, dict):
        del data[path[-1]]
    elif junk is not None:
        data[path[-1]] = junk


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_file_with_one_wrong_place_is_read_or_explained(data):
    number = data.draw(st.integers(0, len(FILES) - 1))
    broken = copy.deepcopy(FILES[number])
    put(broken, data.draw(st.sampled_from(SPOTS[number])), data.draw(JUNK))
    try:
        findings = check(parse_policy(broken, "file.toml"))
    except PolicyError as error:
        findings = list(error.findings)
        assert findings
    for each in findings:
        assert "file.toml" in each.text("en")
        assert each.text("zh")


@pytest.mark.parametrize(
    "data", [{}, {"policy": 5}, {"article": [5]}, {"facts": {"x": {"rows": 5}}}, {"x": {}}]
)
def test_a_file_of_nothing_known_is_explained(data):
    with pytest.raises(PolicyError) as error:
        parse_policy(data)
    assert all(each.text("en") and each.text("zh") for each in error.value.findings)
