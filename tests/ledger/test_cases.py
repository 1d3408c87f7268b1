"""Cases that can be computed again by hand: each a folder, its accounts against its expectation."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.ledger.case import Case

CASES = Path(__file__).parent / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/plant.toml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_case_comes_to_what_was_computed_by_hand(folder: Path) -> None:
    case = Case(folder)

    assert case.told() == case.expected


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_meter_of_a_case_that_somebody_carries_closes(folder: Path) -> None:
    """What is not a supply's remainder or a utility's output adds up to the register, exactly."""
    case = Case(folder)
    supplied = {meter for supply in case.plant.supplies for meter in supply.meters}
    posted: dict[str, Decimal] = {}
    for one in case.attribution.postings:
        if one.account.kind != "unmetered" and one.meter not in supplied:
            posted[one.meter] = posted.get(one.meter, Decimal(0)) + one.amount

    for meter, amount in posted.items():
        counted = sum((piece.counted for piece in case.measured[meter].slices), Decimal(0))
        held_alone = all(
            one.account.kind == "held" for one in case.attribution.postings if one.meter == meter
        )
        assert held_alone or amount == counted, meter
