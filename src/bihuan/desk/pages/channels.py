"""Channels: by which ways whom is told outside the desk, whether they work, and since when not. For administrators."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.desk import access
from bihuan.desk.errors import MissingError
from bihuan.desk.models import Channel, Edition, Outgoing, Person, Unit
from bihuan.desk.office import policy_of
from bihuan.desk.pages.forms import Form
from bihuan.desk.pages.whose import viewer
from bihuan.desk.telling import addresses, keeping, posting, sending
from bihuan.desk.telling.beside import side_by_side
from bihuan.i18n import _

SHOWN = 500
PATIENCE = 20  # seconds that an administrator waits for a try


def owners() -> dict[str, str]:
    return {
        "person": _("a person"),
        "unit": _("a unit"),
        "role": _("a role"),
        "mail": _("the desk's mail server"),
    }


class ChannelForm(Form):
    """A channel. The address is asked for again only to be changed: it holds secrets."""

    whose = forms.ChoiceField()
    person = forms.ModelChoiceField(Person.objects.none(), required=False)
    unit = forms.ModelChoiceField(Unit.objects.none(), required=False)
    role = forms.ChoiceField(required=False)
    name = forms.CharField(max_length=100)
    address = forms.CharField(max_length=2000)
    language = forms.ChoiceField(choices=[("zh", "中文"), ("en", "English")])
    warnings = forms.BooleanField(required=False, initial=True)
    is_active = forms.BooleanField(required=False, initial=True)

    def __init__(self, *args: Any, channel: Channel | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel = channel
        labels = {
            "whose": _("For"), "person": _("Person"), "unit": _("Unit"), "role": _("Role"), "name": _("Name"),
            "address": _("Address"), "language": _("Language"), "warnings": _("Also warn ahead"),
            "is_active": _("In use"),
        }  # fmt: skip
        for name, label in labels.items():
            self.fields[name].label = label
        self.fields["whose"].choices = list(owners().items())  # type: ignore[attr-defined]
        self.fields["person"].queryset = Person.objects.filter(is_active=True).order_by("code")  # type: ignore[attr-defined]
        self.fields["unit"].queryset = Unit.objects.order_by("path")  # type: ignore[attr-defined]
        self.fields["role"].choices = [("", "—"), *roles()]  # type: ignore[attr-defined]
        self.fields["address"].required = channel is None
        self.fields["address"].help_text = _(
            "an e-mail address, or an Apprise address: wecombot://…, dingtalk://…, feishu://…, mailtos://…, jsons://…"
        ) + (
            ""
            if channel is None
            else _("; empty: as it is ({address})").format(address=addresses.in_part(channel))
        )

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip()
        if not address and self.channel is not None:
            return self.channel.address
        if "://" not in address:
            try:
                validate_email(address)
            except ValidationError:
                raise forms.ValidationError(
                    _("This is neither an e-mail address nor an Apprise address.")
                ) from None
        elif not posting.is_understood(address):
            raise forms.ValidationError(_("Apprise does not understand this address."))
        return address

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        whose = found.get("whose", "")
        if whose in ("person", "unit", "role") and not found.get(whose):
            self.add_error(whose, _("Choose one."))
        if whose == "mail" and not str(found.get("address", "://")).startswith(("mailto://", "mailtos://")):
            self.add_error(
                "address", _("The mail server is an address that begins with mailto:// or mailtos://.")
            )
        found["person"] = found.get("person") if whose == "person" else None
        found["unit"] = found.get("unit") if whose in ("unit", "role") else None
        found["role"] = found.get("role", "") if whose == "role" else ""
        return found


def roles() -> list[tuple[str, str]]:
    """The roles of the regulations in force, by name and label."""
    found: dict[str, str] = {}
    for hash in Edition.objects.filter(in_force=True).values_list("hash", flat=True):
        for name, role in policy_of(hash).roles.items():
            found.setdefault(name, role.label or name)
    return sorted(found.items(), key=lambda pair: pair[1])


def channels(request: HttpRequest) -> HttpResponse:
    """All channels, those that fail first."""
    access.to_administer(viewer(request))
    rows = list(Channel.objects.select_related("person", "unit").order_by("-failures", "whose", "id")[:SHOWN])
    labels = dict(roles())
    waiting = dict.fromkeys((one.pk for one in rows), 0)
    for id in Outgoing.objects.filter(sent_at__isnull=True).values_list("channel", flat=True)[:10_000]:
        waiting[id] = waiting.get(id, 0) + 1
    told = [
        {"row": one, "whose": whose_of(one, labels), "address": addresses.in_part(one), "waiting": waiting[one.pk]}
        for one in rows
    ]  # fmt: skip
    return render(request, "desk/channels.html", {"lines": told, "dead": sending.DEAD})


def whose_of(channel: Channel, labels: dict[str, str]) -> str:
    if channel.whose == "person" and channel.person:
        return channel.person.name
    named = labels.get(channel.role, channel.role) if channel.whose == "role" else ""
    unit = channel.unit.name if channel.unit else ""
    return "、".join(one for one in (named, unit) if one) or owners()[channel.whose]


def edit(request: HttpRequest, id: int | None = None) -> HttpResponse:
    """A new channel, or one that is there."""
    person = access.to_administer(viewer(request))
    channel = find(id) if id is not None else None
    form = ChannelForm(request.POST or None, channel=channel, initial=known(channel))
    if request.method == "POST" and form.is_valid():
        made = keeping.keep(channel, form.cleaned_data, by=person)
        messages.success(request, _("{name}: saved").format(name=made.name))
        return redirect("channels")
    told = {"form": form, "channel": channel}
    return render(request, "desk/channel.html", told, status=409 if form.errors else 200)


def known(channel: Channel | None) -> dict[str, Any]:
    if channel is None:
        return {}
    told = {name: getattr(channel, name) for name in keeping.PLAIN}
    return told | {"person": channel.person_id, "unit": channel.unit_id}


@require_POST
def attempt(request: HttpRequest, id: int) -> HttpResponse:
    """Send a word by it now, and say whether it went."""
    access.to_administer(viewer(request))
    channel = find(id)
    problem = tried(channel)
    if problem:
        messages.error(request, _("{name}: {problem}").format(name=channel.name, problem=problem))
    else:
        messages.success(request, _("{name}: sent").format(name=channel.name))
    return redirect("channels")


def tried(channel: Channel) -> str:
    """What was wrong, or nothing: then it works."""
    sends = posting.post(channel, _("Bihuan: a try"), _("This channel works."))
    [problem] = side_by_side([sends], PATIENCE, _("no answer in time"))
    if not problem:
        sending.worked(channel, True)
    return problem


def find(id: int) -> Channel:
    found = Channel.objects.select_related("person", "unit").filter(pk=id).first()
    if found is None:
        raise MissingError(f"there is no channel {id}")
    return found
