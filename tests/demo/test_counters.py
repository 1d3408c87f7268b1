"""Counters: what a meter's register shows of what has flowed."""

import struct
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from collector.profile_files import load
from collector.profiles import ProfilePoint
from collector.toml_files import SHIPPED
from millprint.demo.counters import Counter
from millprint.demo.machine import Flow

FOLDERS = (SHIPPED / "profiles",)
amounts = st.lists(st.floats(0, 50), min_size=1, max_size=20)


def point_of(profile: str, name: str) -> ProfilePoint:
    point = load(profile, FOLDERS, "test").point(name)
    assert point is not None
    return point


def counter(
    profile: str, name: str, start: str, *, per_stored: Fraction | None = None
) -> tuple[Counter, Flow]:
    point, flow = point_of(profile, name), Flow()
    per = per_stored or 1 / point.to_stored
    return Counter(point, Fraction(start) / point.to_stored, flow, per), flow


def unsigned(words: tuple[int, ...]) -> int:
    return int.from_bytes(struct.pack(f">{len(words)}H", *words), "big")


def test_a_pulse_counter_starts_again_at_zero_after_two_to_the_32():
    pulses, flow = counter(
        "moxa-iologik-e1210", "di0_pulses", str(2**32 - 3), per_stored=Fraction(100)
    )
    before = unsigned(pulses.words(0)[0])

    flow.pass_by(0.055, 1)  # five and a half pulses of 0.01 m3

    assert before == 2**32 - 3
    assert unsigned(pulses.words(0)[0]) == 2


@given(amounts, st.integers(0, 2**32 - 1))
def test_a_pulse_counter_shows_the_whole_pulses_of_what_flowed(parts: list[float], start: int):
    pulses, flow = counter("moxa-iologik-e1210", "di0_pulses", str(start), per_stored=Fraction(100))

    for part in parts:
        flow.pass_by(part, 1)

    shown = (unsigned(pulses.words(0)[0]) - start) % 2**32
    assert shown <= sum(parts) * 100 + 1e-6
    assert sum(parts) * 100 - 1e-6 < shown + 1


@given(amounts)
def test_a_display_of_a_tenth_kwh_never_runs_ahead_and_lags_less_than_a_tenth(parts: list[float]):
    meter, flow = counter("carlo-gavazzi-em340", "energy_import_kwh", "913377.4")

    for part in parts:
        flow.pass_by(part, 1)

    low, high = meter.words(0)[0]  # low word first
    flowed = (high << 16 | low) / 10 - 913377.4
    assert -1e-6 <= sum(parts) - flowed < 0.1 + 1e-6


@given(st.lists(st.tuples(st.floats(0, 50), st.booleans()), min_size=1, max_size=20))
def test_two_tariffs_add_up_whichever_of_them_counts(parts: list[tuple[float, bool]]):
    meter, flow = counter("siemens-pac3200", "energy_import_kwh", "4117820.55")

    for amount, valley in parts:
        flow.pass_by(amount, 1)
        both = meter.words(int(valley))

    shown_wh = sum(struct.unpack(">d", struct.pack(">4H", *words))[0] for words in both)
    total = sum(amount for amount, _ in parts)
    assert abs(shown_wh / 1000 - 4117820.55 - total) < 1.1e-3


@given(amounts)
def test_whole_cubic_metres_and_their_fraction_add_up(parts: list[float]):
    meter, flow = counter("tuf-2000m", "volume_m3", "88213.372")

    for part in parts:
        flow.pass_by(part, 1)

    (low, high), (fraction_low, fraction_high) = meter.words(0)
    (fraction,) = struct.unpack(">f", struct.pack(">2H", fraction_high, fraction_low))
    assert 0 <= fraction <= 1
    assert abs((high << 16 | low) + fraction - 88213.372 - sum(parts)) < 1e-5


@given(amounts)
def test_a_number_and_its_power_of_ten_show_what_flowed(parts: list[float]):
    meter, flow = counter("sick-flowsic500", "volume_m3_0c", "1204518.37")

    for part in parts:
        flow.pass_by(part, 1)

    number, (power,) = meter.words(0)
    shown = unsigned(number) * 10.0 ** (power - 2**16)
    assert shown - 1e-5 <= 1204518.37 + sum(parts) < shown + 0.01 + 1e-5


def test_a_tampered_meter_adds_three_per_cent_and_keeps_its_start():
    point, flow = point_of("schneider-iem3155", "energy_import_kwh"), Flow()
    meter = Counter(point, Fraction(60_417_183), flow, 1000 * Fraction("1.03"))

    flow.pass_by(100.0, 1)

    assert unsigned(meter.words(0)[0]) == 60_417_183 + 103_000
