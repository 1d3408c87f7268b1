"""Importing: tables of a mill's own systems, held against the books, taken in whole and undone.

A kind of table is one file in ``kinds/``; its name is the kind's. What a column may be called,
how its cells are written and in which encoding the file is, no kind has to know.
"""
