"""The whole desk in one file, and out of it again: database, attachments, secret key, and a digest of each.

Taken while people work: SQLite hands out a consistent copy of itself, PostgreSQL one snapshot of all tables. Files are
named by their content and written before the record speaks of them, so that those copied afterwards are all there.
"""

import datetime as dt
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from bihuan import __version__
from bihuan.desk import tables_copied
from bihuan.engine.errors import BihuanError

FORM = 1
MANIFEST, DATABASE, TABLES, KEY = "manifest.json", "desk.sqlite3", "tables", "secret.key"


class BackupError(BihuanError):
    """A backup that cannot be taken or brought back."""


# --- taking ---


def backup(target: Path, at: dt.datetime) -> dict[str, Any]:
    """Write everything into one file; its manifest. The file appears when it is whole."""
    if target.exists():
        raise BackupError("there is a file already: name another", file=str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
            manifest = packed(beside, Path(folder), at)
        os.chmod(beside, 0o600)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return manifest


def packed(beside: Path, folder: Path, at: dt.datetime) -> dict[str, Any]:
    digests: dict[str, str] = {}
    with beside.open("wb") as out:
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6, format=tarfile.PAX_FORMAT) as tar:
            for name, path in contents(folder):
                digests[name] = digest_of(path)
                tar.add(path, name, recursive=False)
            manifest = {
                "form": FORM,
                "bihuan": __version__,
                "made_at": at.isoformat(),
                "database": connection.vendor,
                "migrations": migrations(),
                "files": digests,
            }
            written(tar, MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
        out.flush()
        os.fsync(out.fileno())
    return manifest


def contents(folder: Path) -> Iterator[tuple[str, Path]]:
    """The database first: files that the record speaks of are there by then."""
    if connection.vendor == "sqlite":
        yield DATABASE, copied(folder / DATABASE)
    else:
        for name, path in tables_copied.taken(folder):
            yield f"{TABLES}/{name}", path
    if settings.KEY.exists():
        yield KEY, settings.KEY
    held = settings.HOME / "attachments"
    for path in sorted(held.rglob("*")) if held.exists() else []:
        if path.is_file() and path.suffix != ".new":
            yield f"attachments/{path.relative_to(held).as_posix()}", path


def copied(path: Path) -> Path:
    """SQLite's own copy, in one go: writers wait meanwhile at most as long as for one another."""
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    return path


def migrations() -> dict[str, str]:
    """The last migration of each part, by name."""
    applied = MigrationRecorder(connection).applied_migrations()
    return {
        app: max(name for one, name in applied if one == app) for app in sorted({app for app, _ in applied})
    }


def written(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mode = len(content), 0o600
    tar.addfile(about, io.BytesIO(content))


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- bringing back ---


def laid_out(tar: tarfile.TarFile, folder: Path) -> None:
    """Files alone, and none beside the folder. Python extracts safely only from 3.11.4 on; Debian 12 has 3.11.2."""
    for member in tar:
        path = (folder / member.name).resolve()
        content = tar.extractfile(member) if member.isfile() else None
        if content is None or not path.is_relative_to(folder.resolve()):
            raise tarfile.ExtractError(f"{member.name} is no file of a backup")
        path.parent.mkdir(parents=True, exist_ok=True)
        with content, path.open("wb") as out:
            shutil.copyfileobj(content, out)
        path.chmod(0o600)


def unpacked(source: Path, folder: Path) -> dict[str, Any]:
    """The content of a backup in a folder, every digest checked; its manifest."""
    try:
        with tarfile.open(source, "r:gz") as tar:
            laid_out(tar, folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BackupError(f"this is no whole backup: {error}", file=str(source)) from None
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        files, form = manifest["files"], manifest["form"]
    except (OSError, ValueError, KeyError):
        raise BackupError("this is no whole backup: it has no manifest", file=str(source)) from None
    if form != FORM:
        raise BackupError(f"the backup is of form {form}, expected {FORM}", file=str(source))
    for name, digest in files.items():
        path = folder / name
        if not path.is_file() or digest_of(path) != digest:
            raise BackupError(f"{name} is not what was backed up", file=str(source))
    return manifest


def put_files(folder: Path, home: Path) -> None:
    """The key and the attachments into the folder of the desk."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / KEY).exists():
        place(folder / KEY, home / KEY)
    held = folder / "attachments"
    for path in sorted(held.rglob("*")) if held.exists() else []:
        if path.is_file():
            place(path, home / "attachments" / path.relative_to(held))


def place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)
    target.chmod(0o600)


def put_database(folder: Path, manifest: dict[str, Any]) -> None:
    """The rows into a database that has nothing, which then is brought up to this version."""
    if connection.vendor != manifest["database"]:
        raise BackupError(
            f"the backup is of {manifest['database']}, this desk is on {connection.vendor}: "
            "restore it there, or use bihuan export and bihuan load"
        )
    if connection.vendor == "sqlite":
        connection.close()
        place(folder / DATABASE, Path(connection.settings_dict["NAME"]))
    else:
        for app, name in manifest["migrations"].items():
            call_command("migrate", app, name, verbosity=0, interactive=False)
        tables_copied.given_back(folder / TABLES)
    call_command("migrate", verbosity=0, interactive=False)


def set_aside(home: Path, at: dt.datetime) -> Path | None:
    """What is in the folder of the desk goes beside it: nothing is thrown away."""
    if not home.exists() or not any(home.iterdir()):
        return None
    beside = home.with_name(f"{home.name}.before-{at:%Y%m%d-%H%M%S}")
    home.rename(beside)
    return beside
