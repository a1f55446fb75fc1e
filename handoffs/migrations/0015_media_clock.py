"""Deliveries, mails and files get their times by the database's clock too. Nothing changes in the database."""

from django.db import migrations, models

import handoffs.clock

FIELDS = ("delivery.due_at", "delivery.made_at", "file.at", "inboundmail.at", "mailbox.lease_until")


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0014_waits")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[
        *(migrations.AlterField(*path.split("."), models.DateTimeField(default=handoffs.clock.now)) for path in FIELDS),
        migrations.AlterField("endpoint", "made_at", models.DateTimeField(default=handoffs.clock.now, editable=False)),
    ])]
