"""Rules across a subject against the slow judge: what each case knows stays its own, whatever the station has seen."""

from hypothesis import given

from tests.engine.both import engine, engine_findings, engine_rows, readable
from tests.engine.subjects import oracle_of_stations, stationed
from tests.engine.test_fold_oracle import profile


@profile(12)
@given(stationed())
def test_rules_across_a_station(matter):
    rows, findings = oracle_of_stations(matter)
    outcome = engine(matter)
    assert readable(engine_rows(outcome)) == readable(rows)
    assert engine_findings(matter, outcome) == findings
