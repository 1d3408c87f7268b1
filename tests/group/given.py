"""Seals and rows as a mill makes them, and the centre that takes them."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson

from api.books.sealed_rows import KIND
from api.configuration import Listening
from api.evidence.seal import Document, Endorsement, Leaf, Seal, leaf_name, seal_form, tree_root
from api.evidence.signature import new_key, public_key, sign
from api.group.app import Centre, application, centre
from api.group.configuration import GroupConfiguration, Mill
from api.group.store import Store
from collector.wire.canonical import canonical

FIRST_DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
READER = "mp_reader"
_KEYS = {"results": ("batch", "view", "revision"), "entries": ("id",), "batches": ("id",)}


def hashed(key: str) -> str:
    """A key as `group.toml` has it."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def result(
    batch: str, kgco2e: str, accepted_kg: str | None = "100", *, revision: int = 1, ended: int = 0
) -> dict[str, Any]:
    """A row of a footprint that ended so many hours after the first day's midnight."""
    body = {"status": "final", "accepted_kg": accepted_kg, "total": {"kgco2e": kgco2e}}
    midnight = datetime.combine(FIRST_DAY, datetime.min.time(), UTC)
    return {
        "row": "results",
        "batch": batch,
        "view": "footprint",
        "revision": revision,
        "ended_ms": int((midnight + timedelta(hours=ended)).timestamp() * 1000),
        "body": orjson.dumps(body).decode(),
    }


def word(number: int, batch: str, article: str, evidence: str = "") -> dict[str, Any]:
    """A row of what was said of a batch."""
    body = orjson.dumps({"article": article}).decode()
    return {"row": "entries", "id": number, "kind": "batch", "subject": batch, "body": body,
            "evidence": evidence}  # fmt: skip


def undone(number: int, what: str) -> dict[str, Any]:
    """A row that says that something was taken back."""
    return {"row": "entries", "id": number, "kind": "undone", "subject": what, "body": "{}",
            "evidence": ""}  # fmt: skip


@dataclass
class Sealing:
    """A mill that seals its days with a key of its own."""

    site: str = "keqiao"
    private: bytes = field(default_factory=new_key)
    endorsements: tuple[Endorsement, ...] = ()
    last: Document | None = None

    @property
    def key(self) -> str:
        return public_key(self.private)

    def seals(self, *rows: dict[str, Any]) -> list[bytes]:
        """The next day's seal over rows, as it is sent."""
        forms = [canonical(row) for row in rows]
        leaves = [
            Leaf(
                KIND,
                leaf_name(row["row"], *(row[key] for key in _KEYS[row["row"]])),
                hashlib.sha256(form).digest(),
            )
            for row, form in zip(rows, forms, strict=True)
        ]
        leaves.append(Leaf("software", "1", bytes(32)))
        leaves.sort()
        number = self.last.seal.number + 1 if self.last else 1
        form = seal_form(
            Seal(
                site=self.site,
                day=FIRST_DAY + timedelta(days=number - 1),
                number=number,
                made=f"2026-03-{number + 2:02}T16:12:00.000Z",
                previous=self.last.digest if self.last else "",
                leaves=len(leaves),
                root=tree_root(leaves),
                key=self.key,
                endorsements=self.endorsements,
            )
        )
        self.last = Document(form, sign(self.private, form), tuple(leaves))
        return [self.last.text + b"\n", *(form + b"\n" for form in forms)]


class Office:
    """The centre's application over a database of its own, and those who ask it."""

    def __init__(self, folder: Path, *mills: Mill) -> None:
        url = f"sqlite:///{folder}/group.db"
        self.store = Store(url)
        self.store.prepare()
        http = Listening("127.0.0.1", 8443, None)
        readers = {"office": hashed(READER)}
        settings = GroupConfiguration(http, url, {one.name: one for one in mills}, readers)
        self.the: Centre = centre(settings, self.store, lambda: NOW, "0")
        self._app = application(self.the)

    def asks(self, method: str, path: str, key: str, **more: Any) -> httpx.Response:
        """Any request, with a key."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            headers = {"Authorization": f"Bearer {key}"}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://group", headers=headers
            ) as client:
                return await client.request(method, f"/api/v1/group{path}", **more)

        return asyncio.run(ask())

    def sends(self, key: str, lines: Sequence[bytes]) -> httpx.Response:
        """A mill sends a seal."""
        return self.asks("POST", "/seals", key, content=b"".join(lines))

    def reads(self, path: str, **query: str) -> Any:
        """What a reader is told."""
        answer = self.asks("GET", path, READER, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def close(self) -> None:
        self.store.close()


def mill(sealing: Sealing, name: str = "keqiao", **more: Any) -> Mill:
    """A mill as the group knows it; it sends with ``mp_<name>``."""
    pages = more.pop("pages", f"https://{name}.example")
    keys = more.pop("seal_keys", (sealing.key,))
    return Mill(name, sealing.site, keys, pages, hashed(f"mp_{name}"))
