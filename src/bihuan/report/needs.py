"""The parts that only reports need, and where the font is; whoever lacks one is told what to install.

They are an extra, because a server that only judges has no use for a hundred megabytes of type and charts.
"""

from importlib.util import find_spec
from pathlib import Path

from bihuan.engine.errors import CallError

PARTS = ("typst", "vl_convert", "xlsxwriter", "justmytype_intl_cjk")
FAMILY = "Noto Sans SC"


def ask_for_parts() -> None:
    """Refuse before anything is judged, where a part is missing."""
    missing = [part for part in PARTS if find_spec(part) is None]
    if missing:
        raise CallError(
            f"a report needs parts that are not installed ({', '.join(missing)}): pip install 'bihuan[report]'"
        )


def font_folder() -> Path:
    """Where the installed package keeps the font (and its licence)."""
    spec = find_spec("justmytype_intl_cjk")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "fonts" / "ofl" / "notosanssc"
