"""Which customers said that they want no calls."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0017_awake")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Declined",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="desk.case",
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
