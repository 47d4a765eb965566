"""The same thing sent several times at once, as by a double click: once in the record, and nobody is told of a defect."""

import json

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
