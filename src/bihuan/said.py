"""Messages of the library in the language in use.

The library raises English. Here a message is recognised by the templates of the catalogue (`no sheet {0!r}; the
sheets are {1}`), and the translated one is filled with the same values; what no template fits stays as it is.
`tools/messages.py` collects the templates from the source. Knows no message by itself.
"""

import gettext
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from bihuan.engine.errors import BihuanError
from bihuan.i18n import CATALOGUES, DOMAIN, _, language

if TYPE_CHECKING:
    from bihuan.engine.finding import Finding

CONTEXT = "message"  # the catalogue keeps templates apart from texts, of which one may be a column's name
FIELD = re.compile(r"\{(\d)(!r)?\}")
QUOTED = (
    r"""(b?'(?:[^'\\]|\\.)*'|b?"(?:[^"\\]|\\.)*"|-?[\w.+-]+(?:\(.*?\))?|[\[{(<].*?)"""  # as repr writes it
)
HINT = "((?:;.*?)?)"  # what directly follows a value: `; did you mean …?`, or nothing
VAGUE = 6  # letters that the template of a mere frame, `{0}: {1}`, has at most
QUOTES_A_PARSER = frozenset({"toml", "encoding"})  # findings whose `found` is a library's message


class Template(NamedTuple):
    """A message with places for values, and its translation."""

    source: str
    pattern: re.Pattern[str]
    quoted: tuple[bool, ...]
    translated: str
    words: tuple[int, int]  # how many letters and signs of its own it has
    frame: bool


def said(message: str) -> str:
    """The message in the language in use.

    >>> from bihuan.i18n import use; use("en"); said("no sheet 'a'; the sheets are b")
    "no sheet 'a'; the sheets are b"
    """
    return translated(message, language())


def error_said(error: BihuanError) -> str:
    """The place and the message of an error."""
    if language() == "en":
        return str(error)
    where = dict(error.where)
    file, line = where.pop("file", None), where.pop("line", None)
    first = str(file) if line is None else _("line {n}").format(n=line) if file is None else f"{file}:{line}"
    place = [first] if file is not None or line is not None else []
    place += [f"{_(key)} {value}" for key, value in where.items()]
    return f"{', '.join(place)}: {said(error.message)}" if place else said(error.message)


def finding_said(finding: "Finding") -> "Finding":
    """A finding; where it quotes a parser, that is translated too."""
    return replace(finding, found=said(finding.found)) if finding.code in QUOTES_A_PARSER else finding


def translated(message: str, lang: str) -> str:
    """Whole, line by line, or part by part."""
    templates = catalogue(lang)
    exact = known(message, lang)
    if exact is not None or not templates:
        return message if exact is None else exact
    if "\n" in message:
        return "\n".join(translated(line, lang) for line in message.split("\n"))
    if "; " in message:
        return "; ".join(by_parts(message.split("; "), lang))
    framed = whole(message, [each for each in templates if each.frame], lang)
    return message if framed is None else framed


def known(message: str, lang: str) -> str | None:
    """A message of its own, with or without a place before it."""
    templates = [each for each in catalogue(lang) if not each.frame]
    exact = whole(message, templates, lang)
    place, colon, rest = message.partition(": ")
    if exact is None and colon and " " not in place and (exact := whole(rest, templates, lang)) is not None:
        return f"{place}: {exact}"
    return exact


def by_parts(parts: list[str], lang: str) -> list[str]:
    """Messages that were joined; one may hold a semicolon itself, so that the longest that is known is taken."""
    found: list[str] = []
    while parts:
        sizes = (
            size for size in range(len(parts), 1, -1) if known("; ".join(parts[:size]), lang) is not None
        )
        size = next(sizes, 1)
        text = "; ".join(parts[:size])
        found.append(known(text, lang) or translated(text, lang))
        parts = parts[size:]
    return found


def whole(message: str, templates: list[Template], lang: str) -> str | None:
    """The message by the first template that it fits."""
    for each in templates:
        if match := each.pattern.fullmatch(message):
            values = zip(match.groups(""), each.quoted, strict=True)
            filled = [value if quoted else translated(value, lang) for value, quoted in values]
            return each.translated.format(*filled).rstrip()
    return None


@lru_cache
def catalogue(lang: str) -> list[Template]:
    """All templates of a language, those with most words of their own first."""
    try:
        found: Any = gettext.translation(DOMAIN, CATALOGUES, [lang])
    except FileNotFoundError:  # the source's own language
        return []
    head = f"{CONTEXT}\x04"
    # gettext has no public way to list what it read
    pairs = ((key, text) for key, text in found._catalog.items() if isinstance(key, str))
    made = [template(key.removeprefix(head), text) for key, text in pairs if key.startswith(head) and text]
    return sorted(made, key=lambda each: each.words, reverse=True)


def template(source: str, text: str) -> Template:
    """A template out of its English text."""
    literals, fields = FIELD.split(source)[::3], list(FIELD.finditer(source))
    pattern = re.escape(plain(literals[0]))
    for place, (field, literal) in enumerate(zip(fields, literals[1:], strict=True)):
        follows = place and not literals[place]
        pattern += QUOTED if field[2] else HINT if follows else "(.*?)"
        pattern += re.escape(plain(literal))
    if pattern.endswith(r"\ (.*?)"):  # a hint at the end, which may be missing
        pattern = pattern.removesuffix(r"\ (.*?)") + r"(?:\ (.*?))?"
    words = "".join(literals)
    letters = sum(character.isalpha() for character in words)
    frame = not literals[0] and letters <= VAGUE
    flags = re.DOTALL if "\n" in source else re.NOFLAG  # a value holds lines only where lines are foreseen
    quoted = tuple(bool(each[2]) for each in fields)
    told = text.replace("!r}", "}")  # what is matched stands in its quotes already
    return Template(source, re.compile(pattern, flags), quoted, told, (letters, len(words)), frame)


def plain(literal: str) -> str:
    """The text itself, of a literal of a template."""
    return literal.replace("{{", "{").replace("}}", "}")
