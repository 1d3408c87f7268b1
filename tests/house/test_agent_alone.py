"""An agent alone is installed without web, database and plotting libraries, and starts."""

import subprocess
import sys

SERVER_ONLY = (
    "alembic",
    "amqtt",
    "apscheduler",
    "cryptography",
    "fastapi",
    "influxdb_client",
    "jinja2",
    "pydantic",
    "sqlalchemy",
    "starlette",
    "uvicorn",
)


def python(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_collector_starts_where_no_server_library_is_installed() -> None:
    blocked = f"import sys; sys.modules.update(dict.fromkeys({SERVER_ONLY!r}))"

    done = python(f"{blocked}; import millprint.roots.collector, millprint.command")

    assert done.returncode == 0, done.stderr


def test_the_collector_loads_neither_gateway_nor_api() -> None:
    done = python(
        "import sys, millprint.roots.collector as _; "
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'gateway', 'api'}))"
    )

    assert done.stdout.strip() == "[]", done.stderr


def test_the_server_does_not_load_the_cryptography_that_only_sealing_needs() -> None:
    done = python("import sys, millprint.roots.server as _; print('cryptography' in sys.modules)")

    assert done.stdout.strip() == "False", done.stderr
