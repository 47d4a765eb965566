"""The catalogue is complete, current and compiled."""

import re
from pathlib import Path

import pytest
from tools import locale

from bihuan.i18n import _, use
from bihuan.words import STATES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def catalog():
    return locale.read()


def test_every_text_is_in_the_catalogue_and_no_other(catalog):
    plurals = {singular for singular, _ in locale.CLICK_PLURALS}
    kept = {
        message.id[0] if message.pluralizable else message.id
        for message in catalog
        if message.id and not message.context
    }
    assert kept == locale.messages() | plurals


def test_every_text_is_translated(catalog):
    assert locale.untranslated(catalog) == []


def test_translations_keep_the_names_in_braces(catalog):
    def names(text):
        return set(re.findall(r"\{(\w+)", text))

    for message in catalog:
        english = message.id[1] if message.pluralizable else message.id
        chinese = message.string[0] if message.pluralizable else message.string
        assert names(chinese) == names(english), english


def test_the_committed_files_are_what_make_locale_writes(catalog):
    renewed = locale.renewed(catalog)
    assert locale.PO.read_bytes() == locale.po_bytes(renewed)
    assert locale.MO.read_bytes() == locale.mo_bytes(renewed)


def test_the_glossary_has_the_words_that_are_shown():
    """Each state in the table of the glossary, as tables for people say it."""
    rows = re.findall(
        r"^\| ([a-z, ]+) \| ([^|]+) \|", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.M
    )
    pairs = [
        pair
        for names, words in rows
        for pair in zip(names.split(", "), words.split("、"), strict=False)
        if pair[0] in STATES
    ]
    assert {name for name, _ in pairs} == STATES
    use("zh")
    assert pairs == [(name, _(name)) for name, _word in pairs]
