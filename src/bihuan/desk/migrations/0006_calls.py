"""What became of the calls of a callback. Filled in by `rebuild.complete` after the migration: the engine works it out."""

from typing import Any, ClassVar

from django.db import migrations, models

FIELDS: dict[str, Any] = {
    "attempts": models.PositiveIntegerField(null=True),
    "last_attempt_at": models.DateTimeField(null=True),
    "last_method": models.CharField(max_length=200, null=True),
    "next_at": models.DateTimeField(null=True),
    "points": models.FloatField(null=True),
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0005_messages")]
    operations: ClassVar = [
        migrations.AddField(model_name="obligation", name=name, field=field) for name, field in FIELDS.items()
    ]
