"""Every address of the product."""

from django.urls import path  # noqa: F401

urlpatterns: list = []
