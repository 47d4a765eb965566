"""Contact load as a folder: its tables as Parquet, a summary as JSON. It appears whole or not at all."""

from pathlib import Path

from bihuan.engine.contact_load import ContactLoad
from bihuan.files.outcomes import write_tables

TABLES = ("customers", "periods", "left", "limits", "contacts")


def write_contacts(place: str | Path, found: ContactLoad) -> Path:
    """Write a contact load into this folder, replacing an earlier one."""
    return write_tables(place, TABLES, found)
