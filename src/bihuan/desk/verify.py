"""Whether the record is whole: every event fits the one before, every seal its cases. Names what does not fit.

It reads the record alone and recomputes all hashes, those of attached files too. Where an archive was destroyed it says under which entry, and the
chain must still close.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from bihuan.desk import files
from bihuan.desk.actions.chain import genesis
from bihuan.desk.actions.seals import root_of
from bihuan.desk.models import Attachment, Case, Entry, Event, Seal
from bihuan.desk.record import NOTHING, digest, link
from bihuan.i18n import _


@dataclass(frozen=True)
class Misfit:
    """The first place of a chain that does not fit, and why."""

    chain: str  # the number of a case, "entries" or "seals"
    place: int
    event: str
    why: str


@dataclass
class Report:
    """What was looked at, what does not fit, and which archives were destroyed under which entry."""

    cases: int = 0
    events: int = 0
    entries: int = 0
    seals: int = 0
    files: int = 0
    misfits: list[Misfit] = field(default_factory=list)
    destroyed: dict[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return not self.misfits


def verify() -> Report:
    """Every chain, from its first link on. Of each chain only the first misfit is told: what follows cannot fit."""
    report = Report()
    entries(report)
    cases(report)
    seals(report)
    attached(report)
    return report


def entries(report: Report) -> None:
    before = NOTHING
    for place, entry in enumerate(Entry.objects.order_by("id").iterator(chunk_size=2000), start=1):
        report.entries += 1
        why = ""
        if entry.id != place:
            why = _("entry {place} is missing").format(place=place)
        elif entry.previous != before:
            why = _("it does not follow the entry before")
        elif entry.hash != link(before, entry.stated()):
            why = _("its content is not what was hashed")
        if why:
            report.misfits.append(Misfit("entries", entry.id, entry.kind, why))
            return
        before = entry.hash


def cases(report: Report) -> None:
    """The chain of every case; a case without events was never accepted."""
    destroyed = {about: id for id, about in Entry.objects.filter(kind="destroyed").values_list("id", "about")}
    heads = Case.objects.order_by("id").values_list("id", "number", "version", "hash", "destroyed_id")
    by_case = groupby(
        Event.objects.order_by("case_id", "seq").iterator(chunk_size=5000), lambda one: one.case_id
    )
    chains = ((id, list(events)) for id, events in by_case)
    found = next(chains, None)
    for id, number, version, hash, _destroyed in heads.iterator(chunk_size=5000):
        report.cases += 1
        events: list[Event] = []
        if found is not None and found[0] == id:
            events, found = found[1], next(chains, None)
        report.events += len(events)
        misfit = chain(number, events, version, hash, destroyed.get(number))
        if misfit:
            report.misfits.append(misfit)
        elif events and events[0].salt is None:
            report.destroyed[number] = destroyed[number]


def chain(number: str, events: list[Event], version: int, hash: str, destroyed: int | None) -> Misfit | None:
    before = genesis(number)
    for place, event in enumerate(events, start=1):
        if why := unfit(number, place, event, before, destroyed):
            return Misfit(number, place, event.event, why)
        before = event.hash
    if len(events) != version or before != hash:
        return Misfit(
            number,
            len(events) + 1,
            "",
            _("the case says it has {version} events; {found} fit").format(
                version=version, found=len(events)
            ),
        )
    return None


def unfit(number: str, place: int, event: Event, before: str, destroyed: int | None) -> str:
    if event.seq != place:
        return _("event {place} is missing").format(place=place)
    if event.salt is None and destroyed is None:
        return _("its content is gone, and no entry says that the archive was destroyed")
    if event.salt is not None and event.digest != digest(event.salt, event.content()):
        return _("its content is not what was digested")
    if event.hash != link(before, event.stated(number)):
        return _("its hash does not follow from the event before and from what it states")
    return ""


def attached(report: Report) -> None:
    """Every file that an event brought: it is there, and what it was. Destroyed archives have none."""
    held = {(case, seq): sha for case, seq, sha in Attachment.objects.values_list("case", "seq", "sha256")}
    brought = Event.objects.filter(event="attached", kind="note", salt__isnull=False).order_by("id")
    looked: dict[str, str] = {}
    for event in brought.select_related("case").iterator(chunk_size=2000):
        sha = str((event.meta or {}).get("sha256"))
        report.files += 1
        if sha not in looked:
            looked[sha] = files.unlike(sha)
        why = looked[sha]
        if held.get((event.case_id, event.seq)) != sha:
            why = _("the desk has another file for it, or none")
        if why:
            report.misfits.append(Misfit(event.case.number, event.seq, event.event, why))


def seals(report: Report) -> None:
    last: Seal | None = None
    for seal in Seal.objects.order_by("day"):
        report.seals += 1
        if why := broken(seal, last):
            report.misfits.append(Misfit("seals", seal.pk, seal.day.isoformat(), why))
            return
        last = seal


def broken(seal: Seal, last: Seal | None) -> str:
    before = last.hash if last else NOTHING
    if seal.previous != before or seal.hash != link(before, seal.stated()):
        return _("it does not follow the seal before")
    cases, root = root_of(last.upto if last else 0, seal.upto, seal.entry)
    if (cases, root) != (seal.cases, seal.root):
        return _("the cases are not those that were sealed")
    return ""


def told(report: Report) -> Iterator[dict[str, Any]]:
    """The misfits as rows."""
    for one in report.misfits:
        yield vars(one)
