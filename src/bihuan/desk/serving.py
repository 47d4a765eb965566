"""The desk served by several processes: loaded once, then forked, so that they share all that does not change.

gunicorn looks after them: whoever dies is replaced, SIGTERM lets what was begun end. A request is answered by whichever
process is free; what all of them must know is in the database, in `counts`, or in the folder of the metrics.
"""

import ctypes
import gc
import os
import shutil
import socket
import tempfile
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.template import engines
from django.urls import get_resolver
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from bihuan.desk.balanced import Balanced
from bihuan.desk.proxied import proxied, trusted
from bihuan.desk.turns import in_turn
from bihuan.engine.errors import CallError
from bihuan.i18n import LANGUAGES, speaking

METRICS = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client when it is loaded
THREADS = 2  # of a process: while one waits for the database or the disk, the other goes on; each has a connection of its own
FEWEST, MOST = (
    2,
    8,
)  # processes, where nobody says how many: one slow page must not stop all, and one writes at a time
RARELY = 10_000, 20, 20  # a page makes thousands of objects and hardly a cycle
STOPS = 30  # seconds for what was begun
HANGS = 120  # seconds after which a process that gives no sign is replaced


def fitting() -> int:
    """As many processes as the machine has cores for."""
    return max(FEWEST, min(len(os.sched_getaffinity(0)), MOST))


def serve(host: str, port: int, workers: int) -> None:
    """Serve until told to stop."""
    chosen = options(listening(host, port), workers)
    os.environ[METRICS] = tempfile.mkdtemp(prefix="bihuan-metrics-")  # before anything that counts is loaded
    Arbiter(Desk(chosen)).run()


def listening(host: str, port: int) -> int:
    """The socket at this address, by its number; an address that cannot be had is told before anything is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # whoever comes while the desk loads waits, and is not turned away
    except OSError as error:
        listener.close()
        raise CallError(f"the desk cannot listen at {host}:{port}: {error.strerror}") from None
    return listener.detach()


def options(listener: int, workers: int) -> dict[str, Any]:
    return {
        "bind": f"fd://{listener}",
        "workers": workers,
        "worker_class": Balanced,
        "threads": THREADS,
        "keepalive": 65,
        "timeout": HANGS,
        "graceful_timeout": STOPS,
        "limit_request_line": 8190,
        "forwarded_allow_ips": "",  # `proxied` says whose word is taken
        "control_socket_disable": True,
        "logger_class": Lines,
        "loglevel": "warning",
        "pre_fork": alone,
        "on_exit": tidy,
    }


class Desk(BaseApplication):  # type: ignore[misc]  # untyped
    """The desk as gunicorn runs it."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.application = loaded()
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        return self.application


class Lines(Logger):  # type: ignore[misc]  # untyped
    """gunicorn's own words go where those of the desk go (`logs`)."""

    def setup(self, cfg: Any) -> None:
        self.cfg, self.loglevel, self._access_log_enabled = cfg, self.LOG_LEVELS[cfg.loglevel], False
        self.error_log.setLevel(self.loglevel)
        self.error_log.propagate = True


def loaded() -> Callable[..., Any]:
    """Everything that a request may need is in memory before the processes part."""
    import numpy.ma  # noqa: F401 - numpy itself loads it with the first question that needs it

    from bihuan.desk.asked import refusable
    from bihuan.desk.models import Edition
    from bihuan.desk.office import office_now
    from bihuan.desk.wsgi import application

    get_resolver().url_patterns  # noqa: B018 - loads all pages and the API
    found: Any = engines.all()[0]
    for language in LANGUAGES:
        with speaking(language):
            for name in found.env.list_templates():
                found.env.get_template(name)
    office = office_now()
    office.calendars()
    for hash in Edition.objects.filter(in_force=True).values_list("hash", flat=True):
        office.plan(hash).of_faults  # noqa: B018 - made now
        refusable(hash)
    taken = in_turn(application) if connection.vendor == "sqlite" else application
    return proxied(taken, trusted(settings.PROXY))


def alone(arbiter: Any, worker: Any) -> None:
    """A database connection belongs to one process; what is in memory now stays shared as long as nobody touches it."""
    connections.close_all()
    gc.collect()
    trimmed()
    gc.freeze()
    gc.set_threshold(*RARELY)


def trimmed() -> None:
    """What loading needed in between goes back to the machine, where the C library can give it back."""
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give_back is not None:
        give_back(0)


def tidy(arbiter: Any) -> None:
    shutil.rmtree(os.environ.get(METRICS, ""), ignore_errors=True)
