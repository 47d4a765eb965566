"""The made-up company put on an empty desk: units, people, three shipped regulations, and its cases, all judged.

Everything goes through `actions`, as anybody's data would. The accounts it makes are written into the desk's folder;
they are no secret to whoever can read it, so a desk made like this is for looking at, not for work.
"""

import csv
import datetime as dt
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

import bihuan
from bihuan.demo.company import ACCOUNTS, Company, Member, company, months
from bihuan.demo.office import COMPANY
from bihuan.desk import actions, clock, projection, queries
from bihuan.desk.actions.subjects import refresh_subjects
from bihuan.desk.database import writing
from bihuan.desk.models import Person, Subject
from bihuan.desk.office import office_now, policy_of
from bihuan.desk.queries import edition_in_force
from bihuan.engine.log import Log
from bihuan.engine.policy import Policy

FILE = "accounts.csv"
SOURCE = "bihuan.demo"
WATCHES = {"marketing": COMPANY}  # roles that look after the work of units other than their own
Row = Mapping[str, Any]


def furnish(admin: str, *, password: str | None = None, share: float = 1) -> list[dict[str, str]]:
    """The company as of now, by the administrator that is there already; the accounts to log in with."""
    now = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
    found, chosen = company(now, share=share), password or secrets.token_hex(4)
    with writing():
        organise(found, admin)
        Person.objects.filter(code__in=ACCOUNTS).update(password=make_password(chosen))
        policies = [in_force(name, admin) for name in found.logs]
    for policy in policies:
        bring(policy, found.logs[policy.id], admin)
    for first in months(now):  # `tick` draws for this period and the one before; these cases are older
        draw(policies, f"{first:%Y-%m}", admin)
    wish()
    with writing():
        made = refresh_subjects(Subject.objects.select_related("edition"), clock.now())
        projection.wake(made.untold)
    return [account(one, chosen) for one in found.members if one.code in ACCOUNTS]


def organise(found: Company, admin: str) -> None:
    for name, parent in found.units.items():
        actions.add_unit(name, parent or None, by=admin)
    for one in found.members:
        actions.add_person(one.code, one.name, one.unit, by=admin)
        for role in one.roles:
            actions.grant(one.code, role, WATCHES.get(role, one.unit), by=admin)
    for register, rows in found.registers.items():
        for row in rows:
            facts = {name: value for name, value in row.items() if name != "subject" and value is not None}
            actions.add_subject(register, row["subject"], facts, by=admin)


def in_force(name: str, admin: str) -> Policy:
    path = Path(bihuan.read_policy(name).path)
    edition = actions.install(path.read_text("utf-8"), by=admin, path=str(path))
    return policy_of(actions.put_in_force(edition.hash, by=admin).hash)


def bring(policy: Policy, rows: list[dict[str, Any]], admin: str) -> None:
    done = actions.load(log_of(policy, rows), policy.id, by=admin, source=SOURCE)
    if done.left_out:
        raise AssertionError(f"the made-up cases do not fit the desk: {done.left_out}")


def log_of(policy: Policy, rows: list[dict[str, Any]]) -> Log:
    """As a log of another system: written to a file and read from there."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        header = policy.header
        return bihuan.read_log(path, zone=header.zone, known_events=policy.event_labels, starts=header.starts)


def draw(policies: Iterable[Policy], period: str, admin: str) -> None:
    """Who is to be called of a month that is over."""
    over = period < f"{clock.now():%Y-%m}"
    for policy in policies if over else ():
        hash = edition_in_force(policy.id).hash
        if office_now().plan(hash).framing is not None:
            actions.cut(hash, period, by=admin)


def wish() -> None:
    """One of the customers whom the hotline has to call today says that they want no calls."""
    caller = Person.objects.get(code="hotline1")
    owed = queries.callbacks(caller, before=clock.now() + dt.timedelta(days=1)).rows
    offices = queries.offices(caller)
    for case in [row.case for row in owed if row.case and row.case.customer and row.owner in offices][-1:]:
        actions.decline_calls(case.number, by=caller, reason="上班时间不便接听,有问题会自己打 95598")


def account(one: Member, password: str) -> dict[str, str]:
    return {
        "account": one.code, "password": password, "name": one.name, "unit": one.unit, "office": ACCOUNTS[one.code],
    }  # fmt: skip


def keep(accounts: Iterable[Row], home: Path) -> Path:
    """Lay the accounts down in the desk's folder, for the owner alone."""
    Person.objects.filter(code__in=[one["account"] for one in accounts]).update(must_change=True)
    path = home / FILE
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("account", "password", "name", "unit", "office"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(accounts)
    return path
