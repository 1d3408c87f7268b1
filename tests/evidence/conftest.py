"""Property tests have no deadline: a busy machine is no fault. The site, too."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.evidence.given import Site, build

settings.register_profile("mill", deadline=None)
settings.load_profile("mill")


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sealed days of a site, and half a day that is not; nobody may change it."""
    folder = tmp_path_factory.mktemp("sealed") / "site"
    site = build(folder)
    for day in range(3):
        site.lives(day)
        site.is_sealed(day)
    site.lives(3)
    site.close()
    return folder


@pytest.fixture
def site(sealed: Path, tmp_path: Path) -> Path:
    """A copy of it, to be tampered with."""
    return Site.copied(sealed, tmp_path / "site")
