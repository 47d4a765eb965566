"""`make docs`: put the real `--help` into docs/cli.md. What stands around it is written by hand."""

import re
from pathlib import Path

from click.testing import CliRunner

from bihuan import i18n
from bihuan.cli.root import cli

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
BLOCK = re.compile(r"^(## bihuan ?(\w*)\n\n)```\n[\s\S]*?^```$", re.MULTILINE)


def help_of(name: str) -> str:
    """As it is printed a hundred columns wide."""
    done = CliRunner().invoke(cli, [*name.split(), "--help"], prog_name="bihuan", terminal_width=100)
    return "\n".join(line.rstrip() for line in done.output.splitlines())


def main() -> None:
    """Renew the block that each command's section begins with."""
    i18n.use("en")
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(
        BLOCK.sub(lambda found: f"{found[1]}```\n{help_of(found[2])}\n```", text), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
