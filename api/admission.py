"""Who is let in: by key, by session, by password, by a one-time code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from api import passwords
from api.attempts import Attempts
from api.books import Books
from api.books.audit import Act, acting
from api.books.people import Person
from api.rights import PASSING, RIGHTS, ROLES, Who
from collector.toml_files import nearest
from collector.wire.problem import Problem, Refused


class Unknown(Exception):
    """Nobody of this name has this password; or the code is none. Which of it is not told."""


@dataclass(frozen=True, slots=True)
class TooOften(Exception):
    """Too many attempts failed.

    Attributes:
        wait: How long to wait until the next.
    """

    wait: timedelta


class Admission:
    """Lets people and programs in.

    Args:
        books: Where they are known.
        now: The clock.
    """

    def __init__(self, books: Books, now: Callable[[], datetime]) -> None:
        self._books, self._now = books, now
        self._attempts = Attempts()

    def by_key(self, text: str, address: str) -> Who | None:
        """Who holds an API key; None where it lets nobody in."""
        key = self._books.keys.holder(text, self._now())
        return Who(key.name, key.role, f"key {key.id}", address) if key else None

    def by_session(self, text: str, address: str) -> Who | None:
        """Who is signed in; None where that is over."""
        session = self._books.sessions.find(text, self._now())
        return _signed_in(session.person, address) if session else None

    def sign_in(self, name: str, password: str, address: str) -> tuple[Person, str]:
        """A person and his new session.

        Raises:
            Unknown: It is not his password, or there is no such person; both take as long.
            TooOften: Of this name or from this address.
            passwords.Busy: Many try at once.
        """
        tried = (("name", name.casefold()), ("address", address))
        self._try(tried)
        person = self._books.people.named(name)
        comes = person if person is not None and person.may_come(self._now()) else None
        if not passwords.is_right(password, comes.password if comes else None) or comes is None:
            self._note(person, address)
            raise Unknown
        self._attempts.succeeded(tried)
        return comes, self.open(comes, address)

    def redeem(self, code: str, password: str, address: str) -> tuple[Person, str]:
        """Set a password with a one-time code, and sign in: the first admin, too, comes so.

        Raises:
            Unknown: The code is none, was used, or is over.
            TooOften: From this address.
            Refused: The password is too easily guessed.
        """
        tried = (("address", address),)
        self._try(tried)
        now = self._now()
        person = self._books.people.of_code(code, now)
        if person is None or not person.may_come(now):
            self._note(person, address)
            raise Unknown
        self._attempts.succeeded(tried)
        kept = _hashed(password, person)
        with acting(Act(_signed_in(person, address), now)):
            if not self._books.people.use_code(code, now):
                raise Unknown
            self._books.people.set_password(person.id, kept, now)
        return person, self.open(person, address)

    def change_password(self, who: Who, old: str, new: str) -> str:
        """Another password; all his sessions end, and he has a new one.

        Raises:
            Unknown: The old one is not right, or who asks is no person but a key.
            TooOften: It was tried too often.
            Refused: The new one is too easily guessed.
        """
        person = self._books.people.named(who.name) if who.means.startswith("person") else None
        if person is None:
            raise Unknown
        tried = (("name", person.name.casefold()),)
        self._try(tried)
        if not passwords.is_right(old, person.password):
            raise Unknown
        self._attempts.succeeded(tried)
        self._books.people.set_password(person.id, _hashed(new, person), self._now())
        return self.open(person, who.address)

    def open(self, person: Person, address: str) -> str:
        """A new session of somebody who was let in."""
        now = self._now()
        with acting(Act(_signed_in(person, address), now)):
            return self._books.sessions.open(person, address, now)

    def _note(self, person: Person | None, address: str) -> None:
        """That somebody was refused; what was typed as a name may be a password: not kept."""
        unnoted = self._attempts.to_note(self._now())
        if unnoted is not None:
            about = f"people/{person.id}" if person else "people"
            who = Who(person.name if person else "?", person.role if person else "", "", address)
            told = {"unnoted": unnoted} if unnoted else {}
            self._books.audit.tell(Act(who, self._now()), "refused", about, told)

    def _try(self, tried: tuple[tuple[str, str], ...]) -> None:
        wait = self._attempts.begin(tried, self._now())
        if wait:
            raise TooOften(wait)


def _hashed(password: str, person: Person) -> str:
    if not passwords.is_acceptable(password, person.name):
        values = {"shortest": str(passwords.SHORTEST), "longest": str(passwords.LONGEST)}
        raise Refused(Problem("weak-password", "password", values=values))
    return passwords.hashed(password)


def _signed_in(person: Person, address: str) -> Who:
    return Who(person.name, person.role, f"person {person.id}", address)


def admission_problems(
    where: str, role: str, until: datetime | None, now: datetime
) -> list[Problem]:
    """What stands against letting somebody in with a role until an instant."""
    if role not in RIGHTS:
        values = {"role": role, "near": nearest(role, ROLES), "roles": ", ".join(ROLES)}
        return [Problem("unknown-role", where, values=values)]
    if until is None and role in PASSING:
        return [Problem("role-without-end", where, values={"role": role})]
    if until is not None and until <= now:
        return [Problem("end-is-over", where, values={"until": f"{until:%Y-%m-%d %H:%M}Z"})]
    return []
