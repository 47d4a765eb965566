"""`bihuan export`: the whole desk as logs."""

from pathlib import Path

import click

from bihuan.cli import desk_at
from bihuan.cli.text import command as named


@named("export")
@click.argument("folder", type=click.Path(path_type=Path))
@desk_at.where
def command(folder: Path, home: Path, database: str) -> None:
    """Write the whole desk into FOLDER: for each edition its text, the log, a mapping and the site.

    \b
    bihuan export out
    bihuan replay out/NAME/log.jsonl --policy out/NAME/policy.toml \\
        --mapping out/NAME/mapping.toml --site out/NAME/site --as-of now
    """
    desk_at.opened(home, database)
    from bihuan.desk.export import export

    for written in export(folder):
        click.echo(str(written))
