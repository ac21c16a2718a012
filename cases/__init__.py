"""The rules: matters, subjects, events, fold, routing, parties, deadlines, numbers.

Pure: nothing in this package imports Flask, SQLite, HTTP, ``os``, ``time`` or ``random``, nor any
other package of ours. Time and chance are arguments.
"""
