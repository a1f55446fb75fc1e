"""New rows get their times by the database's clock. Nothing changes in the database, so no table is made anew."""

from django.db import migrations, models

import handoffs.clock

FIELDS = ("agent.status_since", "attempt.at", "conversation.created_at", "conversation.last_turn_at", "correction.at", "example.at", "firstanswer.at",
          "handoff.created_at", "handoff.waiting_since", "importedrecord.at", "learnedmodel.made_at", "letter.due_at", "offer.offered_at",
          "proposalrecord.at", "repeatask.at", "replay.asked_at", "step.at", "survey.at", "turn.at", "verdict.at")
NULLABLE = (("customerrecord", "due_at", ""), ("rewrite", "due_at", ""), ("policyversion", "published_at", "None: a draft."))


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0009_growth")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[
        *(migrations.AlterField(*path.split("."), models.DateTimeField(default=handoffs.clock.now)) for path in FIELDS),
        *(migrations.AlterField(model, name, models.DateTimeField(null=True, blank=True, default=handoffs.clock.now, help_text=words))
          for model, name, words in NULLABLE),
    ])]
