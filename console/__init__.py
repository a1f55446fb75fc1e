"""The edge: everything that speaks HTTP, websockets and HTML."""

from console.celery import app as celery_app

__all__ = ["celery_app"]
