"""The projector, a real process: readings, intervals, steps and footprints come into the engine."""

import json
import subprocess
import time
from datetime import timedelta

import pytest

from gateway.journal import SLOT
from gateway.journal.stores.sqlite import Sqlite
from gateway.journal.writer import Writer
from gateway.projecting.standing import standings
from millprint.children import python
from tests.api.given import START, at, footprint
from tests.stores.engines import Server
from tests.stores.mill import PATIENCE_S, Projected

METER = "jet-01-power.energy_import_kwh"
DAY = timedelta(days=1)


def asked(projected: Projected, influxql: str, metricsql: str) -> list[dict]:
    """What an engine answers, as rows of its own tags."""
    engine = projected.engine
    if projected.server.name == "influx":
        return engine._query(influxql)
    return engine._query("query", metricsql, time="1772582400")  # 2026-03-04


def test_every_number_of_the_journal_is_there(projected: Projected):
    journal = projected.mill.service.journal
    for device in journal.devices():
        for point, (ats, values) in journal.numbers(device, START).items():
            there = projected.engine.between(device, point, START, START + SLOT)

            assert [value for _, value in there] == values
            assert len(there) == len(ats)


def test_a_point_has_the_tags_that_people_look_for(projected: Projected):
    (found,) = asked(
        projected,
        "SHOW SERIES FROM reading WHERE device = 'jet-01-power' AND point = 'energy_import_kwh'",
        'last_over_time(reading_value{device="jet-01-power",point="energy_import_kwh"}[3d])',
    )

    if projected.server.name == "influx":
        ((series,),) = found["values"]
        tags = dict(pair.split("=") for pair in series.split(",")[1:])
    else:
        tags = {key: value for key, value in found["metric"].items() if key != "__name__"}
    assert tags == {
        "site": "keqiao",
        "line": "dyehouse-a",
        "machine": "jet-01",
        "owner": "jet-01",
        "role": "machine",
        "carrier": "electricity",
        "device": "jet-01-power",
        "point": "energy_import_kwh",
        "unit": "kWh",
    }


def test_intervals_are_the_ledgers(projected: Projected):
    measured = projected.mill.service.reporter.meters.each(
        METER, [START + place * SLOT for place in range(11)]
    )
    assert measured is not None
    expected = [float(one.amount) for one in measured.slices if one.complete]

    if projected.server.name == "influx":
        where = "device = 'jet-01-power' AND site = 'keqiao'"
        (series,) = projected.engine._query(f"SELECT amount FROM interval WHERE {where}")
        found = [value for _, value in series["values"]]
    else:
        match = '{__name__="interval_amount",device="jet-01-power",site="keqiao"}'
        said = projected.engine._out.form(
            "/api/v1/export", **{"match[]": match, "start": "1772300000", "end": "1772600000"}
        )
        found = json.loads(said)["values"]

    assert len(expected) == 10
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_footprint_is_the_ledgers(projected: Projected):
    kept = projected.mill.books.results.find("B2601", "footprint")
    assert kept is not None

    (found,) = asked(
        projected,
        "SELECT last(kgco2e) FROM footprint WHERE batch = 'B2601' AND site = 'keqiao'",
        'last_over_time(footprint_kgco2e{batch="B2601",site="keqiao"}[30d])',
    )

    said = found["values"][0] if projected.server.name == "influx" else found["value"]
    total = footprint(projected.mill).json()["total"]["kgco2e"]
    assert float(said[1]) == pytest.approx(float(total), rel=1e-12)


def test_steps_of_batches_are_annotated(projected: Projected):
    runs = projected.mill.books.runs.between(START, at(150))
    ended = {(run.machine, run.batch, run.process) for run in runs if not run.going_on}

    found = steps(projected)

    tags = [one.get("tags") or one["metric"] for one in found]
    assert {(t["machine"], t["batch"], t["process"]) for t in tags} == {
        one for one in ended if one[1]
    }


def test_health_says_how_the_store_stands(projected: Projected):
    service = projected.mill.service
    (standing,) = standings(
        {projected.server.name: projected.engine}, service.journal, projected.kept
    )
    assert (standing.behind, standing.fault) == (0, "")

    service.ears.standings = [standing]
    try:
        checks = projected.mill.caller().get("/health").json()["checks"]
    finally:
        service.ears.standings = []

    (said,) = [one for one in checks if one["name"].startswith("store")]
    assert said["ok"]
    assert "wait to be sent" in said["text_en"]


def test_the_command_compares_and_says_what_it_found(projected: Projected):
    count = numbers(projected)
    command = python("millprint", "gateway", "reconcile", "--config", str(projected.folder))

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    assert f"{count} numbers compared, 0 were missing" in done.stdout


def test_a_store_that_does_not_answer_is_said_in_a_sentence(projected: Projected, tmp_path):
    Writer(Sqlite(tmp_path / "journal.db"), site="keqiao").close()
    for file in ("api.toml", "plant/2026-01-01.toml"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes((projected.folder / file).read_bytes())
    text = (projected.folder / "gateway.toml").read_text(encoding="utf-8")
    text = text.replace(projected.server.url, "http://127.0.0.1:9")
    (tmp_path / "gateway.toml").write_text(text, encoding="utf-8")
    command = python("millprint", "gateway", "reconcile", "--config", str(tmp_path))

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 2
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_was_wiped_is_made_anew_from_nothing(projected: Projected):
    before = projected.engine.totals(START - DAY, START + DAY)
    command = python("millprint", "gateway", "project", "--rebuild")
    command += ["--config", str(projected.folder)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    assert "made anew" in done.stdout
    projected.engine.settle()
    assert projected.engine.totals(START - DAY, START + DAY) == before


@pytest.mark.long
def test_a_store_that_was_away_and_is_empty_is_whole_again_by_itself(killable: Server, tmp_path):
    away = Projected(tmp_path, killable)
    mill = away.mill
    mill.passes(0, 60)
    mill.closes_its_books()
    away.projector.start()
    away.catches_up()
    before = [*steps(away)]

    killable.kill()
    mill.passes(61, 90)
    said, end = away.log.read_text(encoding="utf-8"), time.monotonic() + PATIENCE_S
    while away.log.read_text(encoding="utf-8") == said:  # until it says that nobody answers
        assert time.monotonic() < end
        time.sleep(0.1)
    killable.wipe()

    end = time.monotonic() + PATIENCE_S
    while True:
        assert time.monotonic() < end, away.log.read_text(encoding="utf-8")
        time.sleep(0.2)
        away.catches_up()
        found = away.engine.totals(START - DAY, START + DAY)
        if sum(one.numbers for one in found.values()) == numbers(away) and steps(away):
            break
    assert len(before) == len(steps(away)) > 0
    away.close()


def numbers(projected: Projected) -> int:
    """How many numbers the journal has."""
    journal = projected.mill.service.journal
    return sum(
        len(ats)
        for device, slot in journal.places(START - DAY, START + DAY)
        for ats, _ in journal.numbers(device, slot).values()
    )


def steps(projected: Projected) -> list[dict]:
    """Steps that an engine has."""
    return asked(
        projected,
        "SELECT seconds FROM step WHERE site = 'keqiao' GROUP BY machine, batch, process",
        'last_over_time(step_seconds{site="keqiao"}[30d])',
    )
