"""What each event of a case did to one row: paused, extended, restarted, moved or ended it, or nothing.

Everything is read off the rows before and after the event (`prefixes`) and off what the fold lets the event fire;
no due time is computed here. Knows no days and no language.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bihuan.engine import layout as at
from bihuan.engine.clock import NEVER, NONE, SECONDS, WORKING_SECONDS
from bihuan.engine.fold import key_of
from bihuan.engine.line import Line
from bihuan.engine.listening import all_parts, names_of
from bihuan.engine.pattern import Pattern
from bihuan.engine.prefixes import Row, Step, Told, standing
from bihuan.engine.rules import Timed
from bihuan.engine.tables import limit_record
from bihuan.engine.work import Fixed, holds

BREACHED = (at.S_OVERDUE, at.S_LAPSED)


class Moves:
    """The events of one row, step by step; it remembers which needs of extensions and which owed parts have come."""

    def __init__(self, told: Told, row: Row) -> None:
        self.told = told
        self.key = row.instance
        self.rule: Timed = told.judged.layout.rules[row.rule]  # type: ignore[assignment]
        self.record = told.program.rules[row.rule]
        self.zone = ZoneInfo(told.judged.zone)
        self.seen = 0  # parts that have come
        self.due = NONE  # the due time that stood before a pause took it away

    def field(self, name: int) -> int:
        return int(self.record[name])

    def instant(self, at_: int) -> datetime | None:
        return None if at_ in (NONE, NEVER) else datetime.fromtimestamp(at_, self.zone)

    def line(self, what: str, when: int, **more: Any) -> Line:
        moment = datetime.fromtimestamp(when, self.zone)
        return Line(what, moment.date(), moment.date(), moment, **more)

    def lines(self) -> Iterator[Line]:
        for old, new, step in standing(self.told, self.key):
            if old is None:
                yield self.begun(new, step)
                yield from self.ended(new, step)
            else:
                yield from self.changed(old, new, step)
            self.due = new.due if new.due != NONE else self.due

    def begun(self, new: Row, step: Step) -> Line:
        """The start, with the event or the outcome that made it."""
        row, why = new.row, None
        if self.rule.every is not None:
            event, why = None, "period"
        elif self.told.events.at[row] == new.started and self.bits(row) & (
            at.START | self.field(at.AFTER_PARTS)
        ):
            event = self.told.name(row)
        else:
            event = self.outcome(new, step)
        return self.line("start", new.started, event=event, why=why, due_after=self.instant(new.due))

    def opens(self, row: int) -> bool:
        """Whether an event is the trigger: the case's first, where the rule names none."""
        return self.rule.after is None or bool(self.bits(row) & (at.START | self.field(at.AFTER_PARTS)))

    def outcome(self, new: Row, step: Step) -> str | None:
        """What became of another rule at that instant, and started this one."""
        there: set[str] = set()
        for row in step.rows.values():
            name = self.told.judged.layout.rules[row.rule].name  # type: ignore[union-attr]  # no mark has rows
            there |= {f"{name}.{what}" for what in became(row, new.started)}
        names = names_of(self.rule.after)
        return next((name for name in names if name in there or name.endswith(".reached")), None)

    def bits(self, row: int) -> int:
        """What an event fires in this rule, if it is about this row."""
        fired = int(self.told.hears(row)[self.key[0]])
        key = key_of(self.told.program, self.told.events, self.record, row, -1)
        return fired if key < 0 or key == self.key[3] else 0

    def changed(self, old: Row, new: Row, step: Step) -> Iterator[Line]:
        """What happened between two steps, in the order in which the fold takes it."""
        bits = self.bits(step.row) if step.by_event else 0
        if bits and self.barred(step.row):
            yield self.line("barred", step.at, event=self.told.name(step.row))
            return
        lines = [
            *self.pauses(old, new, step, bits),
            *self.extensions(old, new, step, bits),
            *self.early(step),
            *self.ended(new, step),
        ]
        if not self.is_over(new):
            lines += self.restarted(old, new, step, bits)
            lines += [] if lines else self.moved(old, new, step)
            lines += self.parts(bits, step)
            lines += self.ignored(new, step, bits)
        if bits and not lines and step.at > new.started and self.rule.every is None:
            lines.append(self.line("event", step.at, event=self.told.name(step.row)))
        yield from lines

    def is_over(self, row: Row) -> bool:
        return row.done != NONE or row.ended != NONE

    def barred(self, row: int) -> bool:
        """Whether a step refused the event."""
        found = self.told.findings[self.told.findings[:, at.FINDING_ROW] == row]
        steps = self.told.program.steps
        return any(s >= 0 and steps[s][at.STEP_REFUSED] == 1 for s in found[:, at.FINDING_STEP].tolist())

    def early(self, step: Step) -> Iterator[Line]:
        wanted = [(at.FINDING_ROW, step.row), (at.FINDING_RULE, self.key[0]), (at.FINDING_KIND, at.K_EARLY)]
        found = self.told.findings
        for column, value in wanted:
            found = found[found[:, column] == value]
        if step.by_event and len(found):
            yield self.line("early", step.at, event=self.told.name(step.row))

    def both(self, new: Row) -> dict[str, datetime | None]:
        """The due time before and after."""
        return {"due_before": self.instant(self.due), "due_after": self.instant(new.due)}

    # Pauses

    def pauses(self, old: Row, new: Row, step: Step, bits: int) -> Iterator[Line]:
        event = self.told.name(step.row) if step.by_event else None
        was, now = bool(old.flags & at.F_STILL_PAUSED), bool(new.flags & at.F_STILL_PAUSED)
        held = (
            bits & (self.pause_bits(at.PAUSE_FROM, 1) | self.pause_bits(at.PAUSE_TO, 1)) or self.only_holds()
        )
        moment = self.when(new, step)
        if was != now and not held:
            what, taken = ("paused", {}) if now else ("resumed", self.taken(old, new))
            yield self.line(what, moment, event=event, **self.both(new), **taken)
        elif bits & self.pause_bits(at.PAUSE_FROM, 0) and not self.is_over(new):
            if now or self.too_late(old, step):
                yield self.line("pause-ignored", step.at, event=event, why="running" if now else "after-due")
        elif held and (was != now or new.due != old.due):
            yield self.line("held" if now else "released", moment, event=event, **self.both(new))

    def only_holds(self) -> bool:
        return bool(self.rule.pauses) and all(pause.holds for pause in self.rule.pauses)

    def too_late(self, old: Row, step: Step) -> bool:
        return old.state in BREACHED or (old.due != NONE and step.at >= old.due)

    def when(self, new: Row, step: Step) -> int:
        return new.done if new.done != NONE else step.at

    def pause_bits(self, which: int, holds_: int) -> int:
        """Bits of the events that begin or end pauses, or holds."""
        pauses, bits = self.told.program.pauses, 0
        for p in range(self.field(at.PAUSES), self.field(at.PAUSES_END)):
            if pauses[p][at.PAUSE_HOLDS] == holds_:
                bits |= pauses[p][which]
        return bits

    def taken(self, old: Row, new: Row) -> dict[str, Any]:
        """What a pause took, in the limit's own measure; nothing where the clock started anew meanwhile."""
        if new.paused == NONE:
            return {"why": "outside"}
        amount = new.paused - old.paused if new.started == old.started else 0
        kind = self.kind(new)
        if kind in (SECONDS, WORKING_SECONDS):
            return {"seconds": amount}
        return {"amount": amount, "unit": self.counted_in(new)}

    def kind(self, row: Row) -> int:
        limits = self.told.judged.answers.limits
        return limit_record(limits[row.limit])[0] if row.limit >= 0 else SECONDS

    def counted_in(self, row: Row) -> str:
        return "working day" if "working" in self.limit(row) else "day"

    def limit(self, row: Row) -> str:
        return str(self.told.judged.answers.limits[row.limit]) if row.limit >= 0 else ""

    # Extensions

    def extensions(self, old: Row, new: Row, step: Step, bits: int) -> Iterator[Line]:
        for n, extension in enumerate(self.rule.extensions):
            record = self.told.program.extensions[self.field(at.EXTENSIONS) + n]
            wanted = record[at.EXTENSION_PARTS]
            if not bits & wanted:
                continue
            self.seen |= bits & wanted
            patterns = [one for p in (extension.by, *extension.needs) for one in all_parts(p)]
            if self.seen & wanted != wanted:
                yield self.extending(step, wanted, patterns)
                continue
            self.seen &= ~wanted
            yield self.granted(old, new, step, record)

    def extending(self, step: Step, wanted: int, patterns: list[Pattern]) -> Line:
        wants = lacking(wanted, self.seen, patterns)
        return self.line("extending", step.at, event=self.told.name(step.row), wants=wants)

    def granted(self, old: Row, new: Row, step: Step, record: Fixed) -> Line:
        event = self.told.name(step.row)
        same = (old.limit, old.extra, old.due) == (new.limit, new.extra, new.due)
        if same and not (new.flags & ~old.flags & at.F_EXTENDED):
            why = self.why_not(old, step, record)
            return self.line("extension-refused", step.at, event=event, why=why)
        limit, added = self.limit(new), new.extra
        return self.line(
            "extended", step.at, event=event, limit=limit, **self.added(new, added), **self.both(new)
        )

    def added(self, new: Row, extra: int) -> dict[str, Any]:
        """What extensions have added in all, in the limit's unit."""
        if self.kind(new) in (SECONDS, WORKING_SECONDS):
            return {"seconds": extra}
        unit = "month" if any(u in self.limit(new) for u in ("month", "year")) else self.counted_in(new)
        return {"amount": extra, "unit": unit if extra else None}

    def why_not(self, old: Row, step: Step, record: Fixed) -> str:
        test = record[at.EXTENSION_WHEN]
        held = holds(self.told.program, self.told.events, step.row, test) if test >= 0 else 1
        if held != 1:
            return "condition" if held == 0 else "unknown"
        late = old.state in BREACHED or (self.field(at.STRICT) and step.at == old.due)
        return "after-due" if late else "nothing-added"

    # All else

    def ended(self, new: Row, step: Step) -> Iterator[Line]:
        event = self.told.name(step.row) if step.by_event else None
        if new.done != NONE:
            yield self.line("done", new.done, event=event)
        elif new.ended != NONE:
            why = "breach" if new.state in BREACHED else None
            yield self.line("void", new.ended, event=event, why=why)

    def restarted(self, old: Row, new: Row, step: Step, bits: int) -> Iterator[Line]:
        if new.started != old.started or bits & at.RESTART:
            self.seen = 0
            event = self.told.name(step.row) if step.by_event else None
            yield self.line("restarted", new.started, event=event, **self.both(new))

    def moved(self, old: Row, new: Row, step: Step) -> Iterator[Line]:
        """The due time is another one, or there is one now."""
        event = self.told.name(step.row)
        if (old.flags & ~new.flags & at.F_WAITING) or (old.due == NONE and old.due != new.due):
            yield self.line("known", step.at, event=event, **self.both(new))
        elif new.due != old.due:
            yield self.line("moved", step.at, event=event, **self.both(new))

    def parts(self, bits: int, step: Step) -> Iterator[Line]:
        """One of several events that are all owed."""
        wanted = self.field(at.OWES_PARTS)
        if bits & wanted and self.rule.ends:
            self.seen |= bits & wanted
            wants = lacking(wanted, self.seen, all_parts(self.rule.ends))
            yield self.line("part", step.at, event=self.told.name(step.row), wants=wants)

    def ignored(self, new: Row, step: Step, bits: int) -> Iterator[Line]:
        if bits & at.START and self.rule.every is None and step.row > new.row:
            yield self.line("ignored", step.at, event=self.told.name(step.row))


def became(row: Row, when: int) -> Iterator[str]:
    """What can have become of a row at an instant."""
    if row.due == when:
        yield "missed"
    if row.done == when:
        yield from ("met", "late")
    elif row.ended == when:
        yield "void"


def lacking(wanted: int, seen: int, patterns: list[Pattern]) -> tuple[str, ...]:
    """The parts that have not come, by their first event; parts have consecutive bits."""
    first = wanted & -wanted
    missing = [p for n, p in enumerate(patterns) if not seen & (first << n)]
    return tuple(names_of(pattern)[0] for pattern in missing)


def moves(told: Told, row: Row) -> list[Line]:
    """Every line about one row's events."""
    return list(Moves(told, row).lines())
