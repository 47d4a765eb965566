"""Contact load as a folder: its tables as Parquet, a summary as JSON. It appears whole or not at all."""

from pathlib import Path

from bihuan.engine.contact_load import ContactLoad
from bihuan.files.folder import write_folder
from bihuan.files.outcomes import SUMMARY, dated, write_summary

TABLES = ("customers", "periods", "left", "limits", "contacts")
OURS = frozenset({SUMMARY} | {f"{name}.parquet" for name in TABLES})


def write_contacts(place: str | Path, found: ContactLoad) -> Path:
    """Write a contact load into this folder, replacing an earlier one."""

    def fill(folder: Path) -> None:
        for name in TABLES:
            getattr(found, name).write_parquet(folder / f"{name}.parquet")
        write_summary(folder, dated(found.summary))

    return write_folder(place, OURS, fill)
