"""The language that people are spoken to in: English in the source, Chinese in `locale/`.

Standard gettext: the process has one language, set once by the shell, and click's own words come out of the
same catalogue. A server speaks to each person in their own (`speaking`). Data (JSON, CSV, Parquet, the engine's names) never changes with the language.
"""

import gettext
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("zh", "en")
DOMAIN = "bihuan"
CATALOGUES = Path(__file__).parent / "locale"
HERE: ContextVar[str | None] = ContextVar("language", default=None)


def preferred(environ: Mapping[str, str] = os.environ) -> str:
    """The language of the locale, by gettext's own order of variables.

    >>> preferred({"LANG": "zh_CN.UTF-8"}), preferred({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"})
    ('zh', 'en')
    """
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def use(language: str) -> None:
    """Speak this language from now on."""
    gettext.bindtextdomain(DOMAIN, CATALOGUES)
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language meanwhile, to one person: in this thread or task only.

    >>> with speaking("zh"): _("Options")
    '选项'
    """
    before = HERE.set(language)
    try:
        yield
    finally:
        HERE.reset(before)


def language() -> str:
    """The language in use."""
    return HERE.get() or preferred()


def _(message: str) -> str:
    """This text in the language in use.

    >>> use("en"); _("Options")
    'Options'
    """
    return translated(language(), message) if message else ""


@lru_cache(maxsize=8192)
def translated(language: str, message: str) -> str:
    return catalogue(language).gettext(message)


@lru_cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The texts of a language, read once: `gettext` itself looks for their file at every text."""
    return gettext.translation(DOMAIN, CATALOGUES, [language], fallback=True)
