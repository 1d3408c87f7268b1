"""What only a server can do to a journal: fall silent, hold two writers, refuse a text."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.wire.problem import Refused
from gateway.journal import Damaged, Unavailable
from gateway.journal.store import Store, store_of
from gateway.journal.writer import Writer
from tests.gateway.given import COLLECTOR, SITE, Agent, House, at, house, reading, unsure
from tests.postgres import DATABASE, Cluster

WHERE = "gateway.toml  [journal]"


@pytest.fixture
def url(cluster: Cluster) -> str:
    return cluster.emptied()


@pytest.fixture
def store(url: str, tmp_path: Path) -> Store:
    return store_of(url, tmp_path, WHERE)


def code(raised: pytest.ExceptionInfo[Refused]) -> str:
    (problem,) = raised.value.problems
    return problem.code


def test_a_journal_exists_once_its_writer_has_made_it(store: Store):
    assert not store.exists()

    with house(store):
        assert store.exists()


def test_a_journal_has_one_writer(store: Store):
    with house(store), pytest.raises(Unavailable) as raised:
        Writer(store, site=SITE)

    assert code(raised) == "journal-has-a-writer"


def test_a_writer_that_has_ended_leaves_its_place(store: Store):
    Writer(store, site=SITE).close()

    Writer(store, site=SITE).close()


def test_what_a_server_took_back_may_be_sent_again_and_readers_go_on(
    store: Store, cluster: Cluster
):
    agent = Agent()
    one, two = agent.each(reading(0, 1), reading(10, 2))
    with house(store) as mill:
        mill.takes(one)
        assert mill.shown() == [(at(0), 1)]
        cluster.hangs_up()

        with pytest.raises(Unavailable):
            mill.takes(two)
        with pytest.raises(Unavailable):
            mill.shown()
        mill.writer.reopen()

        assert mill.shown() == [(at(0), 1)]
        assert mill.takes(one, two).stored == 1
        assert mill.through() == 2


def test_a_writer_whose_connection_ended_stores_nothing_until_it_is_opened_again(
    store: Store, cluster: Cluster
):
    one = Agent().says(reading(0, 1))
    with house(store) as mill:
        cluster.hangs_up()
        for _ in range(2):
            with pytest.raises(Unavailable):
                mill.takes(one)

        mill.writer.reopen()

        assert mill.takes(one).stored == 1


def test_a_text_that_no_server_can_hold_comes_back_as_it_was(store: Store):
    with house(store) as mill:
        epoch = "e\0\U0010ffff"
        agent = Agent(epoch)
        mill.takes(*agent.each(reading(0, 1), unsure(5, 2)))
        mill.reopens()

        assert mill.takes(agent.says(reading(10, 3))).stored == 1
        (chain,) = mill.journal.chains()
        assert (chain.ack.epoch, chain.ack.through) == (epoch, 3)
        assert len(list(mill.journal.evidence(COLLECTOR, epoch, 1, 9))) == 3


def test_tables_of_another_version_are_refused(store: Store, cluster: Cluster):
    Writer(store, site=SITE).close()
    cluster.do(DATABASE, "COMMENT ON SCHEMA journal IS 'journal 2'")

    with pytest.raises(Damaged) as raised:
        Writer(store, site=SITE)

    assert code(raised) == "journal-of-another-version"
    assert raised.value.problems[0].values["found"] == "2"


def test_a_watermark_that_makes_no_sense_is_found_at_the_start(store: Store, cluster: Cluster):
    with house(store) as mill:
        mill.takes(Agent().says(reading(0)))
    cluster.do(DATABASE, "DELETE FROM journal.accounted WHERE first = 0")

    with pytest.raises(Damaged) as raised:
        Writer(store, site=SITE)

    assert code(raised) == "journal-damaged"


def test_a_server_that_nobody_answers_for_is_named_without_its_secrets(tmp_path: Path):
    (tmp_path / "pass").write_text("*:*:*:*:secret", encoding="ascii")
    url = "postgresql://mill@127.0.0.1:1/site?passfile=pass"

    with pytest.raises(Unavailable, match="refused") as raised:
        Writer(store_of(url, tmp_path, WHERE), site=SITE)

    assert code(raised) == "journal-unreachable"
    assert str(store_of(url, tmp_path, WHERE)) == "postgresql://mill@127.0.0.1:1/site"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://mill:secret@db/site", "password-in-url"),
        ("postgresql://mill@db/site?password=secret", "password-in-url"),
        ("postgresql://mill@db", "no-database-in-url"),
        ("postgresql://mill@db/site?passfile=none", "no-such-file"),
    ],
)
def test_an_address_that_cannot_stand_is_refused_and_no_password_quoted(
    url: str, said: str, tmp_path: Path
):
    with pytest.raises(Refused) as raised:
        store_of(url, tmp_path, WHERE)

    assert code(raised) == said
    assert "secret" not in str(raised.value.problems)


@pytest.fixture(scope="module")
def careless() -> Iterator[Cluster]:
    """A server that says that something is safe when it is not."""
    one = Cluster("fsync=off")
    yield one
    one.close()


def test_a_server_that_syncs_nothing_is_refused(careless: Cluster, tmp_path: Path):
    with pytest.raises(Unavailable) as raised:
        House(store_of(careless.emptied(), tmp_path, WHERE))

    assert code(raised) == "postgres-setting"
