"""What a device says and cannot be is no value; what is strange is kept, in doubt."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from collector.plausible import Plausibility
from collector.profiles import Probe, ProfilePoint, Register
from collector.wire.reading import Kind
from tests.collector.playing import meter

MINUTE_MS = 60_000


def quantity(
    name: str,
    kind: Kind,
    *,
    unit: str = "kWh",
    coded: str = "float32",
    modulus: str | None = None,
) -> ProfilePoint:
    register, resolution = Register(0, coded), None if coded == "float32" else "0.1"
    return ProfilePoint(
        name,
        kind,
        "input",
        (register,),
        unit,
        Fraction(1),
        modulus,
        resolution,
        (),
        (),
        {},
        "x",
        "",
    )


ENERGY = quantity("energy_import_kwh", Kind.COUNTER)
POWER = quantity("power_kw", Kind.GAUGE, unit="kW")


class Judged:
    """A meter that is read once a minute, and what was made of each reading."""

    def __init__(self, *points: ProfilePoint, **given) -> None:
        self._plausibility = Plausibility(meter(*points, **given))
        self._minute = 0

    def say(self, **values: float) -> tuple[dict, dict, dict]:
        """What is believed, what is in doubt, and what is not believed."""
        self._minute += 1
        kept, bad = dict(values), {}
        doubt = self._plausibility.judge(kept, bad, self._minute * MINUTE_MS)
        return kept, doubt, bad

    def energy(self, kwh: float, **more: float) -> str:
        kept, doubt, bad = self.say(energy_import_kwh=kwh, **more)
        name = "energy_import_kwh"
        return bad.get(name) or doubt.get(name) or ("good" if name in kept else "nothing")


def test_a_spurious_zero_is_no_value_and_what_follows_is_good():
    judged = Judged(ENERGY)

    said = [judged.energy(kwh) for kwh in (53_120.0, 0.0, 53_120.5, 0.0, 0.0, 53_121.0)]

    assert said == ["good", "fell", "good", "fell", "fell", "good"]


def test_a_counter_that_begins_again_at_its_end_did_not_fall():
    judged = Judged(quantity("energy_import_kwh", Kind.COUNTER, coded="uint32", modulus="1000"))

    said = [judged.energy(kwh) for kwh in (998.0, 999.5, 0.5, 1.0, 900.0, 0.0, 901.0)]

    assert said == ["good", "good", "good", "good", "good", "fell", "good"]


def test_a_counter_that_was_reset_is_believed_once_it_stays_there():
    judged = Judged(ENERGY)

    said = [judged.energy(kwh) for kwh in (53_120.0, 0.1, 0.2, 0.3, 0.4)]

    assert said == ["good", "fell", "fell", "fell", "good"]
    assert judged.say(energy_import_kwh=0.5)[0] == {"energy_import_kwh": 0.5}


def test_a_counter_that_jumps_further_than_it_can_count_is_not_believed():
    judged = Judged(ENERGY, most={"energy_import_kwh": "120"})  # 2 kWh a minute

    said = [judged.energy(kwh) for kwh in (100.0, 102.0, 150.0, 104.0, 106.3, 109.0)]

    assert said == ["good", "good", "above-rating", "good", "good", "above-rating"]


def test_a_counter_may_have_counted_for_as_long_as_it_was_not_heard():
    judged = Judged(ENERGY, most={"energy_import_kwh": "120"})
    judged.energy(100.0)
    for _ in range(9):
        judged.say()

    assert judged.energy(119.0) == "good"


def test_a_gauge_above_what_it_can_be_is_kept_in_doubt():
    judged = Judged(POWER, most={"power_kw": "250"})

    assert judged.say(power_kw=260.0) == ({"power_kw": 260.0}, {}, {})
    assert judged.say(power_kw=1e6) == ({"power_kw": 1e6}, {"power_kw": "above-rating"}, {})


def test_a_float_of_words_in_the_wrong_order_is_no_value():
    kept, _, bad = Judged(ENERGY, POWER).say(energy_import_kwh=1.98e27, power_kw=3.0)

    assert (kept, bad) == ({"power_kw": 3.0}, {"energy_import_kwh": "implausible"})


def test_a_counter_that_stands_while_its_power_says_otherwise_is_in_doubt():
    judged = Judged(quantity("energy_import_kwh", Kind.COUNTER, coded="uint32"), POWER)

    said = [judged.energy(100.0, power_kw=6.0) for _ in range(14)]  # 0.1 kWh a minute

    assert said[:9] == ["good"] * 9
    assert said[-1] == "frozen"
    assert judged.energy(101.2, power_kw=6.0) == "good"


def test_a_counter_that_stands_while_nothing_is_used_is_good():
    judged = Judged(ENERGY, POWER)

    assert {judged.energy(100.0, power_kw=0.0) for _ in range(500)} == {"good"}


def test_a_power_that_never_moves_while_its_energy_says_otherwise_is_in_doubt_until_it_does():
    judged = Judged(ENERGY, POWER)

    said = [judged.say(energy_import_kwh=kwh, power_kw=41.25)[1] for kwh in range(100, 130)]

    assert said[5] == {}
    assert said[-1] == {"power_kw": "frozen"}
    assert judged.say(energy_import_kwh=130, power_kw=60.0)[1] == {}


def test_a_power_that_shows_nothing_while_energy_is_counted_is_in_doubt():
    judged = Judged(ENERGY, POWER)

    said = [judged.say(energy_import_kwh=100 + n / 10, power_kw=0.0)[1] for n in range(30)]

    assert said[-1] == {"power_kw": "frozen"}


def test_a_machine_that_always_draws_the_same_is_good():
    judged = Judged(ENERGY, POWER)

    said = [judged.say(energy_import_kwh=100 + n / 10, power_kw=6.0)[1] for n in range(300)]

    assert said == [{}] * 300


def test_a_machine_that_stands_shows_0_for_as_long_as_it_stands():
    judged = Judged(ENERGY, POWER)

    said = [judged.say(energy_import_kwh=100.0, power_kw=0.0)[1] for _ in range(200)]

    assert said == [{}] * 200


def test_a_meter_whose_probe_shows_nonsense_is_in_doubt_altogether():
    frequency = quantity("frequency_hz", Kind.GAUGE, unit="Hz")
    judged = Judged(frequency, ENERGY, probe=Probe("frequency_hz", 45.0, 65.0))

    assert judged.say(frequency_hz=50.01, energy_import_kwh=1.0)[1] == {}
    assert judged.say(frequency_hz=0.0, energy_import_kwh=1.0)[1] == {}
    assert judged.say(frequency_hz=5001.0, energy_import_kwh=1.0)[1] == {
        "frequency_hz": "implausible",
        "energy_import_kwh": "implausible",
    }


@given(st.lists(st.floats(0, 1e6), max_size=30))
def test_every_value_is_kept_or_has_a_reason(kwhs):
    judged = Judged(ENERGY, POWER, most={"energy_import_kwh": "100"})

    for kwh in kwhs:
        kept, doubt, bad = judged.say(energy_import_kwh=kwh, power_kw=kwh)
        assert kept.keys() | bad.keys() == {"energy_import_kwh", "power_kw"}
        assert not kept.keys() & bad.keys()
        assert doubt.keys() <= kept.keys()


@given(st.lists(st.floats(0, 2.0), min_size=1, max_size=60))
def test_a_counter_that_only_counts_within_its_rating_is_always_good(steps):
    judged = Judged(ENERGY, most={"energy_import_kwh": "120"})
    total = 0.0

    for step in steps:
        total += step
        assert judged.energy(total) == "good"
