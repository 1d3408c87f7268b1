"""The spool: readings on the agent's disk until the journal has them.

One SQLite file, one connection, group commit: a row holds a commit window, compressed. Messages
are encoded once; numbers and hashes are given out in the transaction that stores them. Nothing is
deleted at or above the first record that the journal lacks. A spool that is full thins and then
drops the oldest, one that is damaged is put aside and salvaged, and `gone` records say of both
exactly what will never come.
"""

from collector.spool.spool import Spool, Unwritten
from collector.spool.window import Stored

__all__ = ["Spool", "Stored", "Unwritten"]
