"""One's own account: logging in, the password, the second factor. And what is owed before anything else.

Who was given a password by somebody else changes it first; who has a second factor says its code first. Until then the
session opens no other page. Wrong passwords lock out (django-axes), wrong codes slow down (django-otp).
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.middleware import get_user
from django.contrib.auth.password_validation import password_validators_help_texts
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django_otp.plugins.otp_totp.models import TOTPDevice
from markupsafe import Markup

from bihuan.desk.models import Person
from bihuan.desk.pages.forms import Form
from bihuan.desk.pages.whose import is_local, viewer
from bihuan.i18n import _

OWED = "owed"  # in the session: pages that come before all others, in their order
ALWAYS = frozenset({"login", "logout", "language", "healthz", "metrics"})


class Owing:
    """Middleware: as long as a session owes something, it opens no other page."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        request.user = get_user(request)  # Django's stands in for the person, and asks again at every name
        owed = request.session.get(OWED) if request.user.is_authenticated else None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not owed or name in ALWAYS or name == owed[0]:
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": "log in on the pages first"}, status=403)
        return redirect(owed[0])


class Credentials(AuthenticationForm, Form):
    """Code and password, drawn as the desk draws forms."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label, self.fields["password"].label = _("Account"), _("Password")
        self.error_messages["invalid_login"] = _("This account and this password do not belong together.")


class Login(LoginView):
    """Django's, and what is owed before anything else."""

    template_name = "desk/login.html"
    authentication_form = Credentials
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        if owed := list(owed_by(viewer(self.request), self.request)):
            self.request.session[OWED] = owed
        return answer


def owed_by(person: Person, request: HttpRequest) -> list[str]:
    code = ["second"] if TOTPDevice.objects.filter(user=person, confirmed=True).exists() else []
    return code + (["password"] if person.must_change and not on_show(request) else [])


def on_show(request: HttpRequest) -> bool:
    """A made-up desk looked at from its own machine: its passwords guard nothing."""
    return (settings.HOME / "accounts.csv").exists() and is_local(request)


def paid(request: HttpRequest, name: str) -> None:
    """Something that was owed is done."""
    owed = [one for one in request.session.get(OWED, []) if one != name]
    request.session[OWED] = owed


def locked(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Too many wrong passwords. Whether there is such an account is not said."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    said = _("Too many wrong passwords. Try again in {minutes} minutes, or ask an administrator.")
    told = {"heading": _("This was refused"), "said": said.format(minutes=minutes)}
    return render(request, "desk/refused.html", told, status=429)


# --- the password ---


class Password(PasswordChangeForm, Form):
    """The old password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = _("Old password"), _("New password"), _("New password again")
        for name, label in zip(("old_password", "new_password1", "new_password2"), labels, strict=True):
            self.fields[name].label, self.fields[name].help_text = label, ""
        self.fields["new_password1"].help_text = " ".join(password_validators_help_texts())


def password(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    form = Password(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        person.must_change = False
        form.save()
        update_session_auth_hash(request, person)
        paid(request, "password")
        messages.success(
            request, _("The password is changed; other places where you were logged in are not any more.")
        )
        return redirect("home" if not request.session.get(OWED) else request.session[OWED][0])
    told = {"form": form, "must": "password" in request.session.get(OWED, [])}
    return render(request, "desk/password.html", told, status=409 if form.errors else 200)


# --- the second factor ---


class Code(Form):
    """The six digits that the telephone shows."""

    code = forms.CharField(
        max_length=8, widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Six-digit code")

    def fits(self, device: TOTPDevice) -> bool:
        """Whether the code is right; says why not."""
        if not device.verify_is_allowed()[0]:
            self.add_error(
                "code", _("A code was wrong a moment ago: wait a little, then type the one that is shown.")
            )
        elif not device.verify_token(self.cleaned_data["code"].strip()):
            self.add_error("code", _("This code is not right, or was used already."))
        return not self.errors


def second(request: HttpRequest) -> HttpResponse:
    """Say the code after logging in."""
    person = viewer(request)
    device = TOTPDevice.objects.filter(user=person, confirmed=True).first()
    if device is None or "second" not in request.session.get(OWED, []):
        return redirect("home")
    form = Code(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.fits(device):
        request.session.cycle_key()
        paid(request, "second")
        return redirect("home")
    return render(request, "desk/second.html", {"form": form}, status=409 if form.errors else 200)


def account(request: HttpRequest) -> HttpResponse:
    """What there is of one's own account; take a second factor, or give it back."""
    person = viewer(request)
    confirmed = TOTPDevice.objects.filter(user=person, confirmed=True).first()
    device = confirmed or TOTPDevice.objects.get_or_create(user=person, confirmed=False, name="totp")[0]
    form = Code(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.fits(device):
        if confirmed is None:
            device.confirmed = True
            device.save()
            messages.success(request, _("From now on you are asked for a code when you log in."))
        else:
            device.delete()
            messages.success(request, _("You are no longer asked for a code."))
        return redirect("account")
    told = {"person": person, "form": form, "confirmed": confirmed is not None}
    told |= {} if confirmed else {"picture": picture(device), "secret": key_of(device)}
    return render(request, "desk/account.html", told, status=409 if form.errors else 200)


def picture(device: TOTPDevice) -> Markup:
    """The QR code, as SVG without a style of its own."""
    import segno  # large, and of this page alone

    drawn = segno.make(device.config_url, error="m").svg_inline(scale=4, dark="#000", light="#fff", border=2)
    return Markup(drawn)


def key_of(device: TOTPDevice) -> str:
    """What somebody types who cannot scan."""
    return str(device.config_url).partition("secret=")[2].partition("&")[0]


login = login_not_required(Login.as_view())
