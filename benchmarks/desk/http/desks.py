"""The desks that are asked: a made-up company with so many cases, made once and copied for each run.

`python -m benchmarks.desk.http.desks make HOME CASES` and `… ready HOME`, in processes of their own, since Django has
one set of settings a process. `ready` prints what one needs to ask: sessions, a token, cases to read, a pattern.
"""

import json
import os
import random
import shutil
import sys
import time
from pathlib import Path
from typing import Any

POLICY = "power/dazu-complaint-assessment"
A_SHARE = 503  # cases of the made-up company where `share` is 1, of large shares
PASSWORD = "a good long one"
READERS = ("director1", "longshui1")
FACTS = {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}


def make(home: Path, cases: int) -> None:
    """Through the same doors as any company's data: actions for the organisation, `load` for the cases."""
    from bihuan.cli import init

    init.make(home, "admin", PASSWORD, [], None, made=False)
    from zoneinfo import ZoneInfo

    from bihuan.demo.company import company
    from bihuan.desk import clock
    from bihuan.desk.database import writing
    from bihuan.desk.demo import bring, in_force, organise
    from bihuan.desk.models import Case

    now = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
    found = company(now, 11, cases / A_SHARE)
    with writing():
        organise(found, "admin")
        policies = [in_force(name, "admin") for name in found.logs]
    begun = time.perf_counter()
    for policy in policies:
        bring(policy, found.logs[policy.id], "admin")
    count, spent = Case.objects.count(), time.perf_counter() - begun
    print(f"{count} cases in {spent:.0f} s, {count / spent:.0f} a second", file=sys.stderr)


def ready(home: Path) -> dict[str, Any]:
    from bihuan.cli.init import migrate

    migrate()
    from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from bihuan.desk import actions
    from bihuan.desk.models import Case, Person

    def session(code: str, backend: str) -> str:
        person, store = Person.objects.get(code=code), SessionStore()
        store[SESSION_KEY], store[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
        store["_auth_user_backend"] = backend
        store.save()
        return str(store.session_key)

    _, token = actions.make_token("hotline1", "write", by="admin")
    pattern = [
        actions.accept(POLICY, by="hotline1", facts=FACTS, unit="95598班", number=f"P-{n}").number
        for n in range(2)
    ]
    actions.append(pattern[1], "ticket_made", by="hotline1", facts={"item": "billing"})
    numbers = list(Case.objects.exclude(number__startswith="P-").values_list("number", flat=True))
    return {
        "token": token,
        "pattern": " ".join(pattern),
        "sessions": {code: session(code, "bihuan.desk.sessions.Known") for code in READERS},
        "bare session": session(READERS[0], "django.contrib.auth.backends.ModelBackend"),
        "cases": random.Random(3).sample(numbers, min(5000, len(numbers))),
        "count": len(numbers),
    }


def opened(home: Path) -> None:
    os.environ |= {
        "BIHUAN_HOME": str(home),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "bihuan.desk.settings",
    }


def main() -> None:
    what, home, *more = sys.argv[1:]
    opened(Path(home).absolute())
    if what == "make":
        beside = Path(f"{home}.new")
        shutil.rmtree(beside, ignore_errors=True)
        opened(beside.absolute())
        make(beside, int(more[0]))
        beside.rename(home)
    else:
        print(json.dumps(ready(Path(home))))


if __name__ == "__main__":
    main()
