"""From the options of a judging command to an outcome: read the policy, the site and the log, then replay.

Progress goes to standard error, and only where somebody watches.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan import memory
from bihuan.cli.options import instant_of, settings_of
from bihuan.i18n import _

if TYPE_CHECKING:
    from bihuan.engine.log import Log
    from bihuan.engine.outcome import Outcome
    from bihuan.engine.policy import Policy
    from bihuan.engine.site import Site


@dataclass(frozen=True)
class Case:
    """What is judged, by what: the edition read last, and all that are in force on some day."""

    policy: "Policy"
    log: "Log"
    site: "Site | None"
    as_of: int | None
    editions: "tuple[Policy, ...]"


def read(log: str, *, mapping: str | None, **options: Any) -> Case:
    """Everything that was named, read."""
    with progress(_("reading")):
        policy, office, end, editions = named(**options)
        zone, starts = policy.header.zone, policy.header.starts
        found = bihuan.read_log(log, mapping, zone=zone, known_events=policy.event_labels, starts=starts)
        return Case(policy, found, office, end, editions)


def named(
    policy: str, *, draft: bool, site: str | None, as_of: str | None
) -> "tuple[Policy, Site | None, int | None, tuple[Policy, ...]]":
    """What was named beside the log, read; last, the editions that are in force on some day."""
    memory.reuse()
    editions = bihuan.read_editions(policy)
    edition = bihuan.newest(editions, draft=draft)
    office = bihuan.read_site(site) if site else None
    end = instant_of(as_of, edition.header.zone) if as_of else None
    return edition, office, end, in_force(editions, edition)


def in_force(editions: "tuple[Policy, ...]", policy: "Policy") -> "tuple[Policy, ...]":
    """The editions among which the day of a case chooses; the one alone that was named or is a draft."""
    held = tuple(each for each in editions if each.header.status == "in force")
    return held if len(held) > 1 and any(each is policy for each in held) else (policy,)


def judged(log: str, *, settings: Sequence[str], **options: Any) -> "tuple[Case, Outcome]":
    """What was read, and the outcome."""
    case = read(log, **options)
    return case, replayed(case, settings_of(settings))


def replayed(case: Case, settings: Mapping[str, Any]) -> "Outcome":
    """The outcome under the case's policy, every case under the edition of its day."""
    with progress(_("judging")):
        listen()
        return bihuan.replay_editions(*by_edition(case, settings))


def by_edition(case: Case, settings: Mapping[str, Any]) -> tuple[Any, ...]:
    """What is given to whatever judges every case under the edition of its day."""
    calendars = bihuan.read_calendars(notices(case.site))
    return case.editions, calendars, case.log, case.as_of, case.site, values_of(case, settings)


def listen() -> None:
    """Keep compiled code between runs, and say why a large log takes seconds longer."""
    from bihuan.engine import compiled
    from bihuan.files.kept import CompiledCode

    said = {
        "compiling": _("compiling, which takes some seconds the first time"),
        "no compiler": _("no compiler is installed, so a large log takes longer: pip install 'bihuan[fast]'"),
    }
    compiled.KEEPERS[:] = [CompiledCode()]
    compiled.TOLD[:] = [lambda what: click.echo(said[what], err=True)]


def given(case: Case, settings: Mapping[str, Any]) -> tuple[Any, ...]:
    """What is given to whatever judges by one edition."""
    calendars = bihuan.read_calendars(notices(case.site))
    parameters = bihuan.parameter_values(case.policy, values_of(case, settings))
    return case.policy, calendars, case.log, case.as_of, case.site, parameters


def values_of(case: Case, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in force; one of the call goes before one of the site."""
    return {**(case.site.parameters if case.site else {}), **settings}


def notices(site: "Site | None") -> tuple[str, ...]:
    """The calendar files of a site."""
    return site.notices if site else ()


@contextmanager
def progress(doing: str) -> Iterator[None]:
    """Say on standard error what is being done, while it is being done."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{doing} …"):
        yield
