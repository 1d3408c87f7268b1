"""``python -m millprint`` is the ``millprint`` command."""

from millprint.command import main

main()
