"""The catalogue is complete, current and compiled."""

import re

import pytest
from tools import locale


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
