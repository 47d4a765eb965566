"""What sleeps though a period may have begun since: it is judged anew by the next rounds of `tick`, or by `rebuild`."""

from typing import ClassVar

from django.db import migrations

SUBJECTS = "UPDATE desk_subject SET wake_at = judged_at WHERE wake_at IS NULL"
CASES = """
UPDATE desk_case SET wake_at = judged_at WHERE wake_at IS NULL AND closed_at IS NULL AND destroyed_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0016_woken")]
    operations: ClassVar = [
        migrations.RunSQL(SUBJECTS, migrations.RunSQL.noop),
        migrations.RunSQL(CASES, migrations.RunSQL.noop),
    ]
