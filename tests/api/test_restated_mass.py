"""A mass that is corrected when its month is closed: what waits says from which to which."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.api.given import World, footprint, world

WHY = {"why": "the March books"}


@pytest.fixture
def mill(tmp_path: Path, first_hour: World) -> Iterator[World]:
    """All of March is final, and the month closed."""
    one = world(tmp_path / "config", past=first_hour)
    one.passes(61, 150)
    one.clock[0] = datetime(2026, 4, 2, tzinfo=UTC)
    one.closes_its_books()
    assert one.caller("accountant").post("/periods/2026-03/close", WHY).status_code == 201
    yield one
    one.close()


def waits(mill: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = mill.caller().get("/restatements").json()["restatements"]
    return found


def test_a_mass_that_is_corrected_afterwards_says_from_which_to_which(mill: World):
    """The total stays, so its difference is 0: what changes is what a kilogram carries."""
    correction = {"accepted_kg": "400", "reason": "weighed again"}
    assert mill.caller("accountant").post("/batches/B2601/corrections", correction).is_success
    mill.closes_its_books()

    (restated,) = waits(mill)

    line = next(one for one in restated["batches"] if one["view"] == "footprint")
    total = Decimal(line["kgco2e_to"])
    assert line["difference"] == "+0.000000"
    assert (line["accepted_kg_from"], line["accepted_kg_to"]) == ("478.5", "400")
    for side, kg in (("from", "478.5"), ("to", "400")):
        assert Decimal(line[f"kgco2e_per_kg_{side}"]) == pytest.approx(
            total / Decimal(kg), abs=Decimal("1e-6")
        )


def test_what_waits_since_before_masses_were_kept_can_still_be_posted(mill: World):
    correction = {"accepted_kg": "400", "reason": "weighed again"}
    mill.caller("accountant").post("/batches/B2601/corrections", correction)
    mill.closes_its_books()
    with mill.books.engine.begin() as db:
        db.execute(sa.text("UPDATE change_lines SET kg_from = NULL, kg_to = NULL"))
    (restated,) = waits(mill)
    assert restated["batches"][0]["accepted_kg_to"] is None

    posted = mill.caller("accountant").post(f"/restatements/{restated['id']}/post", WHY)

    assert posted.is_success, posted.text
    assert footprint(mill).json()["accepted_kg"] == "400"
