"""Typed Parquet says what the same log says as text: codes stay codes, and nobody can tell from what is read."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine.rows import rows
from bihuan.files.logs import read_log
from bihuan.files.mapping import parse_mapping

ZONE = "Asia/Shanghai"
EVENTS = ["accepted", "unused", "dispatched", "受理", "strange", "closed"]
UNITS = ["north", "south"]

lines = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.sampled_from(["accepted", "dispatched", "受理", "strange", "closed"]),
        st.integers(1_767_225_600, 1_767_225_604),
        st.sampled_from([*UNITS, None]),
    ),
    min_size=1,
    max_size=12,
)


def both(folder, told, kind):
    """The log as typed Parquet and as CSV."""
    table = pl.DataFrame(told, schema=["case", "event", "at", "unit"], orient="row")
    at = pl.from_epoch("at", "s").dt.replace_time_zone("UTC")
    names = pl.Enum(EVENTS) if kind == "enum" else pl.Categorical
    units = pl.Enum(UNITS) if kind == "enum" else pl.Categorical
    typed = table.with_columns(at, pl.col("event").cast(names), pl.col("unit").cast(units))
    typed.write_parquet(folder / "log.parquet", row_group_size=5)
    table.with_columns(at.dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(folder / "log.csv")
    return folder / "log.parquet", folder / "log.csv"


def said(path, **how):
    """All that is read, as text; lines of a CSV count its header."""
    log = read_log(path, zone=ZONE, **how)
    shift = pl.col("line") - (path.suffix == ".csv")
    text = pl.col(pl.Enum, pl.Categorical).cast(pl.String)
    events = log.events.with_columns(text, shift, pl.col("case").cast(pl.String)).drop("file")
    found = rows(log)
    arrays = [[found.names[code] for code in found.event], found.at.tolist(), found.offsets.tolist()]
    return (
        events.rows(named=True),
        log.excluded.with_columns(shift).drop("file").rows(),
        (log.read, log.duplicates, dict(log.notes)),
        [*arrays, sorted(found.names), found.whole_day.tolist(), found.cases.to_list()],
    )


@pytest.mark.parametrize("kind", ["enum", "categorical"])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"known_events": ["accepted", "dispatched", "closed", "受理"]},
        {
            "known_events": {"accepted": "受理", "dispatched": "派单", "closed": "办结"},
            "starts": ["accepted"],
        },
        {"mapping": parse_mapping({"events": {"closed": "strange", "archived": "strange"}, "unit": "unit"})},
        {"mapping": parse_mapping({"ignored_events": ["strange"], "ignored": ["unit"]})},
    ],
    ids=["as it is", "known", "labels", "renamed", "ignored"],
)
@settings(max_examples=25)
@given(told=lines)
def test_typed_parquet_says_what_text_says(tmp_path_factory, how, kind, told):
    typed, text = both(tmp_path_factory.mktemp("log"), told, kind)
    assert said(typed, **how) == said(text, **how)


def test_names_that_came_as_codes_stay_codes(tmp_path):
    typed, _ = both(tmp_path, [(1, "accepted", 0, "north"), (1, "closed", 5, None)], "enum")
    events = read_log(typed, zone=ZONE).events
    assert events.schema["event"] == pl.Enum(EVENTS)
    assert events.schema["unit"] == pl.Enum(UNITS)
    assert events.schema["case"] == pl.Int64
