"""Logging out, the language, and the first page. `account` has logging in."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.i18n import set_language

from bihuan.desk.pages.begin import begun
from bihuan.desk.pages.menu import menu
from bihuan.desk.pages.whose import viewer

logout = LogoutView.as_view()
language = login_not_required(set_language)


def home(request: HttpRequest) -> HttpResponse:
    """The first page of the menu; for whoever made an empty desk, the first steps."""
    if viewer(request).is_administrator and not begun():
        return redirect("begin")
    return redirect(next(entry.address for entry in menu(request)))
