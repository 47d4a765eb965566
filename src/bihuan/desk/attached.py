"""Which files may be put to a case, told by their content: a file that is not what its name says is refused.

The kinds of content come from `puremagic`; what a browser says a file is counts for nothing. A file is handed out as
what was found here, and only ever to be saved.
"""

import io
import zipfile
from math import ceil
from pathlib import PurePath

import puremagic

from bihuan.desk.errors import RefusedError

MIB = 1024 * 1024
MOST = 20 * MIB
LONGEST = 200  # characters of a name
OFFICE = "application/vnd.openxmlformats-officedocument"

#: Endings that are taken, what a file of them is handed out as, and what its content may be identified as.
KINDS: dict[str, tuple[str, frozenset[str]]] = {
    ".jpg": ("image/jpeg", frozenset((".jpg", ".jpeg", ".jfif", ".jpe"))),
    ".jpeg": ("image/jpeg", frozenset((".jpg", ".jpeg", ".jfif", ".jpe"))),
    ".png": ("image/png", frozenset((".png",))),
    ".gif": ("image/gif", frozenset((".gif",))),
    ".webp": ("image/webp", frozenset((".webp",))),
    ".pdf": ("application/pdf", frozenset((".pdf",))),
    ".docx": (f"{OFFICE}.wordprocessingml.document", frozenset((".docx",))),
    ".xlsx": (f"{OFFICE}.spreadsheetml.sheet", frozenset((".xlsx",))),
    ".pptx": (f"{OFFICE}.presentationml.presentation", frozenset((".pptx",))),
    ".doc": ("application/msword", frozenset((".doc",))),
    ".xls": ("application/vnd.ms-excel", frozenset((".doc", ".xls"))),
    ".mp3": ("audio/mpeg", frozenset((".mp3", ".mpga"))),
    ".wav": ("audio/wav", frozenset((".wav",))),
    ".amr": ("audio/amr", frozenset((".amr",))),
    ".m4a": ("audio/mp4", frozenset((".m4a", ".mp4"))),
    ".mp4": ("video/mp4", frozenset((".mp4", ".m4v"))),
}
TEXTS = {".txt": "text/plain; charset=utf-8", ".csv": "text/csv; charset=utf-8"}
PARTS = {".docx": "word/", ".xlsx": "xl/", ".pptx": "ppt/"}  # what tells one Office archive from another


def checked(name: str, content: bytes) -> str:
    """The media type of a file that may be put to a case, or why it may not."""
    ending = PurePath(name).suffix.lower()
    if not name.strip() or len(name) > LONGEST or "\0" in name:
        raise RefusedError(f"the name of a file has 1 to {LONGEST} characters")
    if not content:
        raise RefusedError(f"{name} is empty", file=name)
    if len(content) > MOST:
        raise RefusedError(
            f"{name} has {ceil(len(content) / MIB * 10) / 10} MB: at most {MOST // MIB} MB are taken"
        )
    if ending in TEXTS:
        return text(name, ending, content)
    if ending not in KINDS:
        raise RefusedError(f"{name}: files of this kind are not taken, only {', '.join((*KINDS, *TEXTS))}")
    found = kinds(content)
    if not found & KINDS[ending][1] or (ending in PARTS and not has_part(content, PARTS[ending])):
        raise RefusedError(f"{name}: its content is not what its name says it is")
    return KINDS[ending][0]


def kinds(content: bytes) -> frozenset[str]:
    """The endings that go with what the first bytes, and some later ones, say."""
    try:
        return frozenset(one.extension for one in puremagic.magic_string(content))
    except puremagic.PureError:
        return frozenset()


def has_part(content: bytes, folder: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.startswith(folder) for name in archive.namelist())
    except zipfile.BadZipFile:
        return False


def text(name: str, ending: str, content: bytes) -> str:
    """Text has no mark of its own: it is what can be read as text."""
    for encoding in ("utf-8", "gb18030"):
        try:
            if "\0" not in content.decode(encoding):
                return TEXTS[ending].replace("utf-8", encoding)
        except UnicodeDecodeError:
            continue
    raise RefusedError(f"{name}: its content is not what its name says it is")


TAKEN = frozenset(
    (*(media for media, _ in KINDS.values()), *(media.split(";")[0] for media in TEXTS.values()))
)


def media_type(held: str) -> str:
    """What a file is handed out as, whatever it was said to be when it came."""
    return held if held.split(";")[0] in TAKEN else "application/octet-stream"
