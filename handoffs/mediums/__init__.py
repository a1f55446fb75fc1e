"""Plug-ins that carry words to customers: one file each.

A medium is a class with `code`, `live` (whether it can show a waiting room) and `send(to, subject, text)`.
"""
