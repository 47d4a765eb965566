"""An index that nobody asks goes, and one of all that was ever owed becomes one of what still runs.

Whether somebody acted on a case is asked of the events of that case; lists by kind show what is open or overdue.
"""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0008_fewer_indexes")]
    operations: ClassVar = [
        migrations.RemoveIndex("event", "event_actor"),
        migrations.RemoveIndex("obligation", "obligation_kind"),
        migrations.AddIndex(
            "obligation",
            models.Index(
                fields=["kind", "due_at", "id"],
                name="obligation_running",
                condition=models.Q(state__in=("open", "overdue")),
            ),
        ),
    ]
