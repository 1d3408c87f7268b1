"""Property tests have no deadline: a busy machine is no fault."""

import pytest
from hypothesis import settings

from tests.gateway.given import Agent, house

settings.register_profile("mill", deadline=None)
settings.load_profile("mill")


@pytest.fixture
def mill(tmp_path):
    with house(tmp_path / "journal.db") as one:
        yield one


@pytest.fixture
def agent():
    return Agent()
