"""Indexes go that repeat the beginning of another, or that nobody asks: each cost every event and every load its share.

`event_once`, `reach_once` and `concern_once` begin with the same column. Cases are looked for by no case that they were
merged into and by no entry under which they were destroyed. Few rows are about a subject; only those are indexed.
"""

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

NEEDLESS = (
    ("desk_event", "case_id"),
    ("desk_reach", "case_id"),
    ("desk_concern", "subject_id"),
    ("desk_case", "merged_into_id"),
    ("desk_case", "destroyed_id"),
    ("desk_obligation", "subject_id"),
    ("desk_irregularity", "subject_id"),
)


def drop(apps: Any, schema_editor: Any) -> None:
    """Without making the tables anew, as Django would on SQLite: that copies them, and loses their triggers."""
    connection = schema_editor.connection
    for table, column in NEEDLESS:
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, table)
        for name, one in found.items():
            own = one["columns"] == [column] and one["index"]
            if own and not (one["unique"] or one["primary_key"] or one["foreign_key"]):
                schema_editor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")


def to(model: str, **more: Any) -> Any:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, to=f"desk.{model}", db_index=False, **more
    )


def kept(model: str, **more: Any) -> Any:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, to=f"desk.{model}", db_index=False, **more
    )


def of_subjects(name: str) -> models.Index:
    return models.Index(fields=["subject"], name=name, condition=models.Q(subject__isnull=False))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0007_figures")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop)],
            state_operations=[
                migrations.AlterField("event", "case", kept("case", related_name="events")),
                migrations.AlterField("reach", "case", to("case", related_name="reaches")),
                migrations.AlterField("concern", "subject", to("subject", related_name="concerns")),
                migrations.AlterField("case", "merged_into", kept("case", null=True, blank=True)),
                migrations.AlterField("case", "destroyed", kept("entry", null=True, blank=True)),
                migrations.AlterField(
                    "obligation", "subject", to("subject", null=True, related_name="obligations")
                ),
                migrations.AlterField(
                    "irregularity", "subject", to("subject", null=True, related_name="irregularities")
                ),
            ],
        ),
        migrations.AddIndex("obligation", of_subjects("obligation_subject")),
        migrations.AddIndex("irregularity", of_subjects("irregularity_subject")),
    ]
