"""The words for customers that templates mark for translation, and their translations in locale/. Needs Babel, of requirements-dev.txt."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import cast

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.template import Context, engines
from django.template.backends.django import DjangoTemplates
from django.template.base import Node, Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

FOLDERS = ("customer", "messages")
TEMPLATES, LOCALE = settings.BASE_DIR / "templates", settings.BASE_DIR / "locale"
Message = str | tuple[str, ...] | list[str]
Marked = TranslateNode | BlockTranslateNode


def codes() -> list[str]:
    """The languages that are translated to."""
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def wanted() -> Catalog:
    """Every marked sentence with the templates it stands in."""
    found = Catalog(project="Baton", charset="utf-8")
    engine = cast(DjangoTemplates, engines["django"])
    for path in sorted(path for folder in FOLDERS for path in (TEMPLATES / folder).rglob("*.*")):
        name = path.relative_to(TEMPLATES).as_posix()
        for message, context in _marked(engine.get_template(name).template):
            found.add(message, locations=[(name, 0)], context=context)
    return found


def kept(code: str) -> Catalog:
    """The translations as their file has them; none for a new language."""
    path = _path(code, "po")
    if not path.exists():
        header = f"# Baton's words for customers: {dict(settings.LANGUAGES)[code]}."
        return Catalog(locale=code, project="Baton", version="1", header_comment=header, last_translator="Baton", language_team=code,
                       msgid_bugs_address="", revision_date=datetime(2026, 11, 21, tzinfo=UTC), charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def refresh(code: str) -> Catalog:
    """Bring the file up to the templates: new sentences are added empty, those that are gone are left out; and compile it."""
    catalog, template = kept(code), wanted()
    template.creation_date = catalog.creation_date
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    _path(code, "po").parent.mkdir(parents=True, exist_ok=True)
    with _path(code, "po").open("wb") as file:
        write_po(file, catalog, width=140, sort_output=True, include_lineno=False)
    _path(code, "mo").write_bytes(compiled(code))
    return catalog


def compiled(code: str) -> bytes:
    """What the compiled file must be."""
    into = BytesIO()
    write_mo(into, kept(code))
    return into.getvalue()


def missing(code: str) -> list[Message]:
    """The sentences that have no translation, or not one for each of the language's plurals."""
    catalog = kept(code)
    return [message.id for message in wanted() if message.id and not _is_whole(catalog, message.id, message.context)]


def is_fresh(code: str) -> bool:
    """Whether what is compiled is what is written."""
    return _path(code, "mo").exists() and _path(code, "mo").read_bytes() == compiled(code)


def _path(code: str, ending: str) -> Path:
    return LOCALE / code / "LC_MESSAGES" / f"django.{ending}"


def _is_whole(catalog: Catalog, message: Message, context: str | None) -> bool:
    known = catalog.get(message, context)
    strings = () if known is None or known.fuzzy else known.string if isinstance(known.string, tuple | list) else (known.string,)
    return len(strings) == (1 if isinstance(message, str) else catalog.num_plurals) and all(strings)


def _marked(template: Template) -> list[tuple[Message, str | None]]:
    nodes = [node for node in template.nodelist.get_nodes_by_type(Node) if isinstance(node, Marked)]
    return [(_message(node), node.message_context.resolve(Context()) if node.message_context else None) for node in nodes]


def _message(node: Marked) -> Message:
    if isinstance(node, TranslateNode):
        return str(node.filter_expression.var.literal)
    singular = node.render_token_list(node.singular)[0]
    return (singular, node.render_token_list(node.plural)[0]) if node.plural else singular
