"""Who may come: API keys, and people with their one-time codes, said at the box itself."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.rights import ROLES, Who
from millprint.commands.manner import (
    BAD_CONFIGURATION,
    SERVER,
    Folder,
    Language,
    need,
    said,
    tell,
)

if TYPE_CHECKING:
    from api.books import Books
    from api.books.keys import Key
    from api.books.people import Person

app = typer.Typer(no_args_is_help=True)

Role = Annotated[str, typer.Option(help=", ".join(ROLES))]
Until = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="The day on which it ends, in UTC: 2026-12-31."),
]


@app.command("keys")
def keys(
    name: Annotated[str, typer.Argument(help="Who is to hold a new key; none lists all.")] = "",
    role: Role = "engineer",
    until: Until = None,
    revoke: Annotated[int, typer.Option(help="Number of a key to take back, for ever.")] = 0,
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """Make an API key, which is shown once; list all; or take one back."""
    now, end = datetime.now(UTC), _end(until)
    with _books(config, lang, (name, role, end)) as books:
        if revoke:
            books.keys.revoke(revoke, now)
        elif name:
            print(books.keys.make(name, role, now, by=_box().name, until=end))
        if revoke or not name:
            lines = [_key_line(one, now) for one in books.keys.all()]
            print("\n".join(lines) or "There is no key yet.")


@app.command("people")
def people(
    name: Annotated[str, typer.Argument(help="Who is to come; none lists all.")] = "",
    role: Role = "admin",
    until: Until = None,
    remove: Annotated[bool, typer.Option("--remove", help="Let nobody of this name in.")] = False,
    config: Folder = Path(),
    lang: Language = "en",
) -> None:
    """A one-time code, good for a day, by which a person sets a password on the pages.

    So the first admin comes in, and whoever lost a password: one who is known keeps role and end.
    """
    now, end = datetime.now(UTC), _end(until)
    with _books(config, lang, (name, role, end)) as books:
        person = books.people.named(name) if name else None
        if remove and person is not None:
            books.people.remove(person.id, now)
        elif name and not remove:
            person = person or books.people.add(name, role, end, _box().name, now)
            _say_code(books, person, now, lang)
            return
        lines = [_person_line(one, now) for one in books.people.all()]
        print("\n".join(lines) or "There is nobody yet: millprint api people NAME")


def _say_code(books: "Books", person: "Person", now: datetime, lang: str) -> None:
    from collector.wire.problem import Problem

    if person.removed is not None:
        tell([Problem("person-removed", "people", values={"name": person.name})], lang)
        raise typer.Exit(BAD_CONFIGURATION)
    print(books.people.code(person.id, now))


@contextmanager
def _books(config: Path, lang: str, asked: tuple[str, str, datetime | None]) -> Iterator["Books"]:
    """The books, in which all that is done meanwhile is noted as done at the box."""
    need(*SERVER)
    from api import configuration
    from api.admission import admission_problems
    from api.books import Books
    from api.books.audit import Act, acting

    name, role, end = asked
    now = datetime.now(UTC)
    if name and (problems := admission_problems("--role", role, end, now)):
        tell(problems, lang)
        raise typer.Exit(BAD_CONFIGURATION)
    with said(lang):
        books = Books(configuration.load(config).books)
        books.migrate()
    try:
        with acting(Act(_box(), now)):
            yield books
    finally:
        books.close()


def _end(until: datetime | None) -> datetime | None:
    return until.replace(tzinfo=UTC) if until else None


def _box() -> Who:
    """Who does something at the box itself, as the books name him."""
    try:
        return Who(f"{getpass.getuser()} (box)", "admin", "box")
    except (OSError, KeyError):  # a container may have numbers of users and no names
        return Who("box", "admin", "box")


def _key_line(key: "Key", now: datetime) -> str:
    """A key as a technician reads it over the phone."""
    state = "holds" if key.holds(now) else f"revoked {key.revoked}" if key.revoked else "is over"
    until = f" until {key.until}" if key.until else ""
    by = f" by {key.made_by}" if key.made_by else ""
    line = f"{key.id:4}  {key.prefix}…  {key.role:10}  {key.name}"
    return f"{line}  ({state}{until}; made {key.made}{by})"


def _person_line(person: "Person", now: datetime) -> str:
    came = "has a password" if person.password else "has no password yet"
    state = came if person.may_come(now) else f"removed {person.removed or person.until}"
    until = f" until {person.until}" if person.until else ""
    return f"{person.id:4}  {person.role:10}  {person.name}  ({state}{until})"
