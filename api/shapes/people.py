"""Shapes of people, keys, sessions and the audit log."""

from typing import Any, Literal

from api.shapes import At, Shape, says

Role = Literal["engineer", "accountant", "certifier", "admin"]
Right = Literal["read", "enter", "decide", "audit", "people"]


class SignedIn(Shape):
    """Who has signed in."""

    name: str = says("As it stands beside what is entered")
    role: Role = says("Whose rights that gives")
    rights: list[Right] = says("What the role may do")


class Asking(SignedIn):
    """Who asks."""

    means: str = says("By what that is known", examples=["key 3", "person 5"])


class Person(Shape):
    """Somebody who may sign in, or might once."""

    id: int = says("For ever")
    name: str = says("As it stands beside what was entered")
    role: Role = says("Whose rights that gives")
    until: At | None = says("From when on it gives none any more")
    made_at: At = says("When somebody let the person in")
    made_by: str = says("Who did")
    removed_at: At | None = says("Since when the person may come no more")
    has_password: bool = says("Whether a password was set with a code")
    holds: bool = says("Whether the person may come now")


class PersonWithCode(Person):
    """Somebody, and the code that is shown once."""

    code: str = says("With it the person sets a password")
    code_until: At = says("Until when")


class People(Shape):
    """Who may sign in."""

    now: At = says("The server's time")
    people: list[Person] = says("By name")


class Key(Shape):
    """An API key; never its text."""

    id: int = says("For ever")
    name: str = says("Who or what has it")
    role: Role = says("Whose rights that gives")
    prefix: str = says("How its text begins")
    until: At | None = says("From when on it gives none any more")
    made_at: At = says("When it was made")
    made_by: str | None = says("Who made it")
    revoked_at: At | None = says("Since when it is taken back")
    holds: bool = says("Whether it is good now")


class NewKey(Key):
    """A key, and its text, which is shown once."""

    key: str = says("The text: Authorization: Bearer mp_…")


class Keys(Shape):
    """Which API keys there are."""

    now: At = says("The server's time")
    keys: list[Key] = says("The newest first")


class AuditEntry(Shape):
    """A change that somebody made."""

    number: int = says("Of the line, without a gap")
    at: At = says("When")
    who: str = says("Who")
    role: str = says("As what")
    means: str = says("By what that was known")
    address: str = says("From where; empty for the box itself")
    act: str = says("entered, changed, removed …")
    subject: str = says("What it is about", examples=["batches/B2409"])
    before: Any = says("What stood there before")
    after: Any = says("What stands there now")
    why: str = says("The reason that was given")


class Audit(Shape):
    """Every change that anybody made; where there are more, the Link header says where."""

    now: At = says("The server's time")
    entries: list[AuditEntry] = says("The newest first")
