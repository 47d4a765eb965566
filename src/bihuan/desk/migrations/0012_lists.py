"""What lists show of a case without reading its events: what it is about, whether a unit has it, when that unit is late.

Without a default, so that SQLite adds columns instead of making the table anew. `rebuild.complete` fills them in after the
migration, in portions; until then `matter` is NULL.
"""

from typing import Any, ClassVar

from django.db import migrations, models

FIELDS: dict[str, Any] = {
    "matter": models.CharField(blank=True, max_length=200, null=True),
    "sent": models.BooleanField(null=True),
    "owed_at": models.DateTimeField(blank=True, null=True),
}
INDEXES = (
    models.Index(fields=["opened_at", "id"], name="case_waits", condition=models.Q(sent=False)),
    models.Index(fields=["unit", "edition", "owed_at"], name="case_sent", condition=models.Q(sent=True)),
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0011_charges")]
    operations: ClassVar = [
        *(migrations.AddField(model_name="case", name=name, field=field) for name, field in FIELDS.items()),
        *(migrations.AddIndex("case", index) for index in INDEXES),
    ]
