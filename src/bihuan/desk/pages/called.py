"""What became of the calls of a callback, in words: tried how often, when last and how, when next, verdict and points.

All of it is the engine's; of what is no callback there is nothing to say.
"""

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from bihuan import spoken
from bihuan.desk.models import Obligation
from bihuan.engine.policy import Policy
from bihuan.i18n import _


def called(policy: Policy, row: Obligation) -> list[str]:
    return list(said(policy, row)) if row.kind == "callback" else []


def said(policy: Policy, row: Obligation) -> Iterator[str]:
    if row.attempts and row.last_attempt_at is not None:
        how = f" ({leaf(policy, 'method', row.last_method)})" if row.last_method else ""
        yield (
            _("calls made: {n}, the last {when}").format(n=row.attempts, when=local(row.last_attempt_at))
            + how
        )
    if row.next_at is not None:
        yield _("next: {when}").format(when=local(row.next_at))
    if row.verdict:
        yield leaf(policy, "verdict", row.verdict)
    if row.points is not None:
        yield _("{points} points").format(points=f"{row.points:g}")


def local(at: dt.datetime) -> str:
    return spoken.brief(timezone.localtime(at))


def leaf(policy: Policy, fact: str, value: str) -> str:
    """A choice by its label."""
    known = policy.facts.get(fact)
    return known.leaves.get(value, value) if known is not None else value
