"""The composition root: the ``millprint`` command, the processes, and the demo mill."""

__version__ = "0.1.0"
