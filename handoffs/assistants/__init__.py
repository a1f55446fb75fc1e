"""Plug-ins that answer customers: built-in assistants, one file each.

An assistant is a class with `code`, `name`, `reply(transcript) -> Proposal`, `clarify(transcript) -> Proposal` (one question
when the reply was not sure enough) and `wrap_up(brief, resolution) -> Proposal`. They read values and return values; what
they may say is judged elsewhere.
"""
