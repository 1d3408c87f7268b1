"""A limit crossed on the demo mill: in the API, told to a webhook, and over by itself."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from millprint.demo import mill_file
from millprint.demo.stage import Casting, Stage
from millprint.installation import opened
from tests.api.test_telling import SECRET, Hook, serving

_PATIENCE_S = 240.0  # until something happens at the mill
_AT_ONCE_S = 10.0  # from when the API shows that the limit is crossed
LIMIT = 0.1
ALARMS = f"""
[rules.limit]
kind = "intensity"
machine = "jet-01"
limit_kgco2e_per_kg = "{LIMIT}"

[webhooks.mes]
url = "URL"
secret_file = "mes.secret"
"""


def until(what: Callable[[], Any], patience_s: float, stage: Stage) -> Any:
    end = time.monotonic() + patience_s
    while not (found := what()):
        assert stage.household.watch() is None
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)
    return found


def crossed(stage: Stage) -> str | None:
    """The batch on the first jet, once what it carries so far is above the limit."""
    (jet,) = [one for one in stage.get("/machines")["machines"] if one["id"] == "jet-01"]
    so_far = jet["so_far"] and jet["so_far"]["kgco2e_per_kg"]
    return jet["batch"] if so_far and float(so_far) > LIMIT else None


@pytest.mark.long
def test_a_limit_crossed_is_an_alarm_is_told_and_is_over_by_itself(tmp_path: Path) -> None:
    shipped = mill_file.SHIPPED_MILL
    casting = Casting(shipped, mill_file.load(shipped), seed=5, speed=300, once=False)
    folder, hook = tmp_path / "demo", Hook()
    folder.mkdir()
    (folder / "alarms.toml").write_text(ALARMS.replace("URL", hook.url), encoding="utf-8")
    (folder / "mes.secret").write_bytes(SECRET)
    with serving(hook.server), opened(Stage(folder, casting)) as stage:
        batch = until(lambda: crossed(stage), _PATIENCE_S, stage)
        (alarm,) = until(lambda: stage.get("/alarms")["alarms"], _AT_ONCE_S, stage)
        until(lambda: hook.heard, _AT_ONCE_S, stage)

        assert (alarm["subject"], alarm["state"]) == (batch, "open")
        assert float(alarm["cost"]["kgco2e"]) > 0

        over = until(
            lambda: (one := stage.get(f"/alarms/{alarm['id']}"))["ended_at"] and one,
            _PATIENCE_S,
            stage,
        )
        until(lambda: len(hook.heard) >= 2, _AT_ONCE_S, stage)

    told = [orjson.loads(body) for _, body in hook.heard[:2]]
    assert [one["event"]["kind"] for one in told] == ["raised", "ended"]
    assert {one["alarm"]["id"] for one in told} == {alarm["id"]}
    assert [one["by"] for one in over["events"]] == ["", ""]
