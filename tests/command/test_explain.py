"""`millprint api explain` against a running demo."""

import json
import re
import time
from collections.abc import Iterator

import pytest

from millprint.demo.mill_file import SHIPPED_MILL, load
from millprint.demo.stage import Casting, Stage
from millprint.installation import opened
from tests.command.conftest import millprint

PATIENCE_S = 180.0


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A demo whose first batch runs, and which stands still from then on."""
    casting = Casting(mill_file=SHIPPED_MILL, mill=load(SHIPPED_MILL), seed=5, speed=0, once=True)
    with opened(Stage(tmp_path_factory.mktemp("demo") / "stage", casting)) as running:
        end = time.monotonic() + PATIENCE_S
        while not carrying(running):
            assert time.monotonic() < end, "no batch began"
            time.sleep(0.1)
        collector = running.child("collector").process
        assert collector
        collector.terminate()
        collector.wait()
        yield running


def carrying(stage: Stage) -> list[str]:
    """Batches that carry something by now; one that has just begun does not."""
    batches = stage.get("/batches")["batches"]
    return [one["id"] for one in batches if float(one["kgco2e"] or 0)]


def explain(stage: Stage, *words: str, key: str = "") -> tuple[int, str, str]:
    url = f"http://127.0.0.1:{stage.port}"
    done = millprint("api", "explain", *words, "--url", url, "--key", key or stage.key)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_a_batch_is_explained_down_to_register_readings(stage: Stage) -> None:
    batch = carrying(stage)[0]

    code, said, _ = explain(stage, batch)

    assert code == 0
    assert batch in said
    assert "energy_import_kwh" in said
    assert "kgCO2e" in said
    assert re.search(r"2026-03-02T\d\d:\d\d", said)


def test_the_same_as_json(stage: Stage) -> None:
    batch = carrying(stage)[0]

    code, said, _ = explain(stage, batch, "--json")

    assert code == 0
    assert json.loads(said)["batch"] == batch
    assert json.loads(said)["lines"]


def test_the_same_in_chinese(stage: Stage) -> None:
    batch = carrying(stage)[0]

    code, said, _ = explain(stage, batch, "--lang", "zh")

    assert code == 0
    assert said.startswith(f"批次 {batch}")


@pytest.mark.parametrize("batch", ["B-none", "../../etc/passwd", "<b>", "缸号", "a" * 41])
def test_a_batch_that_is_not_there_is_said_in_a_sentence(stage: Stage, batch: str) -> None:
    code, said, fault = explain(stage, batch)

    assert (code, said) == (1, "")
    assert len(fault.strip()) > 10


def test_a_wrong_key_is_refused_in_a_sentence(stage: Stage) -> None:
    code, said, fault = explain(stage, "B1", key="mp_wrong")

    assert (code, said) == (1, "")
    assert "key" in fault.lower()
