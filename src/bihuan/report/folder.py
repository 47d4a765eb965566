"""A report as a folder: workbook, PDF, page and the same numbers as JSON. It appears whole or not at all."""

import json
from datetime import datetime
from pathlib import Path

from bihuan.files.folder import write_folder
from bihuan.files.outcomes import SUMMARY
from bihuan.report.document import Document
from bihuan.report.page import write_page
from bihuan.report.paper import write_paper
from bihuan.report.workbook import write_workbook

WORKBOOK, PAPER, PAGE = "report.xlsx", "report.pdf", "report.html"
OURS = frozenset((WORKBOOK, PAPER, PAGE, SUMMARY))


def write_report(place: str | Path, document: Document, made_at: datetime) -> Path:
    """Write a report into this folder, replacing an earlier one."""

    def fill(folder: Path) -> None:
        write_workbook(folder / WORKBOOK, document)
        write_paper(folder / PAPER, document, made_at)
        write_page(folder / PAGE, document)
        text = json.dumps(document.summary, ensure_ascii=False, indent=2)
        (folder / SUMMARY).write_text(text + "\n", encoding="utf-8")

    return write_folder(place, OURS, fill)
