"""A meter to poll; and property tests have no deadline: a busy machine is no fault."""

import json
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import settings

from millprint.children import python, start

settings.register_profile("mill", deadline=None)
settings.load_profile("mill")


@pytest.fixture
def meter() -> Iterator[str]:
    """The URL of a bus with one meter."""
    process = start(python("tests.bench.simulator", "1", "1"), stdout=subprocess.PIPE)
    assert process.stdout is not None
    (url,) = json.loads(process.stdout.readline())
    yield url
    process.kill()
    process.wait()
    process.stdout.close()
