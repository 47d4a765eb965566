"""The database itself refuses to change or delete what is recorded.

The one exception is an archive destroyed under an entry: content and salt of its events may become empty, nothing else.
"""

from typing import Any, ClassVar

from django.db import migrations

APPEND_ONLY = ("desk_event", "desk_entry", "desk_seal")
CONTENT = ("actor", "unit", "facts", "given", "meta", "salt")
STATED = (
    "id",
    "case_id",
    "seq",
    "kind",
    "event",
    "at",
    "whole_day",
    "recorded_at",
    "edition",
    "digest",
    "hash",
)
SAYS = "the record is append-only: write a correction instead"


def sqlite() -> list[str]:
    kept = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in STATED)
    emptied = " AND ".join(f"NEW.{name} IS NULL" for name in CONTENT)
    allowed = f"{kept} AND {emptied} AND EXISTS (SELECT 1 FROM desk_case WHERE id = OLD.case_id AND destroyed_id IS NOT NULL)"
    made = []
    for table in APPEND_ONLY:
        unless = f"WHEN NOT ({allowed}) " if table == "desk_event" else ""
        made.append(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {unless}BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
        )
        made.append(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
        )
    return made


def postgresql() -> list[str]:
    kept = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in STATED)
    emptied = " AND ".join(f"NEW.{name} IS NULL" for name in CONTENT)
    made = [
        f"CREATE FUNCTION desk_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"""CREATE FUNCTION desk_refuse_unless_destroyed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF {kept} AND {emptied} AND EXISTS (SELECT 1 FROM desk_case WHERE id = OLD.case_id AND destroyed_id IS NOT NULL)
            THEN RETURN NEW; END IF;
            RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    ]
    for table in APPEND_ONLY:
        update = "desk_refuse_unless_destroyed" if table == "desk_event" else "desk_refuse"
        made.append(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {update}()"
        )
        made.append(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION desk_refuse()"
        )
        made.append(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION desk_refuse()"
        )
    return made


def forbid(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for statement in {"sqlite": sqlite, "postgresql": postgresql}[vendor]():
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(forbid)]
