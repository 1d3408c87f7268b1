"""The real application over a journal and books that a test has made, on a port of its own."""

import contextlib
import threading
from collections.abc import Iterator

import uvicorn

from tests.api.given import World


@contextlib.contextmanager
def served(world: World) -> Iterator[tuple[str, str]]:
    """Address and key of a world's pages."""
    settings = uvicorn.Config(world.app, host="127.0.0.1", port=0, log_level="error", ws="none")
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            thread.join(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        key = world.books.keys.make("page", "engineer", world.clock[0])
        yield f"http://127.0.0.1:{port}", key
    finally:
        server.should_exit = True
        thread.join(timeout=10)
