"""What is wrong with a policy: findings, and how they are put into words.

A finding knows where it was found, what was found and what was expected, as a code with arguments; the words
stand in `messages.py`, in two languages. It knows neither files nor the checks that make it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Literal

from bihuan.engine.messages import MESSAGES, WORDS

Level = Literal["error", "warning", "info"]
LEVELS: tuple[Level, ...] = ("error", "warning", "info")


class Wrong(ValueError):  # noqa: N818 - it is not raised at users
    """A value that cannot be read: a code of `messages.py`, its arguments, and where inside the value."""

    def __init__(self, code: str, found: object = None, at: str = "", **args: object) -> None:
        super().__init__(code)
        self.code, self.found, self.at, self.args_ = code, found, at, args
        self.more: list[Wrong] = []

    def under(self, key: object) -> Wrong:
        """The same defect, seen from one level further out."""
        for one in self.all():
            one.at = f"{key}.{one.at}" if one.at else str(key)
        return self

    def all(self) -> list[Wrong]:
        return [self, *self.more]


def gather(wrongs: Iterable[Wrong]) -> None:
    """Raise all collected defects of one value together, if there are any."""
    every = [one for wrong in wrongs for one in wrong.all()]
    if every:
        every[0].more = every[1:]
        raise every[0]


@dataclass(frozen=True)
class Finding:
    """One thing to know about a policy: where, what was found, what was expected, what to do."""

    level: Level
    code: str
    file: str = ""
    article: str = ""
    rule: str = ""
    key: str = ""
    found: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)

    def says(self, lang: str = "en") -> str:
        return self._part("says", lang)

    def expects(self, lang: str = "en") -> str:
        return self._part("expects", lang)

    def advises(self, lang: str = "en") -> str:
        near = near_words(self.args.get("near", ()), lang)
        return " ".join(part for part in (near, self._part("hint", lang)) if part)

    @property
    def expected(self) -> str:
        return self.expects()

    @property
    def hint(self) -> str:
        return self.advises()

    def where(self) -> str:
        inside = ".".join(part for part in (self.rule, self.key) if part)
        return " ".join(part for part in (self.file, self.article, inside) if part)

    def text(self, lang: str = "en") -> str:
        """The whole sentence: where, what is wrong, what was expected, what to do."""
        words = WORDS[lang]
        parts = [f"{self.where()}: {self.says(lang)}" if self.where() else self.says(lang)]
        if self.expects(lang):
            parts.append(words["expected"].format(self.expects(lang)))
        sentence = words["join"].join(parts) + words["stop"]
        return sentence + self.advises(lang)

    def at(self, **where: Any) -> Finding:
        return replace(self, **where)

    def _part(self, part: str, lang: str) -> str:
        template = MESSAGES[self.code].get(lang, {}).get(part, "")
        return template.format(found=self.found, **shown(self.args, lang)) if template else ""


def shown(args: Mapping[str, Any], lang: str) -> dict[str, str]:
    return {name: listed(value, lang) for name, value in args.items()}


def listed(value: object, lang: str) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return WORDS[lang]["comma"].join(str(each) for each in value)
    return str(value)


def near_words(near: Iterable[str], lang: str) -> str:
    names = [f"`{name}`" for name in near]
    return WORDS[lang]["near"].format(WORDS[lang]["or"].join(names)) if names else ""


def near(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that a mistyped one probably meant, best first."""
    return tuple(get_close_matches(name, sorted(set(names)), n=2, cutoff=0.6))


def written(value: object) -> str:
    """A value as it stands in a policy file, for messages."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {written(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(each) for each in value) + "]"
    return str(value)
