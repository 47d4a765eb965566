"""Cases are judged whole under the edition of their day."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from bihuan.engine.editions import replay_editions
from bihuan.engine.errors import CallError
from bihuan.engine.log import as_log
from bihuan.engine.policy import parse_policy
from bihuan.engine.replay import replay


def edition(day, within, until=None, **header):
    about = {
        "id": "test/answers",
        "title": "答复",
        "edition": day,
        "status": "in force",
        "source": {"file": "test", "lines": "1"},
        "zone": "Asia/Shanghai",
        "starts": ["accepted"],
        "edition_by": "accepted",
        **({"until": until} if until else {}),
        **header,
    }
    rule = {"id": "answer", "after": "accepted", "owes": "answered", "within": within, "by": "unit"}
    article = {"no": "1", "says": "按期答复", "obligation": [rule]}
    return parse_policy({"policy": about, "roles": {"unit": "单位"}, "article": [article]})


OLD = edition(dt.date(2020, 1, 1), "10 days", until=dt.date(2024, 12, 31))
NEW = edition(dt.date(2025, 1, 1), "5 days")


def at(text):
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def log_of(*events):
    return as_log(
        [{"case": case, "event": event, "at": at(when)} for case, event, when in events], zone="Asia/Shanghai"
    )


LOG = log_of(
    ("before", "accepted", "2019-06-01 09:00"),
    ("old", "accepted", "2024-12-31 23:30"),
    ("old", "answered", "2025-01-09 10:00"),
    ("new", "accepted", "2025-01-01 00:10"),
    ("new", "answered", "2025-01-09 10:00"),
)


def rows(outcome):
    return {
        row["case"]: (row["due_at"].strftime("%Y-%m-%d"), row["state"])
        for row in outcome.obligations.to_dicts()
    }


def test_a_case_stays_on_the_edition_of_the_day_on_which_it_was_accepted():
    found = replay_editions([OLD, NEW], {}, LOG)
    assert rows(found) == {"old": ("2025-01-10", "met"), "new": ("2025-01-06", "late")}
    assert found.summary["editions"] == {"2020-01-01": 1, "2025-01-01": 1}
    assert found.summary["rules"] == {"answer": {"met": 1, "late": 1}}


def test_a_case_of_a_day_without_an_edition_is_left_out_and_listed():
    found = replay_editions([OLD, NEW], {}, LOG)
    assert found.excluded["found"].to_list() == ["2019-06-01"]
    assert found.excluded["reason"].to_list() == ["no edition was in force on the day of the case"]
    assert found.summary["log"]["excluded"] == 1


def test_one_edition_judges_every_case():
    found = replay_editions([NEW], {}, LOG)
    assert rows(found) == rows(replay(NEW, {}, LOG))
    assert set(rows(found)) == {"before", "old", "new"}


def test_an_edition_that_is_not_in_force_judges_nothing():
    draft = edition(dt.date(2025, 6, 1), "1 day", status="proposed")
    found = replay_editions([OLD, NEW, draft], {}, log_of(("late", "accepted", "2025-07-01 09:00")))
    assert rows(found) == {"late": ("2025-07-06", "open")}


def test_a_setting_reaches_every_edition_that_has_it():
    found = replay_editions([OLD, NEW], {}, LOG, settings={"answer.within": "30 days"})
    assert rows(found) == {"old": ("2025-01-30", "met"), "new": ("2025-01-31", "met")}


@pytest.mark.parametrize("editions", [[NEW], [OLD, NEW]])
def test_a_setting_that_no_edition_has_is_refused(editions):
    with pytest.raises(CallError, match=r"no parameter 'answers\.within'"):
        replay_editions(editions, {}, LOG, settings={"answers.within": "30 days"})
