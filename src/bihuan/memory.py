"""Memory that one piece of a log let go is kept for the next: taken from the system anew, it costs a tenth of all time.

A choice of the whole process, so only a program makes it, never a library that is called; the desk, whose processes
should stay small, makes the other one. To be made before Polars is imported, whose own allocator looks at its
environment once.
"""

import ctypes
import os
import sys

POLARS = "_RJEM_MALLOC_CONF"
TRIM, MMAP, ARENAS = -1, -3, -8  # of mallopt(3), glibc
MUCH = 1 << 30


def reuse() -> None:
    """Keep what is let go, of one heap for all threads; elsewhere than on Linux nothing changes.

    Polars takes it in large pages, and keeps it for half a second, which is longer than a piece takes: for longer,
    and ten million cases take a fifth more.
    """
    if sys.platform != "linux":
        return
    os.environ.setdefault("POLARS_ROW_GROUP_PREFETCH_SIZE", "2")  # reading is quicker than judging anyway
    os.environ.setdefault(POLARS, "thp:always,dirty_decay_ms:500,muzzy_decay_ms:0")
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
    if set_option is not None:
        for option, value in ((MMAP, MUCH), (TRIM, MUCH), (ARENAS, 1)):
            set_option(option, value)


def spare() -> None:
    """One stock of memory for all threads of Polars; of its own, each takes two MiB for tables of a few rows."""
    os.environ.setdefault(POLARS, "narenas:1")
