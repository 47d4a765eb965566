"""Whole frames into tables: COPY on PostgreSQL; on SQLite through a file that Arrow's driver writes.

To hand SQLite one value Python needs up to a microsecond, in which no other thread of it runs. Arrow's driver (a SQLite of its
own, which never opens the desk) lays the frames down in a file beside the desk, and the desk's SQLite copies them from
there, one statement a table. Values are put as the database holds them; triggers and constraints hold as ever.
"""

import secrets
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import adbc_driver_sqlite
import polars as pl
from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement
from django.conf import settings
from django.db import OperationalError, connection

from bihuan.desk import clock
from bihuan.desk.tables import fetch

OWN = "loading-"  # folders beside the desk; files in them are called so too while they are attached
DAY = 86400  # seconds
FEW = 99  # rows, of which some differ where not all are the same
FORGOTTEN = DAY  # after which such a folder belongs to nobody
SIDE_FILE = "page_size=65536", "journal_mode=OFF", "synchronous=OFF"  # what is half written is never read
Tables = Mapping[str, pl.DataFrame]
#: Two portions at once go into different tables: a table's indexes grow at their right edge, where no page is split for nothing.
ONE_AT_A_TIME: Mapping[str, Lock] = defaultdict(Lock)


@dataclass(frozen=True)
class Packed:
    """Rows of new cases by table, the cases first. `case` is the place of each row's case, which has no id yet."""

    frames: Tables  # on SQLite without rows: those are in the file, save for columns of one value
    file: Path | None = None
    constant: Mapping[str, dict[str, Any]] = field(default_factory=dict)  # by table, of columns of one value


def packed(frames: Tables, folder: Path | None) -> Packed:
    """Frames ready to be put. No question is put to the database."""
    if folder is None:
        return Packed(frames)
    file = folder / f"{OWN}{secrets.token_hex(8)}"
    constant = {table: of_one_value(frame) for table, frame in frames.items()}
    rest = {table: frame.drop(constant[table]) for table, frame in frames.items()}
    lay(rest, file)
    return Packed({table: frame.clear() for table, frame in rest.items()}, file, constant)


def of_one_value(frame: pl.DataFrame) -> dict[str, Any]:
    """The columns that say the same in every row, and what: a third of them, which need not be laid down."""
    return {
        name: column[0]
        for name, column in frame.to_dict().items()
        if name != "case" and len(column) and all_same(column.head(FEW)) and all_same(column)
    }


def all_same(column: pl.Series) -> bool:
    return bool(column.eq_missing(column[0]).all())


def lay(frames: Tables, file: Path) -> None:
    with (
        AdbcDatabase(driver=adbc_driver_sqlite._driver_path(), uri=str(file)) as base,
        AdbcConnection(base) as desk,
    ):
        for pragma in SIDE_FILE:
            with AdbcStatement(desk) as statement:
                statement.set_sql_query(f"PRAGMA {pragma}")
                statement.execute_update()
        desk.set_autocommit(False)
        for table, frame in frames.items():
            with AdbcStatement(desk) as statement:
                statement.set_options(**{"adbc.ingest.target_table": table})
                statement.bind_stream(frame.cast({pl.Null: pl.String}))
                statement.execute_update()
        desk.commit()


def put(made: Packed, ids: pl.Series) -> None:
    """The rows of cases which get these ids; on SQLite they follow each other."""
    beside = f'"{made.file.name}"' if made.file else ""
    if made.file:
        fetch(f"ATTACH %s AS {beside}", str(made.file))
    for table, frame in made.frames.items():
        id = "id" if table == "desk_case" else "case_id"
        if made.file is None:
            copy(table, frame.select(ids.gather(frame["case"]).alias(id), pl.exclude("case")))
            continue
        laid, once = quoted(frame.drop("case").columns), made.constant[table]
        said = ", ".join([f'"case" + {ids[0]}', *laid, *("%s" for _ in once)])
        into = ", ".join([id, *laid, *quoted(once)])
        fetch(f"INSERT INTO {table} ({into}) SELECT {said} FROM {beside}.{table}", *once.values())


def quoted(names: Iterable[str]) -> list[str]:
    return [connection.ops.quote_name(name) for name in names]


def copy(table: str, frame: pl.DataFrame) -> None:
    """The columns that say nothing are empty without being told."""
    if frame.is_empty():
        return
    frame = frame.select(one for one in frame.get_columns() if one.null_count() < len(one))
    names, rows = ", ".join(quoted(frame.columns)), BytesIO()
    frame.write_csv(rows, include_header=False)
    with (
        ONE_AT_A_TIME[table],
        connection.cursor() as cursor,
        connection.wrap_database_errors,  # Django's cursor does so for statements, not for what they go on to read
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as into,
    ):
        into.write(rows.getbuffer())


@contextmanager
def folder_beside() -> Iterator[Path | None]:
    """Where SQLite's files lie for as long as they are wanted. What a process that was killed left there goes."""
    if connection.vendor != "sqlite":
        yield None
        return
    for old in settings.HOME.glob(f"{OWN}*"):
        if old.stat().st_mtime < clock.seconds(clock.now()) - FORGOTTEN:
            shutil.rmtree(old, ignore_errors=True)
    with TemporaryDirectory(prefix=OWN, dir=settings.HOME) as folder:
        yield Path(folder)


def let_go() -> None:
    """Part from files that were put; one that a transaction around this still reads stays."""
    for _, name, file in fetch("PRAGMA database_list") if connection.vendor == "sqlite" else ():
        if name.startswith(OWN):
            with suppress(OperationalError):
                fetch(f'DETACH "{name}"')
                Path(file).unlink(missing_ok=True)


def instants(column: pl.Series) -> pl.Series:
    """Instants, as seconds or with a zone, as the database writes them: each day and each second of a day once."""
    seconds = column.dt.epoch("s") if column.dtype.is_temporal() else column.cast(pl.Int64)
    day, suffix = seconds // DAY, "+00" if connection.vendor == "postgresql" else ""
    told = day.drop_nulls().to_numpy()
    first, last = (int(told.min()), int(told.max())) if len(told) else (0, 0)
    days = pl.from_epoch(pl.int_range(first, last + 1, eager=True), "d").dt.strftime("%Y-%m-%d")
    texts: pl.Series = days.gather(day - first) + clocks(suffix).gather(seconds % DAY)
    return texts.alias(column.name)


@lru_cache(maxsize=2)
def clocks(suffix: str) -> pl.Series:
    return pl.from_epoch(pl.int_range(DAY, eager=True), "s").dt.strftime(f" %H:%M:%S{suffix}")
