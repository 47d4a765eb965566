"""`bihuan init`: an empty desk with one administrator."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bihuan.cli import desk_at
from bihuan.cli.show import Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.engine.errors import CallError
from bihuan.i18n import _

if TYPE_CHECKING:
    from bihuan.engine.site import Site


@named("init")
@desk_at.where
@option(
    "--admin", metavar="CODE", default="admin", show_default=True, help="What the administrator is called."
)
@option(
    "--password", metavar="P", envvar="BIHUAN_PASSWORD", help="Their password (default: made and shown once)."
)
@option(
    "--policy",
    "policies",
    multiple=True,
    metavar="POLICY",
    help="Put this regulation in force; may be repeated.",
)
@option(
    "--site",
    metavar="DIR",
    type=click.Path(),
    help="Take units, people, registers, calendars and parameters from this folder, as `bihuan replay` does.",
)
@option(
    "--demo", is_flag=True, help="Fill it with a made-up company: people, regulations, three months of cases."
)
@option("--upgrade", is_flag=True, help="Bring the database of a desk that is there up to this version.")
def command(
    home: Path,
    database: str,
    admin: str,
    password: str | None,
    policies: tuple[str, ...],
    site: str | None,
    demo: bool,
    upgrade: bool,
) -> None:
    """Make an empty desk with one administrator, and the key that guards its sessions.

    \b
    bihuan init --policy dazu-complaint-assessment
    bihuan serve
    """
    desk_at.named(home, database)
    there = (home / "secret.key").exists()
    if there != upgrade:
        raise CallError(
            f"there is a desk in {home} already" if there else f"there is no desk in {home} to be upgraded"
        )
    if upgrade:
        migrate()
        from bihuan.desk.rebuild import complete

        complete()
        return
    chosen = password or (secrets.token_hex(4) if demo else secrets.token_urlsafe(12))
    make(home, admin, chosen, policies, site, made=not password)
    told = {"home": str(home.absolute()), "administrator": admin}
    told |= {} if password else {"password": chosen}
    show(
        [Record("desk", told, title=_("The desk is ready")), *(made_up(admin, chosen, home) if demo else [])],
        "table",
    )


def made_up(admin: str, password: str, home: Path) -> list[Table]:
    from bihuan.desk import actions
    from bihuan.desk.demo import furnish, keep
    from bihuan.desk.tick import tick

    second = f"{admin}2"
    actions.add_person(second, second, by=admin, password=password, administrator=True)
    offices = {admin: _("administrator"), second: _("administrator; approves the first one's notices")}
    accounts = [
        {"account": code, "password": password, "name": code, "unit": "", "office": office}
        for code, office in offices.items()
    ]
    accounts += furnish(admin, password=password)
    keep(accounts, home)
    tick()
    return [Table("accounts", accounts, title=_("Accounts of the made-up company"))]


def make(
    home: Path, admin: str, password: str, policies: Sequence[str], folder: str | None, *, made: bool
) -> None:
    """A desk with its key, its administrator and what it begins with: all of it, or nothing that is in the way later."""
    import bihuan
    from bihuan.files.site import read_site

    paths = [Path(bihuan.read_policy(name).path) for name in policies]
    site = read_site(folder) if folder else None
    make_key(home)
    try:
        migrate()
        begin(admin, password, paths, site, made)
    except BaseException:
        (home / "secret.key").unlink()
        raise


def make_key(home: Path) -> None:
    """The key is made here and is nowhere else."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = home / "secret.key"
    key.touch(mode=0o600)
    key.write_text(secrets.token_urlsafe(48) + "\n")


def migrate() -> None:
    import django
    from django.core.management import call_command
    from django.db import OperationalError

    django.setup()
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise CallError(f"the database of the desk cannot be opened: {error}") from None


def begin(admin: str, password: str, policies: Sequence[Path], site: "Site | None", made: bool) -> None:
    """The administrator, and what the desk begins with, in one transaction."""
    from bihuan.desk import actions, models
    from bihuan.desk.database import writing
    from bihuan.engine.site import Site

    with writing():
        actions.add_person(admin, admin, by=admin, password=password, administrator=True)
        models.Person.objects.filter(code=admin).update(
            must_change=made
        )  # a password that was shown is changed
        actions.settle(policies, site or Site(), by=admin)
