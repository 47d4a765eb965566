"""The desk as a whole: searched, verified, moved in from logs, taken out as logs; and the question after one complaint."""

import datetime as dt
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Annotated, Any

from django.http import FileResponse, HttpRequest
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile

import bihuan
from bihuan.desk import access, actions, queries, search, sight
from bihuan.desk.api import told
from bihuan.desk.api.routes import Key, carried_out, read, write
from bihuan.desk.api.tokens import Bearer, asker
from bihuan.desk.api.types import Id, Size, Word
from bihuan.desk.export import export
from bihuan.desk.models import Seal
from bihuan.desk.office import policy_of
from bihuan.desk.patience import PATIENCE
from bihuan.desk.verify import destructions, noted, verify
from bihuan.engine.errors import LogError

router = Router(tags=["desk"])
Kept = Annotated[list[Word], Query()]
KINDS = (".csv", ".jsonl", ".parquet", ".xlsx", ".xes")
ZIP = {
    "description": "The logs",
    "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
}


class Hit(Schema):
    """A case that was found, and where in it."""

    case: told.CaseLine
    places: list[tuple[str, str]]


class Hits(Schema):
    rows: list[Hit]
    after: int | None


class Misfit(Schema):
    """The first place of a chain that does not fit."""

    chain: str
    place: int
    event: str
    why: str


class Destroyed(Schema):
    """An archive that is gone, under which entry, who asked for it and who approved it."""

    case: str
    entry: int
    at: dt.datetime
    by: str
    approved_by: str | None
    reason: str | None


class Verified(Schema):
    """What was looked at, and what does not fit."""

    whole: bool
    cases: int
    events: int
    entries: int
    seals: int
    files: int
    last_seal: str
    misfits: list[Misfit]
    destroyed: list[Destroyed]


class SealTold(Schema):
    """A day's seal: to be kept elsewhere, so that who rewrites the record is found out."""

    day: dt.date
    cases: int
    root: str
    hash: str
    previous: str
    made_at: dt.datetime


class Loaded(Schema):
    """What came onto the desk, and which cases did not, each with its reason; rows that the log itself left out."""

    cases: int
    events: int
    left_out: dict[str, str]
    excluded: int


@read(router, "/search", Hits)
def find_cases(request: HttpRequest, q: Word, after: Id | None = None, size: Size = search.SIZE) -> Any:
    """Cases that say all the words, two characters and up, among those that the asker may see."""
    person = asker(request)
    found = search.find(person, q, after=after, size=size)
    held = sight.offices(person)
    rows = [{"case": told.line(one.case, held), "places": one.places} for one in found.rows]
    return {"rows": rows, "after": found.after}


@read(router, "/verify", Verified)
def get_verified(request: HttpRequest, seal: Kept = []) -> Any:  # noqa: B006
    """Recompute every hash of the record and of its files. For administrators: it reads everything. `seal`: seals as they were
    noted elsewhere, `2026-11-22=3f0c…`, which must be there.
    """
    access.to_administer(asker(request))
    with PATIENCE.endless():
        report = verify(dict(map(noted, seal)))
        destroyed = list(destructions(report))
    return asdict(report) | {"whole": report.whole, "destroyed": destroyed}


@read(router, "/seals", list[SealTold])
def list_seals(request: HttpRequest) -> Any:
    """The daily seals."""
    rows = Seal.objects.order_by("day")
    return [{name: getattr(one, name) for name in SealTold.model_fields} for one in rows]


@write(router, "/loads", Loaded, scope="admin")
def load_log(
    request: HttpRequest,
    policy: Word = Form(...),  # type: ignore[type-arg]  # noqa: B008
    log: UploadedFile = File(...),  # type: ignore[type-arg]  # noqa: B008
    mapping: UploadedFile | None = File(None),  # type: ignore[type-arg]  # noqa: B008
    key: Key = None,
) -> Any:
    """Bring the cases of a log of another system onto the desk as they were (docs/logs.md)."""
    person = access.to_administer(asker(request))
    text = policy_of(queries.edition_in_force(policy).hash)
    with tempfile.TemporaryDirectory(prefix="bihuan-load-") as folder:
        place = laid_down(Path(folder), "log", log)
        columns = laid_down(Path(folder), "mapping", mapping) if mapping else None
        asked = {"policy": policy, "sizes": [place.stat().st_size, columns.stat().st_size if columns else 0]}
        found = bihuan.read_log(
            str(place), str(columns) if columns else None, zone=text.header.zone,
            known_events=text.event_labels, starts=text.header.starts,
        )  # fmt: skip

        def act() -> dict[str, Any]:
            done = actions.load(found, text.id, by=person, source=(log.name or "")[:200])
            return asdict(done) | {"excluded": found.excluded.height}

        with PATIENCE.endless():
            return carried_out(request, key, asked, act)


def laid_down(folder: Path, name: str, file: UploadedFile) -> Path:
    """A file as the reader of logs reads it; only its ending is taken from outside."""
    ending = PurePath(file.name or "").suffix.lower()
    if ending not in (*KINDS, ".toml"):
        raise LogError(f"{file.name}: expected a log as {', '.join(KINDS)}")
    place = folder / f"{name}{ending}"
    with place.open("wb") as out:
        shutil.copyfileobj(file, out)
    return place


@router.post(
    "/exports",
    auth=Bearer("admin"),
    response={200: None},
    openapi_extra={"responses": {200: ZIP}},
)
def export_desk(request: HttpRequest) -> Any:
    """The whole desk as logs that `bihuan replay` judges to the same result, in one archive. It is logged who took it."""
    person = access.to_administer(asker(request))
    actions.log_export(by=person)
    out = tempfile.TemporaryFile(prefix="bihuan-export-")  # noqa: SIM115 - closed by the answer
    with tempfile.TemporaryDirectory(prefix="bihuan-export-") as folder:
        with PATIENCE.endless():
            export(Path(folder) / "logs")
        (Path(folder) / "logs").mkdir(exist_ok=True)
        made = shutil.make_archive(str(Path(folder) / "logs"), "zip", Path(folder) / "logs")
        with Path(made).open("rb") as archive:
            shutil.copyfileobj(archive, out)
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename="logs.zip", content_type="application/zip")
