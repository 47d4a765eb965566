"""People whom a case concerns without their acting. Of the cases there are, `rebuild.complete` says it with what lists show."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0013_guards")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Named",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.CharField(max_length=200)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.deletion.CASCADE,
                        related_name="named",
                        to="desk.case",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("case", "person"), name="named_once")],
            },
        ),
        migrations.RunSQL(
            "UPDATE desk_case SET matter = NULL WHERE destroyed_id IS NULL", migrations.RunSQL.noop
        ),
    ]
