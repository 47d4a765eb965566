"""`bihuan init`: an empty desk with one administrator."""

import secrets
from pathlib import Path

from bihuan.cli import desk_at
from bihuan.cli.show import Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.engine.errors import CallError
from bihuan.i18n import _


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
    "--demo", is_flag=True, help="Fill it with a made-up company: people, regulations, three months of cases."
)
@option("--upgrade", is_flag=True, help="Bring the database of a desk that is there up to this version.")
def command(
    home: Path,
    database: str,
    admin: str,
    password: str | None,
    policies: tuple[str, ...],
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
    if not there:
        make_key(home)
    migrate()
    if upgrade:
        from bihuan.desk.rebuild import complete

        complete()
        return
    chosen = password or (secrets.token_hex(4) if demo else secrets.token_urlsafe(12))
    people(admin, chosen, policies, made=not password)
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


def people(admin: str, password: str, policies: tuple[str, ...], made: bool) -> None:
    import bihuan
    from bihuan.desk import actions, models

    actions.add_person(admin, admin, by=admin, password=password, administrator=True)
    models.Person.objects.filter(code=admin).update(must_change=made)  # a password that was shown is changed
    for name in policies:
        path = Path(bihuan.read_policy(name).path)
        edition = actions.install(path.read_text("utf-8"), by=admin, path=str(path))
        actions.put_in_force(edition.hash, by=admin)
