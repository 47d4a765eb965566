"""Tables handed out as CSV, for spreadsheets and other programs. Knows no table."""

import csv
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

FORMULA = re.compile(r"[=@+\t\r]|-(?![\d.])")
MARK = "\ufeff"  # so that Excel knows


def as_csv(name: str, head: Sequence[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """A table to be saved under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    answer = HttpResponse(MARK, content_type="text/csv; charset=utf-8", headers=headers)
    written = csv.writer(answer)
    written.writerow(head)
    written.writerows(map(plain, rows))
    return answer


def plain(row: Iterable[Any]) -> list[str]:
    """Text that a spreadsheet takes for a formula stays text; a number may be negative."""
    texts = ["" if one is None else str(one) for one in row]
    return [f"'{one}" if FORMULA.match(one) else one for one in texts]
