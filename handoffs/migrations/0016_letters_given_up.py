"""Letters that were given up after eight tries stay so, now that there are 80."""

from typing import Any

from django.db import migrations

BEFORE, NOW = 8, 80


def keep_given_up(apps: Any, schema_editor: Any) -> None:
    apps.get_model("handoffs", "Letter").objects.filter(sent_at__isnull=True, tries__gte=BEFORE).update(tries=NOW)


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0015_media_clock")]
    operations = [migrations.RunPython(keep_given_up, migrations.RunPython.noop)]
