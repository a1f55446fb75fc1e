"""Plug-ins that recognise the moment a person should take over: one file each, pure.

A trigger is a class with `code`, `label`, a docstring shown to supervisors, `examples` (pairs of a transcript and whether
it must fire) and `detect(transcript, policy) -> Detection | None`. No models, clock, settings or network.
"""
