"""`archives`: what is kept of each case, since when and until when, under the archives a policy declares.

An archive is judged as a window that opens when something is filed and lapses when it need be kept no longer, by the
same fold as everything else. Who may read it, and who lends or destroys it, is known to the desk alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from bihuan.engine.calendar import Calendar
from bihuan.engine.editions import divided, known, part
from bihuan.engine.limit import Name
from bihuan.engine.log import Log
from bihuan.engine.parameters import Parameters, parameter_values
from bihuan.engine.pattern import Pattern
from bihuan.engine.policy import Article, Policy
from bihuan.engine.replay import replay
from bihuan.engine.rules import RULES, Archive, Timed, Window
from bihuan.engine.sampled import remade
from bihuan.engine.site import Site

KEPT, OVER = "kept", "over"
STATES = {"open": KEPT, "lapsed": OVER}
COLUMNS = ("case", "archive", "article", "unit", "filed_at", "keep_until", "state", "note")


def archives(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    site: Site | None = None,
    parameters: Parameters | None = None,
) -> pl.DataFrame:
    """One row for every archive of every case of which something was filed, by case and archive."""
    parameters = parameters or parameter_values(policy)
    outcome = replay(keeping_policy(policy, parameters), calendars, log, as_of, site, parameters)
    names = [rule.id for _, rule in declared(policy)]
    state = pl.col("state").cast(pl.String)
    kept = outcome.obligations.filter(pl.col("rule").cast(pl.String).is_in(names)).select(
        pl.col("case", "rule", "article", "unit").cast(pl.String),
        pl.col("started_at").alias("filed_at"),
        pl.col("due_at").alias("keep_until"),
        state.replace(STATES).alias("state"),
        pl.col("note").cast(pl.String),
    )
    return kept.rename({"rule": "archive"}).select(COLUMNS).sort("case", "archive", "filed_at")


def archives_editions(
    editions: Sequence[Policy],
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    site: Site | None = None,
    settings: Mapping[str, Any] | None = None,
) -> pl.DataFrame:
    """The same, every case under the edition of its day."""
    settings = settings or {}
    if len(editions) == 1:
        return archives(editions[0], calendars, log, as_of, site, parameter_values(editions[0], settings))
    log, as_of, chosen = divided(editions, log, as_of, settings)
    tables = [
        archives(policy, calendars, part(log, chosen, n), as_of, site, parameter_values(policy, known(policy, settings)))
        for n, policy in enumerate(editions)
    ]  # fmt: skip
    return pl.concat(tables).sort("case", "archive", "filed_at")


def declared(policy: Policy) -> Iterator[tuple[Article, Archive]]:
    yield from ((article, rule) for article in policy.article for rule in article.archive)


def keeping_policy(policy: Policy, parameters: Parameters) -> Policy:
    """The policy in which every archive is a window; its other rules only where a step may refuse a filing."""
    whole = any(step.refused for article in policy.article for step in article.step)
    articles = tuple(keeping(article, policy, parameters, whole) for article in policy.article)
    made = remade(policy, articles, {})
    # What ends open duties does not end the keeping of files.
    return made.model_copy(update={"header": policy.header.model_copy(update={"void_by": None})})


def keeping(article: Article, policy: Policy, parameters: Parameters, whole: bool) -> Article:
    windows = tuple(window_of(rule, parameters) for rule in article.archive)
    if not whole:
        return article.model_copy(
            update=dict.fromkeys([kind.kind for kind in RULES], ()) | {"window": windows}
        )
    own = {
        kind.kind: tuple(voided(rule, policy.header.void_by) for rule in getattr(article, kind.kind))
        for kind in RULES
        if issubclass(kind, Timed)
    }
    return article.model_copy(update={**own, "archive": (), "window": (*own["window"], *windows)})


def window_of(rule: Archive, parameters: Parameters) -> Window:
    """What is filed again begins anew (docs/semantics.md#kept)."""
    keep = parameters.of(rule, "keep")
    return Window.model_construct(
        id=rule.id,
        after=rule.after,
        restarted_by=rule.after,
        within=Name(f"{rule.id}.keep") if keep is None else keep,
    )


def voided(rule: Timed, by: Pattern | None) -> Timed:
    """The rule with what ends every duty among what ends it."""
    if by is None:
        return rule
    own = rule.void_by.any if rule.void_by else ()
    return rule.model_copy(update={"void_by": Pattern(any=(*own, *by.any))})
