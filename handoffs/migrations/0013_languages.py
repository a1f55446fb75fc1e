from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("handoffs", "0012_media"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="browser_language",
            field=models.CharField(blank=True, db_default="", default="", help_text="What the customer's browser asks for.", max_length=20),
        ),
        migrations.AddField(
            model_name="conversation",
            name="chosen_language",
            field=models.CharField(blank=True, db_default="", default="", help_text="Chosen by the customer on their page.", max_length=20),
        ),
        migrations.AddField(
            model_name="conversation",
            name="wished_team",
            field=models.CharField(blank=True, db_default="", default="", help_text="Where it goes when no team fits better: a code.", max_length=50),
        ),
    ]
