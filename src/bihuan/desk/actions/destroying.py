"""An archive is destroyed when one administrator asked for it and another approved: contents and files go, digests stay.

Until the last day on which the regulation has it kept it is not destroyed at all; that day is the engine's to say. Files
go when the record has it that they are gone: what a crash leaves behind is swept up a day later.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from bihuan.desk import clock, files, search
from bihuan.desk.actions.acting import Facts
from bihuan.desk.actions.chain import By, code, enter, locked_counter
from bihuan.desk.database import writing
from bihuan.desk.errors import MissingError, RefusedError
from bihuan.desk.judging import Row
from bihuan.desk.logged import logged
from bihuan.desk.models import Attachment, Case, Declined, Entry, Event
from bihuan.desk.office import office_now, policy_of
from bihuan.engine.archives import OVER, archives

KINDS = ("destruction_asked", "destruction_declined", "destroyed")
FILES = "files"  # whoever keeps or removes a file holds this counter until that is in the record


def ask_destruction(number: str, *, by: By, reason: str) -> Entry:
    """Ask that the archive of a case be destroyed. What cannot be destroyed yet is refused at once."""
    if not reason.strip():
        raise RefusedError("to destroy an archive needs a reason", case=number)
    with writing():
        refuse_kept(archive(number))
        return enter("destruction_asked", number, {"case": number, "reason": reason}, by)


def waiting_destructions() -> list[Entry]:
    """Those that were asked for and neither approved nor declined, nor asked for anew since."""
    last = {entry.about: entry for entry in Entry.objects.filter(kind__in=KINDS).order_by("id")}
    return [entry for entry in last.values() if entry.kind == "destruction_asked"]


def waiting_destruction(id: int) -> Entry:
    found = next((entry for entry in waiting_destructions() if entry.id == id), None)
    if found is None:
        raise MissingError(f"no destruction of this number ({id}) waits for approval")
    return found


def approve_destruction(id: int, *, by: By) -> Entry:
    """Destroy an archive that another asked to have destroyed."""
    with writing():
        asked = waiting_destruction(id)
        told = asked.content
        return destroy(told["case"], by=asked.by, approved_by=by, reason=told["reason"])


def decline_destruction(id: int, *, by: By, reason: str) -> Entry:
    """Not to be destroyed, and why; whoever asked may take it back, too."""
    if not reason.strip():
        raise RefusedError("to decline needs a reason")
    with writing():
        asked = waiting_destruction(id)
        return enter("destruction_declined", asked.about, {"asked": id, "reason": reason}, by)


def destroy(number: str, *, by: By, approved_by: By, reason: str) -> Entry:
    """Destroy the content of a closed case, with approval. Its chain stays and still closes."""
    if code(by) == code(approved_by):
        raise RefusedError("whoever destroys an archive does not approve it")
    with writing():
        case = archive(number)
        refuse_kept(case)
        return gone(case, {"case": number, "approved_by": code(approved_by), "reason": reason}, by)


def gone(case: Case, told: Facts, by: By) -> Entry:
    entry = enter("destroyed", case.number, told, by)
    blank = {"customer": "", "unit": "", "matter": "", "wake_at": None, "sent": None, "owed_at": None}
    Case.objects.filter(pk=case.pk).update(destroyed=entry, **blank)
    empty(case)
    return entry


def destroyed_here() -> list[Facts]:
    """Every destruction in the record, as `destroy_again` takes it; `first` is where the chain of the case begins."""
    done = Entry.objects.filter(kind="destroyed").order_by("id")
    first = Event.objects.filter(seq=1, case__destroyed__isnull=False)
    begins = dict(first.values_list("case__number", "hash"))
    more = (
        {"by": one.by, "at": one.recorded_at.isoformat(), "first": begins[one.content["case"]]}
        for one in done
    )
    return [{**one.content, **told} for one, told in zip(done, more, strict=True)]


def destroy_again(done: Iterable[Facts]) -> list[str]:
    """Destroy what was destroyed already, and came back out of an older backup; the numbers. It was approved then."""
    again = []
    for told in done:
        with writing():
            held = Case.objects.select_for_update(of=("self",)).filter(number=told["case"], destroyed=None)
            case = held.filter(events__seq=1, events__hash=told["first"]).first()
            if case is not None:
                Case.objects.filter(pk=case.pk, closed_at=None).update(closed_at=told["at"])
                gone(case, {name: told[name] for name in ("case", "approved_by", "reason", "at")}, told["by"])
                again.append(case.number)
    return again


def archive(number: str) -> Case:
    """A closed case whose content is there, locked."""
    held = Case.objects.select_for_update(of=("self",)).select_related("edition")
    case = held.filter(number=number, destroyed=None).first()
    if case is None:
        raise MissingError(f"there is no archive of a case {number}", case=number)
    if case.closed_at is None:
        raise RefusedError("the case is not closed: only an archive can be destroyed", case=number)
    return case


def kept(case: Case) -> list[Row]:
    """What of the case is filed, and until when the regulation has it kept."""
    office, hash = office_now(), case.edition.hash
    policy, now = policy_of(hash), clock.seconds(clock.now())
    log = logged(policy, [case.pk])
    return archives(policy, office.calendars(), log, now, office.site, office.parameters(hash)).to_dicts()


def refuse_kept(case: Case) -> None:
    """Refuse where anything filed is still to be kept, or where it is not known until when."""
    for one in kept(case):
        if one["state"] == OVER:
            continue
        if one["keep_until"] is None:
            raise RefusedError(
                f"until when the archive is to be kept is not known ({one['article']}): "
                f"set the parameter {one['archive']}.keep",
                case=case.number,
            )
        last = timezone.localdate(one["keep_until"])
        raise RefusedError(f"the archive is to be kept until {last} ({one['article']})", case=case.number)


def empty(case: Case) -> None:
    """What the record and the projection say of its content. The keys of what people were told may name a customer."""
    nothing = dict.fromkeys(("actor", "unit", "facts", "given", "meta", "salt"))
    Event.objects.filter(case=case).update(**nothing)
    for rows in (case.obligations, case.irregularities, case.concerns, case.named):
        rows.all().delete()
    Declined.objects.filter(case=case).delete()
    case.told.update(key=None)
    search.forget(case)
    held = set(case.attachments.values_list("sha256", flat=True))
    case.attachments.all().delete()
    transaction.on_commit(lambda: remove(held), robust=True)


def remove(hashes: Iterable[str]) -> int:
    """Remove files that no case has any more; how many."""
    wanted = set(hashes)
    with writing():
        locked_counter(FILES)
        wanted -= set(Attachment.objects.filter(sha256__in=wanted).values_list("sha256", flat=True))
        return sum(files.drop(sha) for sha in wanted)


def sweep() -> int:
    """Remove what a crash left behind: files older than a day that no case has."""
    return sum(remove(portion) for portion in files.old(clock.now()))
