"""The secret before the present one of a subscription, and until when messages are signed with it, too."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("desk", "0014_named")]
    operations: ClassVar = [
        migrations.AddField(
            "subscription", "old_salt", models.CharField(blank=True, default="", max_length=32)
        ),
        migrations.AddField("subscription", "old_until", models.DateTimeField(blank=True, null=True)),
    ]
