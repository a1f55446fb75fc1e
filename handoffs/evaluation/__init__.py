"""Measures of the judgement on labelled data: one file a kind, found by scan.

A kind is a class with `code`, a docstring for people, and `measure(files) -> dict` of JSON values. Training sees only `files.train`,
`files.dev` and `files.oos_train`. Seeded: the same files give the same figures.
"""
