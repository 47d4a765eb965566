"""The command line: reads, calls the library, prints. It holds no rule.

Nothing heavy is imported before a command needs it: `bihuan --help` loads neither polars nor pydantic.
"""


def main() -> None:
    """The program `bihuan`."""
    from bihuan.cli.root import run

    run()
