"""What happened to a case, event by event, as the viewer may see it. Drawn in Python, as `drawn` says why.

Knows no rule; what the regulation and the desk call things, they say themselves.
"""

from collections.abc import Container, Mapping

from markupsafe import Markup

from bihuan.desk import sight
from bihuan.desk.models import Event
from bihuan.desk.pages.drawn import escape, pairs, quiet, when
from bihuan.desk.pages.labels import labelled
from bihuan.desk.pages.noted import label_of, noted, struck
from bihuan.desk.queries import Whole
from bihuan.i18n import _

LATE = 600  # seconds from an event to its entry, beyond which the page says when it was entered: some limits are an hour


def timeline(seen: Whole, names: Mapping[str, str], corrects: str, mends: Container[int]) -> Markup:
    """The newest first, people by their names; `corrects`: where one is corrected, `mends`: which may be."""
    gone, here, label = struck(seen.events), escape(corrects), escape(_("correct"))
    return Markup(
        "\n".join(
            happened(
                seen, one, names, one.seq in gone, correcting(one, here, label) if one.seq in mends else ""
            )
            for one in reversed(seen.events)
        )
    )


def happened(seen: Whole, event: Event, names: Mapping[str, str], is_struck: bool, correct: str) -> str:
    facts = [
        *labelled(seen.policy, sight.shown(seen.policy, event.brings, seen.veil), names),
        *noted(seen, event, names),
    ]
    beside, mark = f" · {escape(event.unit)}" if event.unit else "", ""
    if is_late(event):
        entered = _("entered")
        beside += f" · {escape(entered)} {when(event.recorded_at)}"
    if is_struck:
        struck_out = _("struck out")
        mark = f' <span class="left-soon">{escape(struck_out)}</span>'
    begin = '<li class="struck">' if is_struck else "<li>"
    return (
        f"{begin}<strong>{escape(label_of(seen, event))}</strong> "
        f"{when(event.at)}{mark} {quiet(names.get(event.actor or '', event.actor or ''), beside + correct)}"
        f"{pairs(facts) if facts else ''}</li>"
    )


def is_late(event: Event) -> bool:
    """Whether it was entered long after it happened, and not brought over from another system."""
    late = (event.recorded_at - event.at).total_seconds() > LATE
    return late and "import" not in (event.meta or {})


def correcting(event: Event, here: str, label: str) -> str:
    if event.kind != "event" or event.event == "corrected":
        return ""
    return f'<span class="no-print"> · <a href="{here}{event.seq}/">{label}</a></span>'
