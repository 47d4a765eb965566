"""From the options of a judging command to an outcome: read the policy, the site and the log, then replay.

Progress goes to standard error, and only where somebody watches.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bihuan
from bihuan.cli.options import settings_of
from bihuan.i18n import _

if TYPE_CHECKING:
    import polars as pl

    from bihuan.engine.log import Log
    from bihuan.engine.outcome import Outcome
    from bihuan.engine.policy import Policy
    from bihuan.engine.site import Site


@dataclass(frozen=True)
class Case:
    """What is judged, by what."""

    policy: "Policy"
    log: "Log"
    site: "Site | None"
    as_of: int | None

    @property
    def zone(self) -> str:
        """Where the policy's clock stands."""
        return self.policy.header.zone


def read(
    log: str, policy: str, *, draft: bool, mapping: str | None, site: str | None, as_of: str | None
) -> Case:
    """Everything that was named, read."""
    with progress(_("reading")):
        edition = bihuan.read_policy(policy, draft=draft)
        zone = edition.header.zone
        at = bihuan.read_instant(as_of, zone) if as_of else None
        return Case(
            edition, bihuan.read_log(log, mapping, zone=zone), bihuan.read_site(site) if site else None, at
        )


def judged(log: str, *, settings: Sequence[str], **options: Any) -> "tuple[Case, Outcome]":
    """What was read, and the outcome."""
    case = read(log, **options)
    return case, replayed(case, settings)


def replayed(case: Case, settings: Sequence[str]) -> "Outcome":
    """The outcome under the case's policy with these parameters."""
    with progress(_("judging")):
        return bihuan.replay(
            case.policy, case.log, site=case.site, as_of=case.as_of, parameters=settings_of(settings)
        )


def rows_of(table: "pl.DataFrame", zone: str) -> list[dict[str, Any]]:
    """The rows of a table of an outcome, instants in this zone."""
    from bihuan.files.outcomes import dated

    return dated(table, zone).to_dicts()


@contextmanager
def progress(doing: str) -> Iterator[None]:
    """Say on standard error what is being done, while it is being done."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{doing} …"):
        yield
