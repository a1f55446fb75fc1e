"""What the browser's tests share."""

from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.conftest import whole_product
from tests.servers import Site

# Styles that would break whatever is not out of their reach.
SHOP = """<!doctype html><html lang="en"><title>A shop</title>
<style>body, body * {{ transform: scale(.9) }} * {{ display: block !important; color: red !important }}
button, dialog, iframe {{ width: 1px !important }}</style>
<h1>A shop</h1><p><input aria-label="Search"></p><script src="{site}/widget.js" data-team="billing" async></script>"""


class _Shop(BaseHTTPRequestHandler):
    """Somebody else's site: any address is a page with the widget of the product given in `?site=`."""

    def do_GET(self) -> None:
        body = SHOP.format(site=self.path.partition("?site=")[2]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="package")
def shop() -> Iterator[int]:
    """The port of another site's server; the product's pages may be framed by it as `localhost`, not as `127.0.0.1`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Shop) as server:
        Thread(target=partial(server.serve_forever, poll_interval=0.05), daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="package")
def _site(django_db_setup: None, django_db_blocker: Any, shop: int) -> Iterator[Site]:
    """One product for all files of this folder: each of their tests uses it, and starting it takes longer than most of them."""
    with whole_product(django_db_blocker, WIDGET_ORIGINS=f"http://localhost:{shop}", FILES="true") as site:
        yield site
