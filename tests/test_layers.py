"""Who may import whom, and what every module must have. A new file of handoffs/ fails here until it has its place."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RANKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("words", ("snapshots", "policy", "states", "signals", "plugins", "addresses", "feeling", "differences", "learned", "evaluation",
               "wording", "quantities", "grounding", "topics", "defaults", "briefing", "dispatch", "hours", "waiting", "tongue", "outgoing", "clock")),
    ("plug-ins", ("triggers", "assistants", "mediums", "records")),
    ("store", ("models", "prepared", "outbox", "transitions", "timekeeping")),
    ("steps", ("detection", "packaging", "routing", "receiving", "claiming", "waiting_room", "handback", "roster", "letters", "history", "shelf", "briefs",
               "rewriting", "lookups", "webhooks", "repeats", "corrections", "canned", "copilot", "offers", "overflow", "passing", "search", "snoozing")),
    ("flow", ("pipeline", "calling_back", "turns", "decisions", "proposals", "conversations", "quality", "learning", "verdicts", "simulation", "publishing")),
    ("doors", ("tasks", "admin", "media_admin", "reading_only", "apps", "management")),
)
EDGE = len(RANKS)
LONGEST_FUNCTION = 60
Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(*folders: str) -> list[Path]:
    return sorted(path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def rank(dotted: str) -> int | None:
    """The rank of a module of ours: a place in RANKS, the edge above them, or None for others' modules and the package itself."""
    package, _, rest = dotted.partition(".")
    if package == "console":
        return EDGE
    if package != "handoffs" or not rest:
        return None
    places = [place for place, (_, names) in enumerate(RANKS) if rest.split(".")[0] in names]
    return places[0] if places else -1


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module a piece of code imports; `from handoffs import x` is the module handoffs.x."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are absolute"
            whole = node.module in ("handoffs", "console")
            yield from ((f"{node.module}.{alias.name}" for alias in node.names) if whole else [node.module])


def dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


@pytest.mark.parametrize("path", modules("handoffs"), ids=str)
def test_every_module_of_the_domain_has_a_rank(path: Path) -> None:
    assert rank(dotted(path)) != -1, f"say in RANKS where {path} belongs"


@pytest.mark.parametrize("path", modules("handoffs", "console"), ids=str)
def test_imports_never_go_up(path: Path) -> None:
    mine = rank(dotted(path))
    upwards = [name for name in imported(parsed(path)) if mine is not None and (theirs := rank(name)) is not None and theirs > mine]
    assert upwards == []


@pytest.mark.parametrize("path", modules("handoffs/triggers", "handoffs/assistants", "handoffs/mediums", "handoffs/records"), ids=str)
def test_plug_ins_know_neither_the_store_nor_the_web(path: Path) -> None:
    banned = ("django.db", "django.http", "channels", "celery", "requests", "urllib.request")
    assert [name for name in imported(parsed(path)) if name.startswith(banned)] == []


@pytest.mark.parametrize("path", [path for path in modules("handoffs") if path.name != "admin.py"], ids=str)
def test_the_domain_knows_no_web(path: Path) -> None:
    banned = ("django.http", "django.urls", "django.views", "django.test", "channels", "ninja", "django_htmx")
    assert [name for name in imported(parsed(path)) if name.startswith(banned)] == []


@pytest.mark.parametrize("path", modules("handoffs", "console"), ids=str)
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    inside = [name for function in functions(parsed(path)) if function.name != "ready" for name in imported(function)]
    assert inside == []


@pytest.mark.parametrize("path", modules("handoffs", "console", "tests"), ids=str)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    tree = parsed(path)
    assert ast.get_docstring(tree) or not tree.body


@pytest.mark.parametrize("path", modules("handoffs", "console", "tests"), ids=str)
def test_no_function_is_longer_than_a_page(path: Path) -> None:
    long = [function.name for function in functions(parsed(path)) if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION]
    assert long == []
