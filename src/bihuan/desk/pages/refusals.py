"""What was refused, said at the form, which keeps what was typed. Knows no page and no single action."""

from collections.abc import Callable

from bihuan.desk.errors import DeskError, RefusedError, RepeatedError, StaleError
from bihuan.desk.models import Person
from bihuan.desk.office import policy_of
from bihuan.desk.pages.fields import PREFIX
from bihuan.desk.pages.forms import Form
from bihuan.engine.errors import BihuanError
from bihuan.i18n import _
from bihuan.said import error_said


def tell(form: Form, error: BihuanError) -> None:
    """Say at the form what was refused; a stale page, or what was meant twice, may be sent again as it is now."""
    if isinstance(error, RepeatedError):
        form.put("again", "on")
    if isinstance(error, StaleError):
        form.put("version", str(max((event.seq for event in error.since), default="")))
        form.add_error(None, acted(error))
    elif isinstance(error, RefusedError) and error.findings:
        form.add_error(None, error.message)  # in the person's language already
        point_out(form, error)
    else:
        form.add_error(None, error_said(error))


def point_out(form: Form, error: RefusedError) -> None:
    """Say at each field that is lacking that it is, by which article."""
    for finding in error.findings:
        lacking = (finding["detail"] or "").split("、") if finding["kind"] == "field" else ()
        for name in lacking:
            if PREFIX + name in form.fields:
                form.add_error(PREFIX + name, _("{article} wants this").format(article=finding["article"]))


def done(form: Form, act: Callable[[], object]) -> bool:
    """Whether it could be done; where not, the form says why."""
    try:
        act()
    except DeskError as error:
        tell(form, error)
        return False
    return True


def acted(error: StaleError) -> str:
    """What others did meanwhile, in the regulation's words, and that nothing typed is lost."""
    if not error.since:  # the page knows more than the record, as after a backup was restored
        return _(
            "The case is not as it was when this page was opened. What you typed is still here: look, then send it again."
        )
    labels = policy_of(error.since[0].case.edition.hash).event_labels
    names = dict(
        Person.objects.filter(code__in={one.actor for one in error.since} - {None}).values_list(
            "code", "name"
        )
    )
    what = "; ".join(
        f"{labels.get(one.event, one.event)} ({names.get(one.actor or '', one.actor)})" for one in error.since
    )
    return _("Somebody else acted on this case meanwhile: {what}. What you typed is still here.").format(
        what=what
    )
