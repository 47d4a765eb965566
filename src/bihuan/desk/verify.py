"""Whether the record is whole: every event fits the one before, every seal its cases. Names what does not fit.

It recomputes all hashes, those of attached files and of editions too. Where an archive was destroyed it says under which
entry, and the chain must still close. Whoever rewrites everything, seals and all, or puts an older copy in the place of the
record, has only the seals against them that were `kept` elsewhere.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from bihuan.desk import files, guards, held
from bihuan.desk.actions.chain import genesis
from bihuan.desk.actions.seals import SEALED, root_of
from bihuan.desk.models import Attachment, Case, Counter, Edition, Entry, Event, Seal
from bihuan.desk.record import NOTHING, digest, link
from bihuan.engine.errors import CallError
from bihuan.i18n import _


@dataclass(frozen=True)
class Misfit:
    """The first place of a chain that does not fit, and why."""

    chain: str  # the number of a case, "entries", "seals", "editions", "office" or "guards"
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
    last_seal: str = ""
    files: int = 0
    misfits: list[Misfit] = field(default_factory=list)
    destroyed: dict[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return not self.misfits


def verify(kept: Mapping[dt.date, str] | None = None) -> Report:
    """Every chain, from its first link on; of each only the first misfit is told: what follows cannot fit. `kept`: seals by
    their day, as they were noted elsewhere.
    """
    report = Report()
    entries(report)
    editions(report)
    cases(report)
    seals(report, kept or {})
    attached(report)
    report.misfits += [Misfit("office", id, what, why) for id, what, why in held.unlike()]
    gone = _("the database no longer refuses to change the record: this trigger is gone, off, or another one")
    report.misfits += [Misfit("guards", 0, guard.name, gone) for guard in guards.lacking()]
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
    given = Counter.objects.filter(name="entries").values_list("last", flat=True).first() or 0
    if given != report.entries:
        why = _("{given} entries were made; {found} are there").format(given=given, found=report.entries)
        report.misfits.append(Misfit("entries", report.entries + 1, "", why))


def editions(report: Report) -> None:
    """The text of every edition is the one that its hash names, by which cases and entries know it."""
    for id, policy, hash, text in Edition.objects.order_by("id").values_list("id", "policy", "hash", "text"):
        if hashlib.sha256(text.encode()).hexdigest() != hash:
            report.misfits.append(Misfit("editions", id, policy, _("its text is not what was hashed")))


def cases(report: Report) -> None:
    """The chain of every case; a case without events was never accepted, and no event is without its case."""
    destroyed = {about: id for id, about in Entry.objects.filter(kind="destroyed").values_list("id", "about")}
    heads = Case.objects.order_by("id").values_list("id", "number", "version", "hash", "edition__hash")
    by_case = groupby(
        Event.objects.order_by("case_id", "seq").iterator(chunk_size=5000), lambda one: one.case_id
    )
    chains = ((id, list(events)) for id, events in by_case)
    found = next(chains, None)
    for id, number, version, hash, edition in heads.iterator(chunk_size=5000):
        report.cases += 1
        while found is not None and found[0] < id:
            found = lone(report, found[1], next(chains, None))
        events: list[Event] = []
        if found is not None and found[0] == id:
            events, found = found[1], next(chains, None)
        report.events += len(events)
        misfit = chain(number, events, version, hash, destroyed.get(number))
        last = next((one for one in reversed(events) if one.edition), None)
        if misfit is None and last is not None and last.edition != edition:
            why = _("the case is judged by another edition than this event names")
            misfit = Misfit(number, last.seq, last.event, why)
        if misfit:
            report.misfits.append(misfit)
        elif events and events[0].salt is None:
            report.destroyed[number] = destroyed[number]
    while found is not None:
        found = lone(report, found[1], next(chains, None))


Chain = tuple[int, list[Event]] | None


def lone(report: Report, events: list[Event], next: Chain) -> Chain:
    """Events whose case is gone; the chain that follows."""
    report.events += len(events)
    first = events[0]
    why = _("its events are there, the case itself is gone")
    report.misfits.append(Misfit(f"#{first.case_id}", first.seq, first.event, why))
    return next


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


def seals(report: Report, kept: Mapping[dt.date, str]) -> None:
    last: Seal | None = None
    every = list(Seal.objects.order_by("day"))
    report.seals, report.last_seal = len(every), f"{every[-1].day}={every[-1].hash}" if every else ""
    report.misfits += missed(every, kept)
    for seal in every:
        if why := broken(seal, last):
            report.misfits.append(Misfit("seals", seal.pk, seal.day.isoformat(), why))
            return
        last = seal


def missed(every: list[Seal], kept: Mapping[dt.date, str]) -> Iterator[Misfit]:
    """Seals that were made or kept, and are not there as they were."""
    there = {seal.day: seal.hash for seal in every}
    for id, content in Entry.objects.filter(kind=SEALED).order_by("id").values_list("id", "content"):
        if there.get(dt.date.fromisoformat(content["day"])) != content["hash"]:
            why = _("entry {entry} says that this day was sealed otherwise: its seal is gone, or another one")
            yield Misfit("seals", 0, content["day"], why.format(entry=id))
    for day, hash in sorted(kept.items()):
        if day not in there:
            why = _(
                "the seal that you kept is not there: the record was cut short, or an older one was restored"
            )
            yield Misfit("seals", 0, day.isoformat(), why)
        elif there[day] != hash:
            yield Misfit("seals", 0, day.isoformat(), _("it is not the seal that you kept"))


def broken(seal: Seal, last: Seal | None) -> str:
    before, after = (last.hash, last.upto) if last else (NOTHING, 0)
    if seal.previous != before or seal.hash != link(before, seal.stated()):
        return _("it does not follow the seal before")
    cases, root = root_of(after, seal.upto, seal.entry)
    if (cases, root) == (seal.cases, seal.root):
        return ""
    if gaps := missing(after, seal.upto):
        said = _("{sealed} cases had events under it, {found} have; of events the ids {gaps} are missing")
    else:
        said = _(
            "{sealed} cases had events under it, {found} have; an entry or a chain under it is another one"
        )
    return said.format(sealed=seal.cases, found=cases, gaps=gaps)


MOST = 5  # gaps that are told


def missing(after: int, upto: int) -> str:
    """Ids of events under a seal that are not there; a database may have left some out by itself."""
    ids = Event.objects.filter(id__gt=after, id__lte=upto).order_by("id").values_list("id", flat=True)
    gaps, before = list[str](), after
    for id in [*ids.iterator(chunk_size=10_000), upto + 1]:
        if id > before + 1:
            gaps.append(f"{before + 1}–{id - 1}" if id > before + 2 else f"{before + 1}")
        before = id
    return ", ".join(gaps[:MOST]) + ("…" if len(gaps) > MOST else "")


def noted(text: str) -> tuple[dt.date, str]:
    """A seal as somebody noted it elsewhere: DAY=HASH."""
    day, _sign, hash = text.partition("=")
    try:
        return dt.date.fromisoformat(day), hash.strip().lower()
    except ValueError:
        raise CallError(
            f"{text} is no seal that was noted: expected a day and a hash, such as 2026-11-22=3f0c…"
        ) from None


def destructions(report: Report) -> Iterator[dict[str, Any]]:
    """By case who asked for a destruction, who approved it, when and why."""
    entries = Entry.objects.in_bulk(report.destroyed.values())
    for number, id in report.destroyed.items():
        one = entries[id]
        told = {"case": number, "entry": id, "at": one.recorded_at, "by": one.by}
        yield told | {name: one.content.get(name) for name in ("approved_by", "reason")}


def told(report: Report) -> Iterator[dict[str, Any]]:
    """The misfits as rows."""
    for one in report.misfits:
        yield vars(one)
