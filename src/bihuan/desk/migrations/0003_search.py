"""What cases are found by: a table, and beside it the database's own index of pairs of characters.

SQLite has a full-text table without content of its own; PostgreSQL a vector in the row, with an inverted index.
"""

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

SQLITE = ("CREATE VIRTUAL TABLE desk_words USING fts5(text, content='', tokenize='ascii')",)
POSTGRESQL = (
    "ALTER TABLE desk_findable ADD COLUMN words tsvector",
    "CREATE INDEX findable_words ON desk_findable USING gin (words)",
)


def add_index(apps: Any, schema_editor: Any) -> None:
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0002_append_only")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Findable",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="findable",
                        serialize=False,
                        to="desk.case",
                    ),
                ),
                ("text", models.TextField()),
            ],
        ),
        migrations.RunPython(add_index),
    ]
