"""Who may log in, and as what: passwords, administrators, accounts that are closed.

A password is never in the record, only that it was set and by whom. A desk keeps an administrator who can log in.
"""

from bihuan.desk.actions import office
from bihuan.desk.actions.chain import By, code, enter
from bihuan.desk.database import writing
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Person


def set_password(person: str, password: str, *, by: By) -> Person:
    """Give somebody a password, to be changed by them. Whoever is logged in as them is logged out."""
    with writing():
        found = office.find_person(person)
        enter("password_set", person, {"code": person}, by)
        found.set_password(password)
        found.must_change = code(by) != person
        found.save(update_fields=["password", "must_change"])
    return found


def close_account(person: str, *, by: By) -> Person:
    """The person can no longer log in; refused for the last administrator."""
    with writing():
        keep_administrator(person)
        return office.deactivate(person, by=by)


def keep_administrator(person: str) -> None:
    """Refuse what would leave the desk without an administrator."""
    leaver = office.find_person(person)
    others = Person.objects.filter(is_administrator=True, is_active=True).exclude(pk=leaver.pk)
    if leaver.is_administrator and leaver.is_active and not others.exists():
        raise RefusedError("this is the last administrator: name another one first", person=person)


def set_administrator(person: str, administrator: bool, *, by: By) -> Person:
    """Make somebody an administrator, or no longer one."""
    with writing():
        if not administrator:
            keep_administrator(person)
        found = office.find_person(person)
        enter("administrator", person, {"code": person, "administrator": administrator}, by)
        found.is_administrator = administrator
        found.save(update_fields=["is_administrator"])
    return found
