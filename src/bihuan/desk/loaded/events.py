"""The events of a portion as rows of the record, in the chains of their cases.

What `actions.chain` does for one event is done here for all of them, to the same hashes (a test reads them with `verify`).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from bihuan.desk.actions.chain import genesis, plain
from bihuan.desk.loaded.columns import Told, all_told, objects, quoted
from bihuan.desk.record import canonical
from bihuan.engine.corrections import CORRECTION
from bihuan.engine.draw import digests
from bihuan.engine.log import COLUMNS, Log


@dataclass(frozen=True)
class Brought:
    """What all events of a portion share: from where, by whom, under which edition, recorded when."""

    source: str
    by: str
    edition: str
    edition_id: int
    recorded: int

    @property
    def meta(self) -> dict[str, str]:
        return {"import": self.source, "entered_by": self.by}


def event_rows(log: Log, carried: Mapping[str, Told], numbers: pl.Series, brought: Brought) -> pl.DataFrame:
    """The rows in the order of the cases, which `case` counts from 0; what a correction replaced follows as notes."""
    rows = stated(log, carried, brought)
    old = superseded(log, numbers)
    if old.height:
        rows = pl.concat([rows, old], how="diagonal_relaxed").sort("case", maintain_order=True)
    seq = pl.int_range(1, pl.len() + 1).over("case")
    rows = rows.with_columns(
        seq.alias("seq"),
        pl.when(seq == 1).then(pl.lit(brought.edition)).otherwise(pl.lit("")).alias("edition"),
        recorded_at=pl.lit(brought.recorded),
        salt=salts(rows.height),
    )
    rows = rows.with_columns(digest=digests(rows["salt"] + "\n" + content(rows)))
    return rows.with_columns(hash=chained(rows, numbers))


def facts_told(log: Log) -> dict[str, Told]:
    """The facts that events carry."""
    events = log.events
    return all_told(events, (one for one in events.columns if one not in COLUMNS and one not in CORRECTION))


def stated(log: Log, carried: Mapping[str, Told], brought: Brought) -> pl.DataFrame:
    """What the log says of each event."""
    events = log.events
    case = places(events["case"])
    return pl.DataFrame(
        {
            "case": case,
            "kind": pl.repeat("event", events.height, eager=True),
            "event": events["event"].cast(pl.String),
            "at": events["at"],
            "whole_day": events["whole_day"],
            "actor": events["actor"].cast(pl.String),
            "unit": events["unit"].cast(pl.String),
            "facts": objects(carried, events.height),
            "given": given(log, case),
            "meta": metas(events["recorded_at"], brought),
        }
    )


def places(case: pl.Series) -> pl.Series:
    """Of each row of an arranged log the place of its case among the cases."""
    return case.rle_id().cast(pl.Int64).alias("case")


def given(log: Log, case: pl.Series) -> pl.Series:
    """What was given with a case, at its first event."""
    names = [name for name in log.facts.columns if name != "case"]
    if not names:
        return pl.Series([None] * len(case), dtype=pl.String)
    known = pl.DataFrame(
        {
            "name": log.facts["case"].cast(pl.String),
            "given": objects(all_told(log.facts, names), log.facts.height),
        }
    )
    begins = case.is_first_distinct()
    asked = pl.DataFrame({"name": log.events["case"].cast(pl.String).set(~begins, None)})
    return asked.join(known, on="name", how="left", maintain_order="left")["given"]


def metas(recorded: pl.Series, brought: Brought) -> pl.Series:
    """How each event came here; when the other system recorded it, where it said."""
    head, tail = canonical(brought.meta | {"recorded_at": 0}).split('"recorded_at":0')
    told = f'{head}"recorded_at":' + recorded.cast(pl.String) + tail
    return told.fill_null(canonical(brought.meta))


def superseded(log: Log, numbers: pl.Series) -> pl.DataFrame:
    """Events that a correction of the other system replaced."""
    place = {number: n for n, number in enumerate(numbers.to_list())}
    found = []
    for row in log.superseded.to_dicts() if log.superseded.height else ():
        told = {name: value for name, value in row.items() if name not in ("case", "file", "line")}
        about = {"case": place.get(str(row["case"])), "at": row["at"], "meta": canonical(plain(told))}
        found += [about] if about["case"] is not None else []
    schema = {"case": pl.Int64, "at": pl.Int64, "meta": pl.String}
    note = [
        pl.lit("note").alias("kind"),
        pl.lit("superseded").alias("event"),
        pl.lit(False).alias("whole_day"),
    ]
    return pl.DataFrame(found, schema=schema).with_columns(note)


# --- hashes ---


def salts(count: int) -> pl.Series:
    return pl.Series([secrets.token_bytes(16 * count).hex("\n", 16)]).str.split("\n").explode()


def content(rows: pl.DataFrame) -> pl.Series:
    """`Event.content` as canonical text."""
    text = pl.concat_str(
        '"actor":' + quoted(rows["actor"]), *(f'"{name}":' + rows[name] for name in ("facts", "given", "meta")),
        '"unit":' + quoted(rows["unit"]), separator=",", ignore_nulls=True,
    )  # fmt: skip
    return pl.select("{" + text + "}").to_series()


def chained(rows: pl.DataFrame, numbers: pl.Series) -> pl.Series:
    """The hash of each event: of the one before in its case, and of `Event.stated`. All first ones at once, and so on."""
    number, whole_day = quoted(numbers).gather(rows["case"]), rows["whole_day"].cast(pl.String)
    stated = pl.format(
        '\n[{},{},"{}",{},{},{},{},"{}","{}"]', number, "seq", "kind", quoted(rows["event"]), "at", whole_day,
        "recorded_at", "edition", "digest",
    )  # fmt: skip
    text = rows.select(stated).to_series()
    begins = np.flatnonzero(rows["case"].is_first_distinct().to_numpy())
    length = np.diff(begins, append=len(text))
    order = np.argsort(-length, kind="stable")  # so that those which go on are the first of them
    begins, length = begins[order], length[order]
    before = pl.Series([genesis(number) for number in numbers.to_list()], dtype=pl.String).gather(order)
    links, found = [], []  # the rows, and their hashes
    for seq in range(length.max(initial=0)):
        going = int(np.count_nonzero(length > seq))
        links.append(begins[:going] + seq)
        before = digests(before.head(going) + text.gather(links[-1]))
        found.append(before)
    place = np.empty(len(text), np.int64)
    place[np.concatenate(links)] = np.arange(len(text))
    return pl.concat(found).gather(place)
