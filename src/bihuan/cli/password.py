"""`bihuan password`: for whoever cannot log in any more."""

import secrets
from pathlib import Path

import click

from bihuan.cli import desk_at
from bihuan.cli.show import Record, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.engine.errors import CallError
from bihuan.i18n import _


@named("password")
@click.argument("code")
@desk_at.where
@option(
    "--forget-second-factor", is_flag=True, help="Also take their second factor away: the telephone is lost."
)
@option(
    "--revoke-tokens",
    is_flag=True,
    help="Also revoke their API tokens, which a new password leaves as they are: the account was in other hands.",
)
def command(code: str, home: Path, database: str, forget_second_factor: bool, revoke_tokens: bool) -> None:
    """Give the person CODE a new password, shown once, which they change when they log in; end a lockout."""
    desk_at.opened(home, database)
    from axes.utils import reset
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from bihuan.desk import actions
    from bihuan.desk.models import Person

    person = Person.objects.filter(code=code, is_active=True).first()
    if person is None:
        raise CallError(f"nobody who may log in is called {code!r}")
    chosen = secrets.token_urlsafe(12)
    actions.set_password(code, chosen, by="bihuan password")
    reset(username=code)
    if forget_second_factor:
        TOTPDevice.objects.filter(user=person).delete()
    if revoke_tokens:
        actions.revoke_tokens(code, by="bihuan password")
    told = {"person": code, "password": chosen, "tokens": len(actions.open_tokens(code))}
    show([Record("person", told, title=_("A new password"))], "table")
