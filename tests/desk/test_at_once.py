"""The same thing sent several times at once, as by a double click: once in the record, and nobody is told of a defect."""

import json

import pytest

from tests.desk.test_running import ran

AT_ONCE = """
import json
from threading import Barrier, Thread
import django
django.setup()
from django.db import connection
from bihuan.desk import actions
from bihuan.desk.errors import DoubledError
from bihuan.desk.models import Case, Event, Person
from bihuan.desk.verify import verify
POLICY = "power/dazu-complaint-assessment"

def at_once(act, many=4):
    told, barrier = [], Barrier(many)
    def one():
        try:
            barrier.wait()
            told.append(act())
        except DoubledError:
            told.append("doubled")
        except Exception as error:
            told.append(repr(error))
        finally:
            connection.close()
    threads = [Thread(target=one) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)

def accept(**said):
    return lambda: actions.accept(POLICY, by="admin", facts={"channel": "hotline"}, **said).number

same_key = [at_once(accept(key=f"key {n}")) for n in range(6)]
same_number = [at_once(accept(number=f"A-{n}")) for n in range(6)]
appended = [at_once(lambda: actions.append(f"A-{n}", "urged", by="admin", key=f"urged {n}").seq) for n in range(6)]
people = [at_once(lambda: actions.add_person(f"p{n}", "P", by="admin").code) for n in range(6)]
print(json.dumps({
    "same_key": same_key, "same_number": same_number, "appended": appended, "people": people, "cases": Case.objects.count(),
    "events": Event.objects.count(), "persons": Person.objects.filter(code__startswith="p").count(), "whole": verify().whole,
}))
"""


def test_what_is_sent_several_times_at_once_is_done_once(desk_env):
    """On PostgreSQL all but one were told that Bihuan had a defect and that nothing was saved."""
    found = json.loads(ran(desk_env, AT_ONCE).splitlines()[-1])
    assert [len(set(told)) for told in found["same_key"]] == [1] * 6, found["same_key"]
    assert found["same_number"] == [[f"A-{n}", "doubled", "doubled", "doubled"] for n in range(6)]
    assert found["appended"] == [[2] * 4] * 6
    assert [[code for code in told if code != "doubled"] for told in found["people"]] == [
        [f"p{n}"] for n in range(6)
    ], found["people"]
    assert (found["cases"], found["events"], found["persons"]) == (12, 18, 6)
    assert found["whole"]


SEALED = (
    AT_ONCE[: AT_ONCE.index("same_key =")]
    + """
from time import sleep
from bihuan.desk import clock
from bihuan.desk.actions import seals
from bihuan.desk.models import Seal

def slow(*extent, root_of=seals.root_of):
    sleep(0.5)
    return root_of(*extent)

seals.root_of = slow
actions.accept(POLICY, by="admin", facts={"channel": "hotline"})
sealed = at_once(lambda: actions.seal(clock.today()).hash)
print(json.dumps({"sealed": sealed, "seals": Seal.objects.count(), "whole": verify().whole}))
"""
)


def test_several_workers_seal_a_day_once(desk_env):
    """On PostgreSQL each held the tables against the others' entry, until all but one were ended as a deadlock."""
    found = json.loads(ran(desk_env, SEALED).splitlines()[-1])
    assert len(set(found["sealed"])) == 1, found["sealed"]
    assert (found["seals"], found["whole"]) == (1, True)


HELD_UP = """
import json
import django
django.setup()
from django.db import connections
from bihuan.desk import actions
from bihuan.desk.tick import tick
from bihuan.desk.verify import verify
actions.accept("power/dazu-complaint-assessment", by="admin", facts={"channel": "hotline"})
other = connections.create_connection("default")
other.set_autocommit(False)
with other.cursor() as cursor:
    cursor.execute("LOCK TABLE desk_event IN ROW EXCLUSIVE MODE")  # as whoever has written and not yet ended
    held_up = tick().sealed
    other.rollback()
other.close()
print(json.dumps([held_up, len(tick().sealed), verify().whole]))
"""


def test_a_seal_gives_way_to_who_writes_and_is_made_in_the_next_round(desk_env):
    if "postgresql" not in desk_env.get("DATABASE_URL", ""):
        pytest.skip("writers of SQLite queue")
    assert json.loads(ran(desk_env, HELD_UP).splitlines()[-1]) == [[], 1, True]
