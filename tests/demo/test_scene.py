"""The whole demo mill: the truth adds up, and the meters show it."""

import json
import struct
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

from collector.profiles import Table
from millprint.demo import mill_file
from millprint.demo.scene import Scene

MILL = mill_file.load(mill_file.SHIPPED_MILL)
LONGEST_MS = int(4.5 * 3_600_000)
SEEDS = (1, 2, 3, 44, 20260302)


def scene(seed: int, *, once: bool = True) -> Scene:
    return Scene(MILL, seed=seed, once=once)


@cache
def played(seed: int) -> tuple[Scene, dict[str, Any]]:
    one = scene(seed)
    one.advance(one.start_ms + LONGEST_MS)
    return one, one.truth()


def close(found: float, expected: float) -> bool:
    return found == pytest.approx(expected, rel=1e-9, abs=1e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_scenario_ends_within_four_and_a_half_hours(seed: int):
    _, truth = played(seed)

    assert truth["finished"]
    assert len(truth["batches"]) == 4
    assert [len(batch["runs"]) for batch in truth["batches"].values()] == [2, 2, 2, 2]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_batches_and_standby_took_is_what_flowed_through_each_meter(seed: int):
    _, truth = played(seed)

    given = defaultdict[str, float](float)
    for batch in truth["batches"].values():
        for point, amount in [*batch["amounts"].items(), *batch["idle"].items()]:
            given[point] += amount
    for amounts in truth["pending"].values():
        for point, amount in amounts.items():
            given[point] += amount
    for window in truth["utilities"]["boiler-1"]["windows"]:
        for point, amount in window["inputs"].items():
            given[point] += amount
        given["boiler-1-steam.mass_kg"] += window["output"]
    flowed = {point: meter["flow"] for point, meter in truth["meters"].items()}
    given["main-1.energy_import_kwh"] = truth["unmetered"]["electricity"] + sum(
        flow
        for point, flow in flowed.items()
        if point.endswith(".energy_import_kwh") and not point.startswith("main")
    )
    assert set(given) == set(flowed)
    assert [point for point in given if not close(given[point], flowed[point])] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_each_window_gives_a_batch_its_steam_and_the_boiler_makes_more_than_is_taken(seed: int):
    _, truth = played(seed)

    taken = defaultdict[str, float](float)
    for window in truth["utilities"]["boiler-1"]["windows"]:
        for batch, steam_kg in window["taken"].items():
            taken[batch] += steam_kg
        if window["closed"]:
            assert window["output"] > sum(window["taken"].values())
    for name, batch in truth["batches"].items():
        steam_kg = sum(x for point, x in batch["amounts"].items() if point.endswith("mass_kg"))
        assert close(taken[name], steam_kg)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_batch_is_finished_on_the_stenter_some_minutes_after_its_jet(seed: int):
    _, truth = played(seed)

    for batch in truth["batches"].values():
        jet, stenter = batch["runs"]
        assert jet["machine"].startswith("jet-")
        assert stenter["machine"] == "stenter-1"
        assert jet["end"] < stenter["start"]


def test_the_same_seed_is_the_same_mill_and_another_seed_another():
    _, once = played(2)
    again = scene(2)
    for minute in range(270):  # asked often, as a collector does
        again.advance(again.start_ms + 60_000 * (minute + 1))
        again.truth()

    def rounded(truth: dict[str, Any]) -> Any:
        return json.loads(json.dumps(truth), parse_float=lambda text: round(float(text), 6))

    assert rounded(again.truth()) == rounded(once)
    assert rounded(played(3)[1]) != rounded(once)


def test_without_an_end_new_batches_keep_coming():
    endless = scene(5, once=False)

    endless.advance(endless.start_ms + 8 * 3_600_000)

    assert len(endless.truth()["batches"]) > 8
    assert not endless.finished


def test_the_plc_shows_the_batch_from_the_first_second_of_its_run_to_the_last():
    one = scene(1)
    plc = one.units()["jet-01-plc"][1]

    def shown() -> tuple[str, int]:
        words = plc.words("holding", 0, 33)
        return struct.pack(">10H", *words[:10]).decode().strip(), words[15]

    (first, *_) = played(1)[1]["batches"].values()
    start_ms, end_ms = (
        one.start_ms + 1000 * _second(first["runs"][0][edge]) for edge in ("start", "end")
    )
    seen = []
    for at_ms in (start_ms - 1000, start_ms, end_ms - 1000, end_ms):
        one.advance(at_ms)
        seen.append(shown())

    assert seen == [("", 1), ("B2401", 2), ("B2401", 2), ("", 1)]


def _second(text: str) -> int:
    hours, minutes, seconds = text[11:19].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def test_the_feed_water_counter_passes_zero_and_still_shows_what_flowed():
    one = scene(1)
    meter = one.units()["boiler-pulses"][2]

    def pulses() -> int:
        high, low = meter.words("input", 18, 2)
        return high << 16 | low

    before = pulses()
    one.advance(one.start_ms + LONGEST_MS)

    flowed_m3 = one.truth()["meters"]["boiler-1-feed.volume_m3"]["flow"]
    assert pulses() < before
    assert 0 <= flowed_m3 - (pulses() - before) % 2**32 / 10_000 < 0.0001 + 1e-9


def test_a_long_advance_and_many_short_ones_show_the_same_registers():
    quick, slow = scene(4), scene(4)

    quick.advance(quick.start_ms + 3_600_000)
    for tick in range(360):
        slow.advance(slow.start_ms + 10_000 * (tick + 1))

    def shown(one: Scene, bus: str, unit: int, table: Table, address: int) -> Sequence[int]:
        return one.units()[bus][unit].words(table, address, 2)

    for place in (
        ("serial-1", 1, "input", 72),
        ("jet-01-gateway", 1, "holding", 36),
        ("boiler-pulses", 1, "input", 16),
    ):
        assert shown(quick, *place) == shown(slow, *place)
