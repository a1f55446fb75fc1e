"""How tests run: shared among pytest-xdist's processes so that a product is started once and what waits comes first, and with little looking for garbage."""

import gc
import os
from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

TOGETHER = ("tests/browser", "tests/journeys")
# They take longest, or wait most: begun last, they would keep one process busy after all others are done.
FIRST = (*TOGETHER, "tests/console/test_live.py", "tests/console/test_run.py", "tests/console/test_drain.py", "tests/faults/test_half_open.py",
         "tests/console/test_settings.py", "tests/console/test_api_waiting.py")


def share_of(test: str) -> str:
    """What one process runs whole, by a test's id: its file, or its folder."""
    file = test.partition("::")[0]
    return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


class Shares(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Shares:
    config.option.loadscopereorder = False
    return Shares(config, log)


def touches_the_database(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())))


def pytest_collection_modifyitems(config: Any, items: list[pytest.Item]) -> None:
    """Only for shared runs; whoever runs the tests alone reads them in the order of the files."""
    if hasattr(config, "workerinput"):
        if os.environ.get("BATON_TEST_DATABASE") == "postgresql":
            # The others have nothing to do with it; the run on SQLite has them.
            items[:] = filter(touches_the_database, items)
        items.sort(key=lambda item: FIRST.index(share) if (share := share_of(item.nodeid)) in FIRST else len(FIRST))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again took an eighth of the tests' processor time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
