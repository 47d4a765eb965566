"""The figures of the periods that run, which `tick` takes."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0006_calls")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Measure",
            fields=[
                (
                    "edition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="measure",
                        serialize=False,
                        to="desk.edition",
                    ),
                ),
                ("as_of", models.DateTimeField()),
                ("cases", models.PositiveIntegerField()),
                ("whole", models.BooleanField()),
                ("problem", models.TextField(default="")),
                ("figures", models.JSONField()),
                ("behind", models.BinaryField()),
            ],
        ),
    ]
