"""PostgreSQL's tables as files and back, by COPY: all of them out of one snapshot, without pg_dump.

Columns that the database works out itself are left out. What Django makes by itself (types, permissions, the list of
migrations) is not copied.
"""

from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction

OWN = ("django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions")
COLUMNS = """
SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY c.relname, a.attnum
"""
SEQUENCES = """
SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL
"""


def columns() -> dict[str, list[str]]:
    """The tables and their columns."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column in cursor.fetchall():
            if table not in OWN:
                found.setdefault(table, []).append(column)
    return found


def taken(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every table as a file, as all of them stood at one instant."""
    quote = connection.ops.quote_name
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for table, names in columns().items():
            path = folder / f"{table}.copy"
            listed = ", ".join(quote(name) for name in names)
            with path.open("wb") as out:
                out.write((",".join(names) + "\n").encode())
                with cursor.copy(f"COPY {quote(table)} ({listed}) TO STDOUT") as rows:
                    for chunk in rows:
                        out.write(bytes(chunk))
            yield path.name, path


def given_back(folder: Path) -> None:
    """The rows into tables that are there and empty, all or none; then what counts on goes on after them."""
    quote = connection.ops.quote_name
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        for path in sorted(folder.glob("*.copy")):
            with path.open("rb") as rows:
                names = rows.readline().decode().strip().split(",")
                listed = ", ".join(quote(name) for name in names)
                with cursor.copy(f"COPY {quote(path.stem)} ({listed}) FROM STDIN") as copy:
                    while chunk := rows.read(1 << 20):
                        copy.write(chunk)
        cursor.execute(SEQUENCES)
        for table, column, sequence in cursor.fetchall():
            cursor.execute(
                f"SELECT setval(%s, coalesce(max({quote(column)}), 1), max({quote(column)}) IS NOT NULL) FROM {quote(table)}",
                [sequence],
            )


def emptied() -> None:
    """Take all tables and functions of the desk away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        [(schema,)] = cursor.fetchall()
        names = [connection.ops.quote_name(name) for name in connection.introspection.table_names(cursor)]
        if names:
            cursor.execute(f"DROP TABLE {', '.join(names)} CASCADE")
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
            "WHERE n.nspname = %s AND p.proname LIKE 'desk\\_%%'",
            [schema],
        )
        for (function,) in cursor.fetchall():
            cursor.execute(f"DROP FUNCTION {function} CASCADE")
