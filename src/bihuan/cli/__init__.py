"""The command line: reads, calls the library, prints. It holds no rule.

Nothing heavy is imported before a command needs it: `bihuan --help` loads neither polars nor pydantic.
"""

import atexit
import gc
import os


def main() -> None:
    """The program `bihuan`."""
    spare()
    from bihuan.cli.root import run

    run()


def spare() -> None:
    """Leave out what a short run does not need; together some tenths of a second."""
    gc.set_threshold(50_000, 50)  # hardly anything is garbage while modules are loaded
    atexit.register(gc.freeze)  # what is left is freed with the process
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # nobody multiplies matrices here
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # looking for them reads every installed package
