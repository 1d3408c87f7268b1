"""A device belongs to one collector: what another brings of it is accounted for, and no more."""

from pathlib import Path

import pytest

from collector.wire import topics
from collector.wire.problem import Refused
from collector.wire.third_party import encode_third_party
from gateway import configuration
from gateway.journal import Arrival, Claim, Outcome
from gateway.journal.writer import Writer
from tests.gateway.given import (
    BIRTH,
    COLLECTOR,
    DEVICE,
    IN_A_FILE,
    POINT,
    SITE,
    Agent,
    House,
    arrival,
    at,
    reading,
)

OTHER = "dyehouse-b"
CLAIM = Claim(DEVICE, COLLECTOR, OTHER)


def third_party(collector: str, seconds: float) -> Arrival:
    """A reading of the device from no agent of ours."""
    points = {POINT: {"kind": "counter"}}
    payload = encode_third_party(points, 10_000, [reading(seconds, 7)])
    return arrival(topics.readings(SITE, collector, DEVICE), payload)


def moved(mill: House, collector: str) -> None:
    """The gateway starts again with the device moved."""
    mill.writer.close()
    mill.writer = Writer(mill.store, site=SITE, moved={DEVICE: collector})


def test_what_another_collector_brings_of_a_device_is_set_aside_and_accounted_for(mill: House):
    other = Agent(collector=OTHER)
    mill.takes(Agent().says(reading(0, 1)))

    outcome = mill.takes(other.says(reading(10, 2), reading(20, 3)))

    assert outcome == Outcome(stored=0, duplicates=0, quarantined=2)
    assert mill.shown() == [(at(0), 1)]
    assert [ack.through for ack in mill.writer.acks(OTHER)] == [2]
    assert mill.journal.claims() == (CLAIM,)
    ((why, payload),) = mill.journal._db.execute("SELECT why, payload FROM quarantine").fetchall()
    assert why == f"device {DEVICE} belongs to collector {COLLECTOR}"
    assert b'"energy_import_kwh":3' in payload


def test_its_chain_goes_on_over_what_was_set_aside(mill: House):
    other = Agent(collector=OTHER)
    mill.takes(Agent().says(reading(0)))

    mill.takes(other.says(reading(10)), other.says(reading(20, device="jet-08-power")))

    assert [chain.broken_at for chain in mill.journal.chains()] == [(), ()]
    assert len(mill.shown("jet-08-power")) == 1


def test_what_was_set_aside_and_comes_again_is_no_conflict(mill: House):
    mill.takes(Agent().says(reading(0)))
    foreign = Agent(collector=OTHER).says(reading(10))
    mill.takes(foreign)

    mill.reopens()

    assert mill.takes(foreign).quarantined == 1
    assert mill.journal.quarantined() == 1
    assert [chain.conflict for chain in mill.journal.chains()] == [0, 0]


def test_a_birth_of_a_device_from_another_collector_changes_nothing(mill: House):
    agent = Agent()
    mill.takes(agent.is_born(), agent.says(reading(0)))

    assert mill.takes(Agent(collector=OTHER).is_born()).quarantined == 1
    assert mill.journal.newest_birth(DEVICE) == BIRTH


@pytest.mark.parametrize("first", [COLLECTOR, OTHER])
def test_third_parties_obey_the_same(mill: House, first: str):
    mill.takes(third_party(first, 0))

    stored = [mill.takes(third_party(name, 10)).stored for name in (COLLECTOR, OTHER)]

    assert stored == [int(first == COLLECTOR), int(first == OTHER)]
    assert len(mill.shown()) == 2


def test_a_device_that_was_moved_belongs_to_its_new_collector(mill: House):
    old, new = Agent(), Agent(collector=OTHER)
    sent = old.says(reading(0, 1))
    mill.takes(sent)
    mill.takes(new.says(reading(10, 2)))

    moved(mill, OTHER)

    assert mill.journal.claims() == ()
    assert mill.takes(new.says(reading(20, 3))).stored == 1
    assert mill.takes(old.says(reading(30, 4))).quarantined == 1
    assert mill.takes(sent).duplicates == 1
    assert mill.journal.claims() == (Claim(DEVICE, OTHER, COLLECTOR),)
    mill.reopens()  # and the file remembers it
    assert mill.takes(new.says(reading(40, 5))).stored == 1


def test_a_device_may_be_moved_before_it_first_speaks(mill: House):
    moved(mill, OTHER)

    assert mill.takes(Agent().says(reading(0, 1))).quarantined == 1
    assert mill.takes(Agent(collector=OTHER).says(reading(0, 2))).stored == 1


@IN_A_FILE
def test_a_claim_that_was_rolled_back_is_made_again(mill: House):
    mill.takes(Agent().says(reading(0)))
    foreign = Agent(collector=OTHER).says(reading(10))
    mill.writer._db.execute("PRAGMA query_only = ON")
    with pytest.raises(Exception, match="readonly"):
        mill.takes(foreign)
    mill.writer._db.execute("PRAGMA query_only = OFF")

    mill.takes(foreign)

    assert mill.journal.claims() == (CLAIM,)


def written(folder: Path, devices: str) -> Path:
    text = (
        'site = "keqiao"\n[mqtt]\nurl = "mqtt://127.0.0.1:1883"\n'
        f'[journal]\nurl = "sqlite:///journal.db"\n{devices}'
    )
    (folder / "gateway.toml").write_text(text, encoding="utf-8")
    return folder


def test_gateway_toml_says_which_devices_were_moved(tmp_path: Path):
    folder = written(tmp_path, f'[devices]\n{DEVICE} = "{OTHER}"\n')

    assert configuration.load(folder).devices == {DEVICE: OTHER}
    assert configuration.load(written(tmp_path, "")).devices == {}


@pytest.mark.parametrize("line", ['jet-07-power = "Dyehouse B"', '"Jet 07" = "dyehouse-b"'])
def test_a_device_cannot_be_moved_under_a_bad_name(tmp_path: Path, line: str):
    with pytest.raises(Refused) as refused:
        configuration.load(written(tmp_path, f"[devices]\n{line}\n"))

    (problem,) = refused.value.problems
    assert problem.code == "bad-name"
    assert "[devices]" in problem.where
