"""A log larger than memory judged portion by portion: whole cases first, then the subjects of rules `across` cases.

Only one portion is held at a time; what the subjects are to see waits on disk. `replay` of the whole log says the same.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bihuan.engine.calendar import Calendar
from bihuan.engine.derived import shown
from bihuan.engine.drawing import strata
from bihuan.engine.log import arrange
from bihuan.engine.merging import refuse_portions
from bihuan.engine.outcome import Outcome
from bihuan.engine.parameters import Parameters, parameter_values
from bihuan.engine.policy import Policy
from bihuan.engine.portions import Judge, draws, entries, replay_cases, replay_subjects
from bihuan.engine.replay import last_event
from bihuan.engine.site import Site
from bihuan.files.mapping import Mapping as LogMapping
from bihuan.files.partition import CHUNK, Parts, parted
from bihuan.files.spool import Spool

#: Told what is being done, and how many of how many rows or subjects are done.
Tell = Callable[[str, int, int | None], None]


def iter_outcomes(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    path: str | Path,
    mapping: str | Path | LogMapping | None = None,
    *,
    as_of: int | None = None,
    registers: Site | None = None,
    parameters: Parameters | None = None,
    facts: str | Path | None = None,
    chunk: int = CHUNK,
    progress: Tell | None = None,
) -> Iterator[Outcome]:
    """The outcome of a log in portions of about `chunk` rows; `replay` says what the rest means.

    Each portion has its own summary; `total` adds them up. Where `as_of` is not given, the log is read once more
    beforehand, to find its last event.
    """
    tell = progress or silent
    refuse_portions(policy, parameters or parameter_values(policy))
    reading = reading_of(policy, facts) | {"chunk": chunk}
    with (
        parted(path, mapping, **reading, progress=lambda doing, rows: tell(doing, rows, None)) as parts,
        tempfile.TemporaryDirectory(prefix="bihuan-") as folder,
    ):
        end = last_of(policy, parts, tell) if as_of is None else as_of
        judging = Judge(policy, calendars, end, registers, parameters)
        spool = Spool(Path(folder), max(1, -(-parts.rows // chunk)))
        yield from of_cases(judging, parts, spool, tell)
        for subject in judging.subjects:
            yield from of_subjects(judging, subject, spool, tell)


def silent(doing: str, done: int, of: int | None) -> None:
    """Nobody wants to know."""


def reading_of(policy: Policy, facts: str | Path | None) -> dict[str, Any]:
    """How a log is read to be judged under this policy."""
    return {
        "zone": policy.header.zone,
        "known_events": policy.event_labels,
        "starts": policy.header.starts,
        "part_of": [fact for fact, _ in shown(policy)],
        "facts": facts,
    }


def last_of(policy: Policy, parts: Parts, tell: Tell = silent) -> int:
    """The last event of the log, as `replay` finds it: among events that are judged."""
    last, done = 0, 0
    for log in parts.logs():
        last, done = max(last, last_event(arrange(log, policy.header.starts))), done + log.read
        tell("looking for the last event", done, parts.rows)
    return last


def of_cases(judging: Judge, parts: Parts, spool: Spool, tell: Tell) -> Iterator[Outcome]:
    done, drawn = 0, draws(judging, parts.logs())
    for log in parts.logs():
        outcome, subjects = replay_cases(judging, log, drawn)
        if not done and drawn is not None and drawn.height:
            outcome.summary["draws"] = strata(drawn).to_dicts()
        for subject, events in subjects.items():
            spool.add(subject, events, events["case"])
        done += outcome.summary["log"]["events"]
        yield outcome
        tell("judging", done, None)


def of_subjects(judging: Judge, subject: str, spool: Spool, tell: Tell) -> Iterator[Outcome]:
    register = entries(judging, subject)
    places = spool.part_of(register["case"])
    parts = sorted({*spool.filled(subject), *places})
    for done, part in enumerate(parts, 1):
        events = spool.table(subject, part)
        if events is not None:
            yield replay_subjects(judging, subject, events, register.filter(places == part))
        tell(f"judging: {subject}", done, len(parts))
