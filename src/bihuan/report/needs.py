"""The parts that only reports need, and where the font is; whoever lacks one is told what to install.

They are an extra, because a server that only judges has no use for a hundred megabytes of type and charts.
"""

from importlib.util import find_spec
from pathlib import Path

from bihuan.engine.errors import CallError

PARTS = ("typst", "vl_convert", "xlsxwriter", "justmytype_intl_cjk", "pylopdf_fonts_zh_cn")
FAMILY = "Noto Sans SC"


def ask_for_parts() -> None:
    """Refuse before anything is judged, where a part is missing."""
    missing = [part for part in PARTS if find_spec(part) is None]
    if missing:
        raise CallError(
            f"a report needs parts that are not installed ({', '.join(missing)}): pip install 'bihuan[report]'"
        )


def font_folders() -> tuple[Path, Path]:
    """Where the packages keep the font: in all weights, for text; in one alone, for charts.

    What draws the charts sets a font of many weights in its lightest.
    """
    return _home("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc", _home("pylopdf_fonts_zh_cn")


def _home(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
