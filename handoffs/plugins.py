"""Loads a folder of plug-ins: every module in it that defines a class with a `code`."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any


@cache
def load(folder: str) -> dict[str, Any]:
    """One instance of each plug-in in the package `folder`, by its code, in order of module name.

    Raises ValueError when two plug-ins share a code.
    """
    package = import_module(folder)
    found: dict[str, Any] = {}
    for info in iter_modules(package.__path__):
        for plugin in _classes(import_module(f"{folder}.{info.name}")):
            if plugin.code in found:
                raise ValueError(f"two plug-ins in {folder} have the code {plugin.code!r}")
            found[plugin.code] = plugin()
    return found


def _classes(module: ModuleType) -> list[Any]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__ and hasattr(value, "code")
    ]
