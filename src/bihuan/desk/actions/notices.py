"""A calendar file is asked for by one administrator and approved by another; until then it judges nothing.

What was asked, approved or declined is in the record of the desk; what is waiting follows from it.
"""

from bihuan.desk import clock
from bihuan.desk.actions.chain import By, code, enter
from bihuan.desk.actions.moving import Moved, load_notice, with_notice
from bihuan.desk.database import writing
from bihuan.desk.errors import MissingError, RefusedError
from bihuan.desk.models import Entry
from bihuan.desk.office import office_now

KINDS = ("notice_asked", "notice_declined", "notice")


def ask_notice(name: str, text: str, *, by: By) -> Entry:
    """Ask that a calendar file be loaded. A file that cannot be used is refused at once."""
    if not name.strip():
        raise RefusedError("a calendar file needs a name")
    with writing():
        with_notice(office_now(), name, text)
        return enter("notice_asked", name, {"name": name, "text": text}, by)


def waiting_notices() -> list[Entry]:
    """Those that were asked for and neither approved nor declined, nor asked for anew since."""
    last = {entry.about: entry for entry in Entry.objects.filter(kind__in=KINDS).order_by("id")}
    return [entry for entry in last.values() if entry.kind == "notice_asked"]


def waiting_notice(id: int) -> Entry:
    found = next((entry for entry in waiting_notices() if entry.id == id), None)
    if found is None:
        raise MissingError(f"no calendar file of this number ({id}) waits for approval")
    return found


def approve_notice(id: int, *, by: By) -> list[Moved]:
    """Load a calendar file that another asked for; answers which due times it moved."""
    with writing():
        asked = waiting_notice(id)
        if asked.by == code(by):
            raise RefusedError("whoever asks for a calendar file does not approve it")
        return load_notice(asked.content["name"], asked.content["text"], by=asked.by, approved_by=by)


def decline_notice(id: int, *, by: By, reason: str) -> Entry:
    """Not to be loaded, and why; whoever asked may take it back, too."""
    if not reason.strip():
        raise RefusedError("to decline needs a reason")
    with writing():
        asked = waiting_notice(id)
        told = {"asked": id, "reason": reason, "on": clock.today().isoformat()}
        return enter("notice_declined", asked.about, told, by)
