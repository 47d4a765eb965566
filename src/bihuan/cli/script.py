"""`bihuan script`: a questionnaire as it is asked, question by question."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.show import Part, Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.engine.errors import CallError
from bihuan.i18n import _

if TYPE_CHECKING:
    from bihuan.engine.policy import Policy
    from bihuan.engine.questionnaire import Question

ASKED = ("ask", "scale", "state", "answer", "points")
UNSAID = ("skipped", "later")


@named("script")
@click.argument("policy")
@click.argument("form_name", metavar="[FORM|EVENT]", default="called_back")
@option(
    "--answer", "answers", multiple=True, metavar="FACT=VALUE", help="What was answered; may be repeated."
)
@option(
    "--fact", "facts", multiple=True, metavar="NAME=VALUE", help="What is known of the case; may be repeated."
)
@option("--draft", is_flag=True, help="Take an edition that is not in force.")
@options.output
@click.pass_context
def command(
    ctx: click.Context,
    policy: str,
    form_name: str,
    answers: Sequence[str],
    facts: Sequence[str],
    draft: bool,
    form: str,
) -> None:
    """What a form or event asks: the next question, what may be answered, how many points.

    FORM is a form of the policy, EVENT stands for all that its steps ask: called_back where nothing is named.
    Exit code 1 if an answer is outside its scale.

    \b
    bihuan script telecom-install-service callback_record --answer verdict=不满意
    """
    edition = bihuan.newest(bihuan.read_editions(policy), draft=draft)
    found = bihuan.questions(edition, form_name, pairs("--answer", answers), pairs("--fact", facts))
    parts = as_data(found) if form != "table" else for_people(edition, form_name, found)
    show(parts, form)
    ctx.exit(int(any(each.state == "outside" for each in found)))


def pairs(name: str, texts: Sequence[str]) -> dict[str, str]:
    """`FACT=VALUE` as it stands, for the library to read."""
    found = {}
    for text in texts:
        fact, equals, value = text.partition("=")
        if not equals or not fact.strip():
            raise CallError(f"{name} wants NAME=VALUE, found {text!r}")
        found[fact.strip()] = value.strip()
    return found


def as_data(found: "Sequence[Question]") -> list[Part]:
    rows = [
        {
            **vars(each),
            "points": number(each.points),
            "most": number(each.most),
            "choices": dict(each.choices),
        }
        for each in found
    ]
    return [Table("questions", rows), Record("score", totals(found))]


def for_people(policy: "Policy", name: str, found: "Sequence[Question]") -> list[Part]:
    """What is said in the order in which it is said; branches that were not taken are left out."""
    form = policy.forms.get(name)
    heading = {
        "form": form.label if form else policy.event_labels.get(name, name),
        "article": "、".join(dict.fromkeys(each.article for each in found if each.article)),
        "opening": form.opening if form else None,
        "closing": form.closing if form else None,
    }
    said = [each for each in found if each.state not in UNSAID]
    rows = [
        {
            "ask": each.ask or each.label,
            "scale": fits(each),
            "state": each.state,
            "answer": each.answer,
            "points": number(each.points),
        }
        for each in said
    ]
    columns = [name for name in ASKED if name != "points" or any(row["points"] is not None for row in rows)]
    parts: list[Part] = [
        Record("form", {key: value for key, value in heading.items() if value}, title=title(policy)),
        Table("questions", rows, columns, _("What is asked, as far as it is known")),
    ]
    return [*parts, Record("score", totals(found))] if any(each.most is not None for each in found) else parts


def fits(question: "Question") -> str:
    """What may be answered, for people."""
    if question.choices:
        return " / ".join(question.choices.values())
    kinds = {
        "yes or no": _("yes or no"),
        "open": _("anything"),
        "instant": _("an instant"),
        "date": _("a date"),
    }
    return kinds.get(question.answered_with, question.scale)


def title(policy: "Policy") -> str:
    return f"{policy.header.title} ({policy.id})"


def totals(found: "Sequence[Question]") -> dict[str, Any]:
    """The points so far, of how many."""
    from bihuan.engine.questionnaire import score

    told = score(found)
    return {
        "points": number(told.points),
        "most": number(told.most),
        "answered": told.answered,
        "blank": told.blank,
    }


def number(points: Any) -> float | None:
    return None if points is None else float(points)
