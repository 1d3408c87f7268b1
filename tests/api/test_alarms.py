"""Alarms over HTTP, in the books, and as ``alarms.toml`` says them."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from api import alarm_files
from api.alarms.rules import intensity
from api.watch import Watch
from collector.toml_files import SHIPPED
from collector.wire.problem import Refused
from tests.api.given import World, at

RULES = """
escalate_after = "10min"
[rules.limit]
kind = "intensity"
limit_kgco2e_per_kg = "0.001"
[rules.silent]
kind = "silent"
after = "20min"
"""


def watching(mill: World, text: str = RULES) -> None:
    """The same mill with alarms."""
    (mill.folder / "alarms.toml").write_text(text, encoding="utf-8")
    settings, service = alarm_files.load(mill.folder), mill.service
    watch = Watch(mill.books, service.sight, settings, now=service.now)
    object.__setattr__(service, "watch", watch)


def test_a_batch_above_its_limit_is_an_alarm_until_it_leaves_the_machine(fresh):
    mill = fresh()
    watching(mill)
    mill.passes(0, 30)
    mill.closes_its_books()

    (raised,) = [one for one in mill.service.watch.look() if one.subject == "B2601"]

    (body,) = [a for a in mill.caller().get("/alarms").json()["alarms"] if a["rule"] == "limit"
               and a["subject"] == "B2601"]  # fmt: skip
    assert (body["id"], body["state"], body["raised_at"]) == (
        raised.alarm,
        "open",
        "2026-03-02T00:30:00.000Z",
    )
    assert Decimal(body["cost"]["kgco2e"]) > 0
    assert Decimal(body["cost"]["kwh"]) > 0
    assert "B2601" in body["problem"]["text_en"]
    assert "B2601" in body["problem"]["text_zh"]

    mill.passes(31, 42)
    mill.closes_its_books()
    mill.service.watch.look()

    body = mill.caller().get(f"/alarms/{raised.alarm}").json()
    assert (body["state"], body["ended_at"]) == ("ended", "2026-03-02T00:42:00.000Z")
    assert [one["kind"] for one in body["events"]] == ["raised", "ended"]


def test_a_meter_that_falls_silent_is_an_alarm_that_says_since_when(fresh):
    mill = fresh()
    watching(mill)
    mill.passes(0, 30)
    mill.passes(31, 60, without=["jet-02-power"])
    mill.closes_its_books()

    mill.service.watch.look()

    found = [a for a in mill.caller().get("/alarms").json()["alarms"] if a["rule"] == "silent"]
    assert [one["subject"] for one in found] == ["jet-02-power"]
    assert found[0]["problem"]["values"]["since"] == "2026-03-02T00:30:00Z"


def opened(mill: World) -> int:
    watching(mill)
    mill.passes(0, 30)
    mill.closes_its_books()
    return mill.service.watch.look()[0].alarm


def test_who_acknowledged_an_alarm_first_stays_the_one_who_did(fresh):
    mill = fresh()
    number = opened(mill)

    first = mill.caller().post(f"/alarms/{number}/acknowledge", None)
    again = mill.caller("admin").post(f"/alarms/{number}/acknowledge", None)

    assert (first.status_code, first.json()["acknowledged_by"]) == (200, "engineer")
    assert again.json() == first.json()
    mill.clock[0] = at(59)
    assert [one.kind for one in mill.service.watch.look() if one.alarm == number] == []


def test_an_alarm_is_acknowledged_by_those_who_may_write_and_while_it_lasts(fresh):
    mill = fresh()
    number = opened(mill)
    path = f"/alarms/{number}/acknowledge"

    assert mill.caller(None).get("/alarms").status_code == 401
    assert mill.caller("certifier").post(path, None).status_code == 403
    assert mill.caller().post("/alarms/999/acknowledge", None).status_code == 404
    assert mill.caller().get("/alarms/999").status_code == 404
    watching(mill, "")
    mill.service.watch.look()
    assert mill.caller().post(path, None).status_code == 409


def test_alarms_that_are_over_are_paged_the_newest_first(fresh):
    mill = fresh()
    opened(mill)
    mill.service.watch.look()
    watching(mill, "")
    mill.service.watch.look()
    watching(mill, RULES)
    mill.service.watch.look()
    watching(mill, "")
    mill.service.watch.look()
    caller = mill.caller()

    assert caller.get("/alarms").json()["alarms"] == []
    seen, path = [], "/alarms?over=true&limit=1"
    while path:
        page = caller.get(path)
        seen += [one["id"] for one in page.json()["alarms"]]
        link = page.headers.get("Link", "")
        path = link[1 : link.index(">")].removeprefix("/api/v1") if link else ""
    assert seen == sorted(seen, reverse=True)
    assert len(seen) >= 2


def test_what_happened_to_alarms_is_sealed_with_the_books(fresh):
    mill = fresh()
    opened(mill)

    names = [row.name for row in mill.books.seals.rows()]

    assert "alarm-events/1" in names


def test_without_a_file_nobody_is_called(tmp_path):
    assert alarm_files.load(tmp_path) == alarm_files.AlarmSettings()


def test_the_sample_is_one_that_stands(tmp_path):
    text = (SHIPPED / "sample" / "alarms.toml").read_text(encoding="utf-8")
    for line in ("[webhooks.mes]", "[mail.shift]"):
        assert f"# {line}" in text
    lines = [line[2:] if line[:3] in ("# [",) or (" = " in line and line[:2] == "# ") else line
             for line in text.splitlines()]  # fmt: skip
    (tmp_path / "alarms.toml").write_text("\n".join(lines), encoding="utf-8")
    for name in ("mes.secret", "mail.password"):
        (tmp_path / name).write_text("a long random word\n", encoding="utf-8")

    found = alarm_files.load(tmp_path)

    assert set(found.addresses) == {"mqtt", "webhooks.mes", "mail.shift"}
    assert found.escalate_after == timedelta(minutes=30)
    assert found.rules["dyeing-above-golden"] == intensity.Rule(
        of="process", process="dyeing-exhaust", above_golden=Decimal("0.20")
    )
    assert "random" not in repr(found)


@pytest.mark.parametrize(
    ("text", "code", "nearest"),
    [
        ('[rules.x]\nkind = "intensty"', "alarm-no-such-kind", "intensity"),
        ('[rules.x]\nkind = "idle"\naftr = "1h"', "unknown-key", "after"),
        ('[rules.x]\nkind = "idle"\nafter = "an hour"', "bad-duration", ""),
        ('[rules.x]\nkind = "intensity"\nof = "mill"', "wrong-value", ""),
        ('[webhook.x]\nurl = "http://a"', "unknown-key", "webhooks"),
        ('[webhooks.x]\nurl = "ftp://a"\nsecret_file = "s"', "alarm-bad-url", ""),
        ('[webhooks.x]\nurl = "http://a"\nsecret_file = "none"', "no-such-file", ""),
        ('[webhooks.x]\nurl = "http://a"\nsecret_file = "empty"', "alarm-empty-secret", ""),
        ('[mail.x]\nhost = "a"\nsender = "b"\nto = []', "alarm-nobody-to-mail", ""),
        ('[mqtt]\nevents = ["raized"]', "wrong-value", ""),
        ('escalate = "1h"', "unknown-key", "escalate_after"),
    ],
)
def test_what_cannot_stand_in_the_file_is_refused_by_name(tmp_path: Path, text, code, nearest):
    (tmp_path / "alarms.toml").write_text(text, encoding="utf-8")
    (tmp_path / "s").write_text("secret\n", encoding="utf-8")
    (tmp_path / "empty").write_text("\n", encoding="utf-8")

    with pytest.raises(Refused) as refused:
        alarm_files.load(tmp_path)

    (problem,) = refused.value.problems
    assert problem.code == code
    assert nearest in str(dict(problem.values))
