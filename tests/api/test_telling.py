"""Alarms are told over HTTP and by e-mail: real servers hear of them, in order, also late."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pytest

from api.alarm_files import Mail, Webhook
from api.alarms.course import KINDS, course
from api.books import Books
from api.telling.mail import ByMail
from api.telling.messenger import Messenger
from api.telling.webhook import ByWebhook, signature
from tests.alarms.given import at, finding

SECRET = b"a long random word"
WALL = datetime(2026, 11, 21, tzinfo=UTC)


def until(fact: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


class Hook:
    """An HTTP server that is told of alarms, and refuses some requests first."""

    def __init__(self, refuses: int = 0, status: int = 503) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.asked = 0
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.asked += 1
                bad = hook.asked <= refuses
                if not bad:
                    hook.heard.append((dict(self.headers), body))
                self.send_response(status if bad else 204)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/alarms"


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    one = Books(f"sqlite:///{tmp_path / 'books.db'}")
    one.migrate()
    yield one
    one.close()


def happens(books: Books) -> None:
    """An alarm is raised, acknowledged and over."""
    books.alarms.add(course([], [finding()], at(0), None), at(0))
    (alarm,) = books.alarms.opened()
    books.alarms.add([replace(alarm.last, kind="acknowledged", by="li", at=at(1))], at(1))
    books.alarms.add(course(books.alarms.opened(), [], at(2), None), at(2))


@contextmanager
def telling(books: Books, url: str, events=KINDS) -> Iterator[None]:
    one = Messenger(
        "webhooks.mes",
        ByWebhook(Webhook(url, SECRET), "0"),
        events,
        books=books,
        site="keqiao",
        wait=lambda _: time.sleep(0.02),
        now=lambda: WALL,
    )
    one.start()
    try:
        yield
    finally:
        one.stop()
        one._thread.join()


def kinds(hook: Hook) -> list[str]:
    return [orjson.loads(body)["event"]["kind"] for _, body in hook.heard]


def test_a_webhook_is_told_of_every_event_in_order_and_each_is_signed(books):
    hook = Hook()
    with serving(hook.server), telling(books, hook.url):
        happens(books)
        until(lambda: len(hook.heard) == 3)

    assert kinds(hook) == ["raised", "acknowledged", "ended"]
    for number, (headers, body) in enumerate(hook.heard, start=1):
        assert headers["Millprint-Event"] == str(number)
        assert headers["Millprint-Signature"] == signature(SECRET, int(WALL.timestamp()), body)
    first, seen, last = (orjson.loads(body)["alarm"] for _, body in hook.heard)
    assert (first["state"], first["ended_at"], first["cost"]["kgco2e"]) == ("open", None, "12")
    assert (seen["state"], seen["acknowledged_by"]) == ("acknowledged", "li")
    assert last["state"] == "ended"


@pytest.mark.parametrize("status", [503, 302, 404])
def test_what_is_refused_is_told_again_and_nothing_overtakes_it(books, status):
    hook = Hook(refuses=1, status=status)
    with serving(hook.server), telling(books, hook.url):
        happens(books)
        until(lambda: len(hook.heard) == 3)

    assert kinds(hook) == ["raised", "acknowledged", "ended"]
    assert hook.asked == 4


def test_what_happened_while_the_server_was_down_is_told_when_it_is_back(books):
    hook = Hook()
    with serving(hook.server):
        with telling(books, hook.url):
            pass
        happens(books)
        with telling(books, hook.url):
            until(lambda: len(hook.heard) == 3)


def test_a_new_address_is_not_told_of_the_past(books):
    happens(books)
    hook = Hook()
    with serving(hook.server), telling(books, hook.url, events=["raised"]):
        happens(books)
        until(lambda: books.marks.position("alarms webhooks.mes") == books.alarms.last() + 1)

    assert [orjson.loads(body)["event"]["number"] for _, body in hook.heard] == [4]


class Post(socketserver.StreamRequestHandler):
    """As much of SMTP as it takes to be handed a mail."""

    def handle(self) -> None:
        self.wfile.write(b"220 mill\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                mail = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    mail += part
                self.server.mails.append(mail)  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


def test_people_are_told_by_e_mail_in_both_languages(books):
    server = socketserver.TCPServer(("127.0.0.1", 0), Post)
    server.mails = []  # type: ignore[attr-defined]
    port = server.server_address[1]
    to = Mail("127.0.0.1", port, "none", "millprint@mill.example", ("shift@mill.example",))
    with serving(server):
        one = Messenger(
            "mail.shift",
            ByMail(to),
            ["raised"],
            books=books,
            site="keqiao",
            wait=lambda _: time.sleep(0.02),
            now=lambda: WALL,
        )
        one.start()
        happens(books)
        until(lambda: bool(server.mails))  # type: ignore[attr-defined]
        one.stop()
        one._thread.join()

    mail = message_from_bytes(server.mails[0], policy=policy.default)  # type: ignore[attr-defined]
    assert mail["Subject"] == "[keqiao] 报警 alarm: B2409"
    assert mail["To"] == "shift@mill.example"
    text = mail.get_content()
    assert "空转" in text
    assert "It stands without a batch" in text
    assert "12.0 kgCO2e" in text
