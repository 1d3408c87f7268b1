"""Which profile fits a device: every one, verified or not, is found again among all of them."""

import asyncio

import pytest

from collector import profile_files, toml_files
from collector.profiles import Profile
from millprint.commissioning.identify import Identified, identify
from millprint.commissioning.practice import PracticeMeter
from tests.commissioning.memory_line import MemoryLine, MuteLine

FOLDERS = (toml_files.SHIPPED / "profiles",)
SHIPPED = [profile_files.load(name, FOLDERS, "shipped") for name in profile_files.names(FOLDERS)]
BY_NAME = {profile.name: profile for profile in SHIPPED}


def found(profile: Profile) -> Identified:
    line = MemoryLine({7: PracticeMeter(profile, lambda: 1000.0)})
    identified = asyncio.run(identify(7, line, SHIPPED))
    assert identified is not None
    return identified


def agree(one: Profile, other: Profile) -> bool:
    """Whether both read the same registers for the points that both have."""
    shared = [(p, q) for p in one.points for q in other.points if p.name == q.name]
    return bool(shared) and all(
        (p.table, p.registers, p.to_stored) == (q.table, q.registers, q.to_stored)
        for p, q in shared
    )


@pytest.mark.parametrize("name", BY_NAME)
def test_a_model_that_is_simulated_is_named_with_those_that_read_the_same(name: str):
    best = [fit.profile for fit in found(BY_NAME[name]).best]

    assert name in [profile.name for profile in best]
    assert all(agree(profile, BY_NAME[name]) for profile in best)


def test_a_device_that_tells_its_name_is_certain():
    abb = found(BY_NAME["abb-b23"])

    assert ([fit.profile.name for fit in abb.best], abb.certainty) == (["abb-b23"], "certain")


def test_a_sunspec_device_is_known_by_its_chain_and_the_model_says_where_it_begins():
    inverter = found(BY_NAME["sunspec-103"])

    assert [(fit.profile.name, fit.base) for fit in inverter.best] == [("sunspec-103", 40_070)]
    assert inverter.certainty == "certain"


def test_models_with_one_register_map_are_named_together_the_verified_first():
    schneider = found(BY_NAME["schneider-iem3255"])

    names = [fit.profile.name for fit in schneider.best]
    assert {"schneider-iem3155", "schneider-iem3255"} <= set(names)
    assert all(fit.profile.verified for fit in schneider.best[:2])


def test_a_three_phase_meter_is_not_taken_for_a_single_phase_one():
    names = [fit.profile.name for fit in found(BY_NAME["eastron-sdm630"]).best]

    assert "eastron-sdm630" in names
    assert "eastron-sdm120" not in names


def test_no_register_is_asked_for_twice():
    line = MemoryLine({7: PracticeMeter(BY_NAME["eastron-sdm630"], lambda: 1000.0)})

    asyncio.run(identify(7, line, SHIPPED))

    assert len(line.asked) == len(set(line.asked))


MUTE = [name for name, profile in BY_NAME.items() if profile.verified]


@pytest.mark.parametrize("name", MUTE)
def test_a_device_that_is_silent_where_others_refuse_is_named_by_fewer_questions(name: str):
    loud, mute = (
        line({7: PracticeMeter(BY_NAME[name], lambda: 1000.0)}) for line in (MemoryLine, MuteLine)
    )

    asyncio.run(identify(7, loud, SHIPPED))
    identified = asyncio.run(identify(7, mute, SHIPPED))

    assert identified is not None
    assert name in [fit.profile.name for fit in identified.best]
    assert all(agree(fit.profile, BY_NAME[name]) for fit in identified.best)
    assert len(mute.asked) <= len(loud.asked)


def test_a_device_that_refuses_everything_fits_nothing():
    assert asyncio.run(identify(9, MemoryLine({}), SHIPPED)) is None
