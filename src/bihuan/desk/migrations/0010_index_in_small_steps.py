"""The index of SQLite is brought together by who writes, a little at a time (`search.indexing`).

By itself it did so for some thirty milliseconds every 64 writes, and whoever waited to write waited for it.
"""

from typing import Any, ClassVar

from django.db import migrations

OURS = {"automerge": 0, "usermerge": 16, "crisismerge": 64}  # pieces of a level
ITS_OWN = {"automerge": 4, "usermerge": 4, "crisismerge": 16}


def config(values: dict[str, int]) -> Any:
    def put(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "sqlite":
            for name, value in values.items():
                schema_editor.execute(
                    "INSERT INTO desk_words (desk_words, rank) VALUES (%s, %s)", [name, value]
                )

    return put


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0009_indexes_of_what_runs")]
    operations: ClassVar = [migrations.RunPython(config(OURS), config(ITS_OWN))]
