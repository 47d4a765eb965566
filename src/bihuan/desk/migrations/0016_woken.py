"""What happened to subjects since they were judged, as rows that are only added."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0015_secrets")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Woken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=models.deletion.CASCADE,
                        to="desk.subject",
                    ),
                ),
            ],
        ),
    ]
