"""`make locale`: collect every text that people are shown, keep the translations, compile them.

Texts come from `_()` calls, from the help of commands and options, from the words of tables, and from click.
Messages of errors and reasons stand apart, as templates with the context `message` (`tools.messages`).
The `.po` is edited by hand, the `.mo` is written here; both are committed, so that an installation needs no tool.
"""

import gettext
import io
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from bihuan.cli.root import COMMANDS, cli
from bihuan.cli.text import Translated
from bihuan.said import CONTEXT
from bihuan.words import WORDS
from tools.messages import templates

SOURCE = Path(__file__).parent.parent / "src" / "bihuan"
PO = SOURCE / "locale" / "zh" / "LC_MESSAGES" / "bihuan.po"
MO = PO.with_suffix(".mo")
SOURCES = [("**.py", "python"), ("**.html", "jinja2")]
HEADER = "# Chinese texts of Bihuan (闭环).\n#"
DATE = datetime(2026, 1, 1, tzinfo=UTC)  # fixed: a catalogue changes only when a text does

CLICK = (  # what click says in its own words, by way of the same catalogue
    "Usage:", "Options", "Commands", "Show this message and exit.", "Show the version and exit.",
    "Error: {message}", "Try '{command} {option}' for help.", "default: {default}", "required",
    "Missing argument", "Missing option", "Missing parameter", "Missing command.", "Aborted!",
    "No such command {name!r}.", "No such option {name!r}.", "Option {name!r} does not take a value.",
    "Option {name!r} requires an argument.", "Invalid value: {message}", "Invalid value for {param_hint}: {message}",
    "{value} is not in the range {range}.", "{value!r} is not a valid {number_type}.", "Positional arguments",
    "Value must be an iterable.", "Missing parameter: {param_name}", "unknown error",
    "Could not open file {filename!r}: {message}",
)  # fmt: skip
CLICK_PLURALS = (
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
)


def messages() -> set[str]:
    """Every English text that a person can be shown."""
    called = {found[2] for found in extract_from_dir(SOURCE, SOURCES, keywords={"_": None})}
    return {str(text) for text in called} | set(COMMANDS.values()) | helps() | set(WORDS) | set(CLICK)


def helps() -> set[str]:
    """The help of all commands and their options."""
    commands = [cli, *(import_module(f"bihuan.cli.{name}").command for name in COMMANDS)]
    texts = {command.source for command in commands}
    texts |= {param.source for each in commands for param in each.params if isinstance(param, Translated)}
    return {text for text in texts if text}


def read() -> Catalog:
    """The catalogue as it is committed."""
    if not PO.exists():
        return Catalog(locale="zh")
    with PO.open("rb") as file:
        return pofile.read_po(file, locale="zh")


def renewed(old: Catalog) -> Catalog:
    """The same translations for the texts there are now, in alphabetical order."""
    new = Catalog(locale="zh", project="Bihuan", version="1", charset="utf-8", header_comment=HEADER)
    new.creation_date = new.revision_date = DATE
    for text in sorted(messages()):
        kept = old.get(text)
        new.add(text, kept.string if kept else "")
    for text in sorted(templates()):
        kept = old.get(text, CONTEXT)
        new.add(text, kept.string if kept else "", context=CONTEXT)
    for singular, plural in CLICK_PLURALS:
        kept = old.get(singular)
        new.add((singular, plural), kept.string if kept else "")
    return new


def po_bytes(catalog: Catalog) -> bytes:
    """The text file."""
    file = io.BytesIO()
    pofile.write_po(file, catalog, width=110, no_location=True, sort_output=True)
    return file.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """The compiled file."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """Texts without a Chinese one."""
    return [str(message.id) for message in catalog if message.id and message.string in ("", ("",), None)]


def main() -> None:
    """Write both files; say what is still to be translated."""
    catalog = renewed(read())
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po_bytes(catalog))
    MO.write_bytes(mo_bytes(catalog))
    missing = untranslated(catalog)
    gettext.GNUTranslations(io.BytesIO(MO.read_bytes()))
    sys.stderr.write("".join(f"untranslated: {text!r}\n" for text in missing))
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
