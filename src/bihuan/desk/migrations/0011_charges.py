"""The charges of two months, which `tick` takes with the figures."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0010_index_in_small_steps")]
    operations: ClassVar = [
        migrations.AddField("measure", "charges", models.BinaryField(default=b"")),
    ]
