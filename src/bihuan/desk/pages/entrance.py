"""Logging in and out, the language, and the first page."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.i18n import set_language

from bihuan.desk.pages.forms import Form
from bihuan.desk.pages.menu import menu


class Credentials(AuthenticationForm, Form):
    """Code and password, drawn as the desk draws forms."""


login = LoginView.as_view(
    template_name="desk/login.html", authentication_form=Credentials, redirect_authenticated_user=True
)
logout = LogoutView.as_view()
language = login_not_required(set_language)


def home(request: HttpRequest) -> HttpResponse:
    """The first page of the menu."""
    return redirect(next(entry.address for entry in menu(request)))
