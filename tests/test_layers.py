"""Who may import whom, and what every module must have. A new file of handoffs/ fails here until it has its place."""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RANKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("words", ("snapshots", "policy", "states", "signals", "plugins", "addresses", "feeling", "differences", "learned", "evaluation",
               "wording", "quantities", "grounding", "topics", "defaults", "briefing", "dispatch", "hours", "attended", "wrapped", "waiting", "tongue",
               "outgoing", "courtesies",
               "mail", "mail_addresses", "clock")),
    ("plug-ins", ("triggers", "assistants", "mediums", "records")),
    ("store", ("models", "prepared", "outbox", "transitions", "timekeeping")),
    ("steps", ("detection", "packaging", "routing", "receiving", "claiming", "waiting_room", "handback", "wrapping", "roster", "letters", "history",
               "shelf", "briefs",
               "rewriting", "lookups", "webhooks", "repeats", "corrections", "canned", "copilot", "offers", "overflow", "passing", "search", "snoozing",
               "breaks", "unanswered")),
    ("flow", ("pipeline", "calling_back", "attending", "crowding", "turns", "decisions", "proposals", "conversations", "arrivals", "files", "quality",
               "learning",
              "verdicts", "simulation", "publishing")),
    ("doors", ("tasks", "duties", "admin", "media_admin", "waiting_admin", "reading_only", "apps", "management", "rehearsal")),
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


def found(paths: Iterable[Path], wrong: Callable[[Path], list[str]]) -> dict[str, list[str]]:
    """What is wrong, by module. One test looks at all of them: a test each would take longer than the looking."""
    return {str(path): names for path in paths if (names := wrong(path))}


def test_every_module_of_the_domain_has_a_rank() -> None:
    assert [str(path) for path in modules("handoffs") if rank(dotted(path)) == -1] == [], "say in RANKS where they belong"


def test_the_docs_show_these_ranks() -> None:
    rows = [line.split("|") for line in (ROOT / "docs/flow.md").read_text(encoding="utf-8").splitlines()]
    shown = {row[1].strip(): {name.removesuffix("/*") for name in row[2].strip(" `").split()} for row in rows if len(row) == 4}
    assert {name: shown.get(name) for name, _ in RANKS} == {name: set(names) for name, names in RANKS}


def test_imports_never_go_up() -> None:
    def upwards(path: Path) -> list[str]:
        mine = rank(dotted(path))
        return [name for name in imported(parsed(path)) if mine is not None and (theirs := rank(name)) is not None and theirs > mine]

    assert found(modules("handoffs", "console"), upwards) == {}


def test_plug_ins_know_neither_the_store_nor_the_web() -> None:
    banned = ("django.db", "django.http", "channels", "celery", "requests", "urllib.request")
    plug_ins = modules("handoffs/triggers", "handoffs/assistants", "handoffs/mediums", "handoffs/records")
    assert found(plug_ins, lambda path: [name for name in imported(parsed(path)) if name.startswith(banned)]) == {}


def test_the_domain_knows_no_web() -> None:
    banned = ("django.http", "django.urls", "django.views", "django.test", "channels", "ninja", "django_htmx")
    domain = [path for path in modules("handoffs") if path.name != "admin.py"]
    assert found(domain, lambda path: [name for name in imported(parsed(path)) if name.startswith(banned)]) == {}


def test_nothing_is_imported_inside_a_function() -> None:
    def inside(path: Path) -> list[str]:
        return [name for function in functions(parsed(path)) if function.name != "ready" for name in imported(function)]

    assert found(modules("handoffs", "console"), inside) == {}


def test_every_module_says_what_it_is_for() -> None:
    whole = modules("handoffs", "console", "tests")
    assert [str(path) for path in whole if parsed(path).body and not ast.get_docstring(parsed(path))] == []


def test_no_function_is_longer_than_a_page() -> None:
    def long(path: Path) -> list[str]:
        return [each.name for each in functions(parsed(path)) if (each.end_lineno or 0) - each.lineno + 1 > LONGEST_FUNCTION]

    assert found(modules("handoffs", "console", "tests"), long) == {}
