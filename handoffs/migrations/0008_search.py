"""Words are found through indexes on PostgreSQL; SQLite's tables of words are made after each migration (`search.tables`)."""

from typing import Any

from django.db import migrations

# No stemming, as one conversation has English, the next Spanish: a word is found by its beginning instead. Accents and signs do not count.
WORDS = r"""
CREATE OR REPLACE FUNCTION handoffs_words(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT to_tsvector('pg_catalog.simple'::regconfig,
        translate(regexp_replace(normalize(left(said, 50000), NFD), '[\u0300-\u036f]', '', 'g'), '-_./:@#''’&+=?%,;()<>[]{}|\~', rpad('', 40)))
$$
"""
INDEXES = {
    "search_turn": "handoffs_turn USING gin (handoffs_words(text)) WHERE kind = 'message'",
    "search_goal": "handoffs_handoff USING gin (handoffs_words(goal))",
    "search_external": "handoffs_conversation USING gin (handoffs_words(external_id))",
    "search_customer": "handoffs_customer USING gin (handoffs_words(name || ' ' || email || ' ' || external_id))",
}


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(WORDS)
            for name, rest in INDEXES.items():
                cursor.execute(f"CREATE INDEX {name} ON {rest}")


def remove(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            for name in INDEXES:
                cursor.execute(f"DROP INDEX {name}")
            cursor.execute("DROP FUNCTION handoffs_words(text)")


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0007_live")]

    operations = [migrations.RunPython(make, remove)]
