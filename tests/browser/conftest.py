"""What the browser's tests share."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import whole_product
from tests.servers import Site


@pytest.fixture(scope="package")
def _site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    """One product for all files of this folder: each of their tests uses it, and starting it takes longer than most of them."""
    with whole_product(django_db_blocker) as site:
        yield site
