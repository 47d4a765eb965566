"""What a load on PostgreSQL did for nothing, a tenth of its time.

The tokens of a case stood in its row twice, the second time sorted as a vector with their places. They are indexed as they
stand in the text, which says, too, whether they follow each other.
"""

from typing import Any, ClassVar

from django.db import migrations

OURS = (
    "ALTER TABLE desk_findable DROP COLUMN words",
    "CREATE INDEX findable_tokens ON desk_findable USING gin (array_to_tsvector(string_to_array(text, ' ')))",
    # Whoever knows how often a token is said looks through all texts for what is said often, and takes them apart one by one.
    "ALTER INDEX findable_tokens ALTER COLUMN 1 SET STATISTICS 0",
    # Of no row of a projection matters when it got its id: of events it does, a seal is over all up to one.
    "ALTER SEQUENCE desk_obligation_id_seq CACHE 1000",
    "DROP INDEX IF EXISTS desk_case_number_f604e836_like",  # Django's, for LIKE: nobody asks for the beginning of a number
)


def put(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in OURS:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0018_declined")]
    operations: ClassVar = [migrations.RunPython(put)]
