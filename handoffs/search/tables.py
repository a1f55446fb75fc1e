"""How the databases find words: PostgreSQL by the indexes of migration 0008, SQLite by two tables of words that triggers keep."""

from collections.abc import Iterable
from typing import Any

from django.db import connections
from django.db.models.expressions import RawSQL

from handoffs.search.phrases import Phrase

TOKENS = "tokenize = 'unicode61 remove_diacritics 2'"
TABLES = {
    "search_turn": f"CREATE VIRTUAL TABLE search_turn USING fts5(text, content = 'handoffs_turn', content_rowid = 'id', {TOKENS})",
    # The keys are words too, so that a row is found by them without a look at every other.
    "search_head": f"CREATE VIRTUAL TABLE search_head USING fts5(handoff, customer, words, {TOKENS})",
}
HEAD = """
    INSERT INTO search_head(handoff, customer, words)
    SELECT h.id, 'customer' || u.id, h.goal || ' ' || u.name || ' ' || u.email || ' ' || u.external_id || ' ' || c.external_id
    FROM handoffs_handoff h JOIN handoffs_conversation c ON c.id = h.conversation_id JOIN handoffs_customer u ON u.id = c.customer_id
"""
FORGET = "DELETE FROM search_head WHERE rowid IN (SELECT rowid FROM search_head WHERE search_head MATCH {})"
FORGET_TURN = "INSERT INTO search_turn(search_turn, rowid, text) VALUES ('delete', old.id, old.text)"
KEEP_TURN = "INSERT INTO search_turn(rowid, text) VALUES (new.id, new.text)"
FORGET_HEAD, KEEP_HEAD = FORGET.format("'handoff : ' || old.id"), f"{HEAD} WHERE h.id = new.id"
TRIGGERS = {
    "search_turn_said": f"AFTER INSERT ON handoffs_turn WHEN new.kind = 'message' BEGIN {KEEP_TURN}; END",
    "search_turn_gone": f"AFTER DELETE ON handoffs_turn WHEN old.kind = 'message' BEGIN {FORGET_TURN}; END",
    "search_turn_changed": f"AFTER UPDATE OF text ON handoffs_turn WHEN old.kind = 'message' BEGIN {FORGET_TURN}; {KEEP_TURN}; END",
    "search_handoff_made": f"AFTER INSERT ON handoffs_handoff BEGIN {KEEP_HEAD}; END",
    "search_handoff_gone": f"AFTER DELETE ON handoffs_handoff BEGIN {FORGET_HEAD}; END",
    "search_handoff_changed": f"AFTER UPDATE OF goal ON handoffs_handoff WHEN old.goal <> new.goal BEGIN {FORGET_HEAD}; {KEEP_HEAD}; END",
    "search_customer_changed": "AFTER UPDATE OF name, email, external_id ON handoffs_customer WHEN (old.name, old.email, old.external_id) <> "
                               f"(new.name, new.email, new.external_id) BEGIN {FORGET.format(chr(39) + 'customer : customer' + chr(39) + ' || old.id')}; "
                               f"{HEAD} WHERE u.id = new.id; END",
}
FILL = ("DELETE FROM search_head", HEAD, "INSERT INTO search_turn(search_turn) VALUES ('delete-all')",
        "INSERT INTO search_turn(rowid, text) SELECT id, text FROM handoffs_turn WHERE kind = 'message'")

IN_TURNS = {
    "postgresql": "SELECT h.id FROM handoffs_handoff h WHERE h.conversation_id IN "
                  "(SELECT t.conversation_id FROM handoffs_turn t WHERE t.kind = 'message' AND handoffs_words(t.text) @@ %s::tsquery)",
    "sqlite": "SELECT h.id FROM handoffs_handoff h WHERE h.conversation_id IN (SELECT t.conversation_id FROM handoffs_turn t "
              "WHERE t.id IN (SELECT rowid FROM search_turn WHERE search_turn MATCH %s))",
}
IN_HEADS = {
    "postgresql": "SELECT h.id FROM handoffs_handoff h WHERE handoffs_words(h.goal) @@ %s::tsquery "
                  "UNION ALL SELECT h.id FROM handoffs_handoff h JOIN handoffs_conversation c ON c.id = h.conversation_id "
                  "WHERE handoffs_words(c.external_id) @@ %s::tsquery "
                  "UNION ALL SELECT h.id FROM handoffs_handoff h JOIN handoffs_conversation c ON c.id = h.conversation_id WHERE c.customer_id IN "
                  "(SELECT u.id FROM handoffs_customer u WHERE handoffs_words(u.name || ' ' || u.email || ' ' || u.external_id) @@ %s::tsquery)",
    "sqlite": "SELECT handoff FROM search_head WHERE search_head MATCH %s",
}
TURNS = {
    "postgresql": "SELECT t.id FROM handoffs_turn t WHERE t.kind = 'message' AND handoffs_words(t.text) @@ %s::tsquery",
    "sqlite": "SELECT rowid FROM search_turn WHERE search_turn MATCH %s",
}


def by_head(vendor: str, phrase: Phrase) -> RawSQL:
    """Handoffs by what they are about or who they are with: goal, name, e-mail and others' ids."""
    query = "words : " + asked(vendor, phrase) if vendor == "sqlite" else asked(vendor, phrase)
    return _sql(IN_HEADS[vendor], *[query] * IN_HEADS[vendor].count("%s"))


def by_any(vendor: str, phrase: Phrase) -> RawSQL:
    """Handoffs by that or by what was said in their conversation."""
    head = by_head(vendor, phrase)
    return _sql(f"{head.sql} UNION ALL {IN_TURNS[vendor]}", *head.params, asked(vendor, phrase))


def turns(vendor: str, wanted: Iterable[Phrase]) -> RawSQL:
    """Turns with any of the phrases."""
    either = " | " if vendor == "postgresql" else " OR "
    return _sql(TURNS[vendor], either.join(asked(vendor, phrase) for phrase in wanted))


def asked(vendor: str, phrase: Phrase) -> str:
    """The phrase in the database's own query language; its words are letters and figures alone."""
    if vendor == "sqlite":
        return f'"{" ".join(phrase)}" *'
    *others, last = phrase
    return "(" + " <-> ".join([*(f"'{word}'" for word in others), f"'{last}':*"]) + ")"


def _sql(constant: str, *values: str) -> RawSQL:
    return RawSQL(constant, values)  # noqa: S611  (our own constants; what was asked for is a value)


def install(using: str, **_: Any) -> None:
    """Make SQLite's tables and triggers that are missing, and fill them anew then. Called after every migration."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE 'search_%%' OR name = 'handoffs_handoff'", [])
        there = {name for (name,) in cursor.fetchall()}
        missing = [TABLES[name] for name in TABLES if name not in there]
        missing += [f"CREATE TRIGGER {name} {TRIGGERS[name]}" for name in TRIGGERS if name not in there]
        for statement in (*missing, *FILL) if missing and "handoffs_handoff" in there else ():
            cursor.execute(statement)


def make_way(using: str, plan: Any = (), **_: Any) -> None:
    """Drop the triggers before tables change: SQLite makes them anew under another name, which a trigger on them forbids."""
    connection = connections[using]
    if connection.vendor == "sqlite" and plan:
        with connection.cursor() as cursor:
            for name in TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
