"""What the desk is made of, entered into its record: editions, units, people, roles, deputies, registers.

Each is one entry and the row that follows from it. Who may do so is asked before, by `access`.
"""

import datetime as dt
import hashlib
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bihuan.desk.actions.chain import By, enter
from bihuan.desk.actions.chain import code as of
from bihuan.desk.database import writing
from bihuan.desk.errors import DoubledError, MissingError, RefusedError
from bihuan.desk.models import Deputy, Edition, Entry, Holding, Person, Registered, Unit
from bihuan.desk.office import office_now
from bihuan.engine.policy import Policy, parse_policy

Day = dt.date | None


def install(text: str, *, by: By, path: str = "") -> Edition:
    """Put an edition on the desk, by its file's text. It judges nothing until it is put in force."""
    policy = parse_policy(tomllib.loads(text), path)
    refuse_parts(policy)
    hash = hashlib.sha256(text.encode()).hexdigest()
    if found := Edition.objects.filter(hash=hash).first():
        return found
    with writing():
        header = policy.header
        about = {"policy": policy.id, "title": header.title, "edition": str(header.edition or "unknown")}
        about |= {"status": header.status, "hash": hash, "text": text}
        enter("edition", policy.id, about, by)
        return Edition.objects.create(**about)


def refuse_parts(policy: Policy) -> None:
    """The desk judges a case by its own events and cannot have it hear those of another."""
    shown = [name for name, fact in policy.facts.items() if fact.shows]
    if shown:
        raise RefusedError(
            f"{policy.id}: the fact {shown[0]!r} shows events of a part to its whole (`shows`), which the desk does not"
            " judge: leave `shows` out for the desk, or have its log judged by `bihuan replay`",
            fact=shown[0],
        )


def put_in_force(hash: str, *, by: By, since: Day = None, until: Day = None) -> Edition:
    """From `since` on, new cases are accepted under this edition; older cases stay where they are.

    Refused while the desk lacks a calendar of it: nothing could be judged.
    """
    with writing():
        edition = Edition.objects.select_for_update().filter(hash=hash).first()
        if edition is None:
            raise MissingError(f"no edition with the hash {hash[:12]} is on this desk")
        refuse_calendars(edition)
        enter(
            "in_force", edition.policy, {"hash": hash, "since": day_text(since), "until": day_text(until)}, by
        )
        edition.in_force, edition.since, edition.until = True, since, until
        edition.save()
    return edition


def refuse_calendars(edition: Edition) -> None:
    office = office_now()
    wanted = {name for layout in office.plan(edition.hash).layouts.values() for name in layout.calendars}
    if lacking := wanted - {"natural", *office.calendars()}:
        raise RefusedError(
            f"{edition.policy} counts by the calendar {min(lacking)!r}, which this desk has not: load its file first, on the"
            " page of calendars, or make the desk with `bihuan init --site`",
            calendar=min(lacking),
        )


def take_out_of_force(hash: str, *, by: By, until: dt.date) -> Edition:
    """No case is accepted under this edition after that day."""
    edition = Edition.objects.filter(hash=hash, in_force=True).first()
    if edition is None:
        raise MissingError(f"no edition with the hash {hash[:12]} is in force on this desk")
    return put_in_force(hash, by=by, since=edition.since, until=until)


def add_unit(name: str, parent: str | None = None, *, by: By) -> Unit:
    """A unit, or an existing one put under another."""
    with writing():
        above = find_unit(parent) if parent else None
        unit = Unit.objects.filter(name=name).first() or Unit(name=name)
        if unit.pk and above is not None and above.path.startswith(unit.path):
            raise RefusedError(f"{name} is above {parent}: units are a tree")
        enter("unit", name, {"name": name, "parent": parent}, by)
        unit.parent = above
        unit.save()
        place(unit)
    return unit


def place(unit: Unit) -> None:
    """The path of a unit and of all beneath it."""
    unit.path = f"{unit.parent.path if unit.parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    for part in unit.parts.all():
        place(part)


def add_person(
    code: str,
    name: str,
    unit: str | None = None,
    *,
    by: By,
    password: str | None = None,
    administrator: bool = False,
) -> Person:
    """Somebody who may act. The code is what events call the person. Without a password nobody can log in as them."""
    if not code.strip():
        raise RefusedError("a person needs a code")
    with writing():
        if Person.objects.filter(code=code).exists():
            raise DoubledError(f"there is a person {code} already", person=code)
        home = find_unit(unit) if unit else None
        enter("person", code, {"code": code, "name": name, "unit": unit, "administrator": administrator}, by)
        person = Person(code=code, name=name, unit=home, is_administrator=administrator)
        if password is None:
            person.set_unusable_password()
        else:
            person.set_password(password)
            person.must_change = code != of(by)  # chosen by somebody else
        person.save()
    return person


def deactivate(person: str, *, by: By) -> Person:
    """The person can no longer log in; what they did stays theirs."""
    with writing():
        found = find_person(person)
        enter("person_left", person, {"code": person}, by)
        found.is_active = False
        found.save(update_fields=["is_active"])
    return found


def grant(
    person: str, role: str, unit: str | None = None, *, by: By, since: Day = None, until: Day = None
) -> Holding:
    """A role for a person, as the regulations name it."""
    with writing():
        told = {"person": person, "role": role, "unit": unit, **spell(since, until)}
        holder, home = find_person(person), find_unit(unit) if unit else None
        entry = enter("role", person, told, by)
        return Holding.objects.create(
            id=entry.id, person=holder, role=role, unit=home, since=since, until=until
        )


def end_role(holding: int, *, by: By, until: dt.date) -> Holding:
    """The last day on which a role is held."""
    with writing():
        held = Holding.objects.select_for_update(of=("self",)).select_related("person")
        found = held.filter(id=holding).first()
        if found is None:
            raise MissingError(f"there is no holding {holding}")
        end(found, "role_ended", found.person.code, until, by)
    return found


def end(row: Holding | Deputy | Registered, kind: str, about: str, until: dt.date, by: By) -> None:
    """The last day of something that an entry began, whose number it has."""
    enter(kind, about, {"entry": row.pk, "until": until.isoformat()}, by)
    row.until = until
    row.save()


def add_deputy(person: str, deputy: str, *, by: By, since: Day = None, until: Day = None) -> Deputy:
    """Somebody who stands in for a person."""
    with writing():
        one, other = find_person(person), find_person(deputy)
        if one.pk == other.pk:
            raise RefusedError("nobody is their own deputy", person=person)
        entry = enter("deputy", person, {"person": person, "deputy": deputy, **spell(since, until)}, by)
        return Deputy.objects.create(id=entry.id, person=one, deputy=other, since=since, until=until)


def end_deputy(deputy: int, *, by: By, until: dt.date) -> Deputy:
    with writing():
        held = Deputy.objects.select_for_update(of=("self",)).select_related("person")
        found = held.filter(id=deputy).first()
        if found is None:
            raise MissingError(f"there is no deputy {deputy}")
        end(found, "deputy_ended", found.person.code, until, by)
    return found


def add_subject(
    register: str,
    subject: str,
    facts: Mapping[str, Any] | None = None,
    *,
    by: By,
    since: Day = None,
    until: Day = None,
) -> Registered:
    """A subject in a register: a station, a worker, a customer, with what is known of it."""
    with writing():
        told = {"register": register, "subject": subject, "facts": dict(facts or {}), **spell(since, until)}
        entry = enter("registered", f"{register} {subject}", told, by)
        return Registered.objects.create(
            id=entry.id, register=register, subject=subject, facts=told["facts"], since=since, until=until
        )


def end_subject(registered: int, *, by: By, until: dt.date) -> Registered:
    with writing():
        found = Registered.objects.select_for_update().filter(id=registered).first()
        if found is None:
            raise MissingError(f"there is no registered subject {registered}")
        end(found, "registered_ended", f"{found.register} {found.subject}", until, by)
    return found


def set_pay(party: str, month: dt.date, amount: Decimal, *, by: By) -> Entry:
    """What somebody is paid in a month, of which a regulation takes shares; a later amount takes its place."""
    if not party.strip():
        raise RefusedError("pay is somebody's: name the party")
    if amount < 0 or amount != amount.quantize(Decimal("0.01")):
        raise RefusedError(f"found {amount}, expected an amount of at least 0 with two decimals", party=party)
    first = month.replace(day=1)
    with writing():
        told = {"party": party, "month": first.isoformat(), "amount": str(amount)}
        return enter("pay", f"{party} {first:%Y-%m}", told, by)


def log_unmasking(case: str, facts: list[str], *, by: By, reason: str) -> Entry:
    """Somebody looked at what is masked: who, at what, why."""
    if not reason.strip():
        raise RefusedError("to see what is masked, say why")
    with writing():
        return enter("unmasked", case, {"case": case, "facts": facts, "reason": reason}, by)


def find_unit(name: str) -> Unit:
    unit = Unit.objects.select_related("parent").filter(name=name).first()
    if unit is None:
        raise MissingError(f"there is no unit {name}", unit=name)
    return unit


def find_person(code: str) -> Person:
    person = Person.objects.filter(code=code).first()
    if person is None:
        raise MissingError(f"there is no person {code}", person=code)
    return person


def spell(since: Day, until: Day) -> dict[str, str | None]:
    if since and until and until < since:
        raise RefusedError(f"the spell ends on {until}, before it begins on {since}")
    return {"since": day_text(since), "until": day_text(until)}


def day_text(day: Day) -> str | None:
    return day.isoformat() if day else None
