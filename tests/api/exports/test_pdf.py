"""Reports on paper fetch nothing, whatever their page points to."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import weasyprint

from api.exports.pdf import put_on_paper

PLACES = (
    '<img src="{origin}/image.png">',
    '<link rel="stylesheet" href="{origin}/sheet.css">',
    '<p style="background: url({origin}/ground.png)">x</p>',
    '<object data="{origin}/object.svg"></object>',
    '<a rel="attachment" href="{origin}/attached.txt">x</a>',
    '<svg width="9" height="9"><image href="{origin}/in.svg" width="9" height="9"/></svg>',
)


class Listening(HTTPServer):
    """A server that is there, and knows what it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Listening

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def listening() -> Iterator[Listening]:
    with Listening() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_report_fetches_nothing_of_a_server_that_would_answer(
    listening: Listening, tmp_path: Path
):
    html = "".join(PLACES).format(origin=listening.origin)

    put_on_paper(html, tmp_path / "report.pdf")

    assert listening.asked == []
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    weasyprint.HTML(string=html).write_pdf()  # which else would have asked for each of them
    assert len(set(listening.asked)) == len(PLACES)
