"""`bihuan token`: what a program shows to the API in place of a person."""

from pathlib import Path

import click

from bihuan.cli import desk_at, options
from bihuan.cli.show import Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _


@named("token")
@click.argument("person")
@desk_at.where
@option(
    "--scope",
    type=click.Choice(["read", "write", "admin"]),
    default="read",
    show_default=True,
    help="What the token is for; each includes those before it.",
)
@option("--days", type=click.IntRange(min=1), default=90, show_default=True, help="How long it is good for.")
@option("--name", metavar="TEXT", default="", help="What it is for, in words.")
@option("--list", "listed", is_flag=True, help="List the person's tokens instead.")
@option("--revoke", type=int, metavar="N", help="Let this token open nothing any more, instead.")
@options.output
def command(
    person: str, home: Path, database: str, scope: str, days: int, name: str, listed: bool, revoke: int | None, form: str
) -> None:  # fmt: skip
    """Make a token with which a program asks the API in place of a person. It is shown once.

    \b
    bihuan token alice --scope write
    bihuan token alice --list
    """
    desk_at.opened(home, database)
    from bihuan.desk import actions
    from bihuan.desk.models import Token

    if revoke is not None:
        actions.revoke_token(revoke, by="bihuan token")
    elif not listed:
        made, text = actions.make_token(person, scope, by="bihuan token", name=name, days=days)
        told = {
            "id": made.pk,
            "person": person,
            "scope": scope,
            "until": made.until.isoformat(),
            "token": text,
        }
        show([Record("token", told, title=_("It is shown only now"))], form)
        return
    rows = [
        {
            "id": one.pk, "name": one.name, "scope": one.scope, "until": one.until.isoformat(),
            "used_at": one.used_at and one.used_at.isoformat(), "revoked_at": one.revoked_at and one.revoked_at.isoformat(),
        }
        for one in Token.objects.filter(person__code=person).order_by("id")
    ]  # fmt: skip
    show([Table("tokens", rows, title=_("Tokens"))], form)
