"""Commands for a whole site: `millprint run` and `millprint check`."""

from pathlib import Path

from millprint.commands.checking import say_utilisation
from millprint.commands.manner import Folder, Language, become, check_parts, said
from millprint.commands.sentences import sentence


def run(config: Folder = Path(), lang: Language = "en") -> None:
    """Run collector and server on this machine, and keep them running."""
    from api import configuration
    from millprint.door import door_of

    check_parts(config, ("collector", "gateway", "api"), lang)
    with said(lang), door_of(configuration.load(config)):
        pass  # the port is free: the server will get it, and nothing is started in vain
    become("millprint.roots.house", "--config", str(config))


def check(config: Folder = Path(), lang: Language = "en") -> None:
    """Check the whole configuration; every fault with its place and what to do."""
    check_parts(config, ("collector", "gateway", "api"), lang)
    say_utilisation(config, lang)
    print(sentence("{file}: nothing is wrong.", lang, file=config))
