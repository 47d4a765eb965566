"""The database refuses also what takes the place of a recorded row, what empties an event under no entry, and another text
for an edition (`guards`); on PostgreSQL also to whoever writes as a replica.
"""

from typing import Any, ClassVar

from django.db import migrations

from bihuan.desk import guards


def put(apps: Any, schema_editor: Any) -> None:
    guards.put()
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION desk_refuse(), desk_refuse_unless_destroyed()")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0012_lists")]
    operations: ClassVar = [migrations.RunPython(put)]
