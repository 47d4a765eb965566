"""Bytes of text files: opened, unpacked, and decoded to UTF-8 from UTF-8, GB18030 or UTF-16.

Tries UTF-8 strictly, then GB18030. A file that is neither throughout is read in whichever fits more of its
lines, and what does not fit becomes U+FFFD, so that the reader can name row and column. Knows no format.
"""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from bihuan.engine.errors import LogError

BLOCK = 1 << 22
GZIP = b"\x1f\x8b"
UNREADABLE = "\ufffd"


@dataclass(frozen=True)
class Encoding:
    name: str
    lossy: bool = False  # some bytes are not of this encoding


def opened(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked if it is gzipped (by content, not by name)."""
    try:
        if path.is_dir():
            raise LogError("this is a folder; name one file in it", file=str(path))
        with path.open("rb") as plain:
            packed = plain.read(2) == GZIP
        return cast(IO[bytes], gzip.open(path)) if packed else path.open("rb")
    except FileNotFoundError:
        raise LogError("there is no such file", file=str(path)) from None
    except OSError as error:
        raise LogError(f"the file cannot be opened: {error.strerror}", file=str(path)) from None


def blocks(path: Path, size: int = BLOCK) -> Iterator[bytes]:
    with opened(path) as stream:
        while block := _read(stream, size, path):
            yield block


def _read(stream: IO[bytes], size: int, path: Path) -> bytes:
    try:
        return stream.read(size)
    except (EOFError, zlib.error, OSError) as error:
        raise LogError(
            f"the file breaks off or is damaged ({error}); export it again", file=str(path)
        ) from None


def encoding_of(path: Path) -> Encoding:
    """How the file is to be decoded."""
    start = next(blocks(path, 4), b"")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16", not _decodes(path, "utf-16"))
    if _decodes(path, "utf-8"):
        return Encoding("utf-8-sig")
    # UTF-8 with a broken line may by chance be valid GB18030; text in GB18030 is hardly ever valid UTF-8.
    if _mostly_utf8(path):
        return Encoding("utf-8-sig", lossy=True)
    return Encoding("gb18030", not _decodes(path, "gb18030"))


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for block in blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(path: Path) -> bool:
    good = bad = 0
    with opened(path) as stream:
        for line in stream:
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return good >= bad


def utf8_blocks(path: Path, encoding: Encoding, size: int = BLOCK) -> Iterator[bytes]:
    """The file's text as UTF-8 without a byte order mark, which GB18030 may have too."""
    packed = blocks(path, size)
    parts = packed if encoding == Encoding("utf-8-sig") else _recoded(packed, encoding)
    yield next(parts, b"").removeprefix(codecs.BOM_UTF8)
    yield from parts


def _recoded(parts: Iterator[bytes], encoding: Encoding) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding.name)(errors="replace")
    for block in parts:
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()
