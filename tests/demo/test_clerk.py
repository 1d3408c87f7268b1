"""The clerk enters a thing once, and again where the office does not know what it is about."""

import io
import json
import urllib.error
from email.message import Message
from typing import Any

from collector.toml_files import SHIPPED
from millprint.demo import mill_file
from millprint.demo.clerk import Clerk

MILL = mill_file.load(SHIPPED / "demo" / "full.toml")
NOW = "2026-03-02T08:00:00.000Z"


def lot(machine: str, end: str | None, again: str = "", joins: str = "") -> dict[str, Any]:
    run = {"machine": machine, "start": "2026-03-02T06:00:00.000Z", "end": end}
    named = {"article": "C-90", "again": again, "joins": joins}
    return {"fabric_kg": 412.34, "runs": [run]} | named


class FakeOffice:
    """Takes what it is handed, but for what it is told to refuse."""

    def __init__(self, **batches: dict[str, Any]) -> None:
        self.batches, self.refuses = batches, dict[str, int]()
        self.taken: list[tuple[str, str]] = []

    def truth(self) -> dict[str, Any]:
        return {"batches": self.batches}

    def get(self, path: str) -> Any:
        return {"now": NOW}

    def post(self, path: str, body: bytes, kind: str = "application/json") -> Any:
        text = body.decode()
        for word, status in self.refuses.items():
            if word in path + text:
                raise urllib.error.HTTPError(path, status, "no", Message(), io.BytesIO())
        self.taken.append((path, text))


def test_a_batch_is_entered_once_with_its_article_and_mass():
    office = FakeOffice(B1=lot("jet-01", None))
    clerk = Clerk(MILL, office)

    clerk.look()
    clerk.look()

    ((path, body),) = office.taken
    assert path == "/batches"
    assert json.loads(body) == {"id": "B1", "article": "C-90", "accepted_kg": "412.3"}


def test_runs_of_a_machine_without_plc_are_handed_in_as_a_table_when_they_are_over():
    over, later = "2026-03-02T07:00:00.000Z", "2026-03-02T09:00:00.000Z"
    office = FakeOffice(B1=lot("relax-1", over), B2=lot("relax-1", later), B3=lot("jet-01", over))
    clerk = Clerk(MILL, office)

    clerk.look()
    clerk.look()

    (table,) = [body for path, body in office.taken if path == "/runs/import"]
    assert table.splitlines()[1:] == [f"relax-1,B1,,2026-03-02T06:00:00.000Z,{over},"]


def test_a_table_of_which_some_is_known_already_is_handed_in_row_by_row():
    over = "2026-03-02T07:00:00.000Z"
    office = FakeOffice(B1=lot("relax-1", over), B2=lot("relax-1", over))
    office.refuses["relax-1,B1"] = 422
    clerk = Clerk(MILL, office)

    clerk.look()

    tables = [body for path, body in office.taken if path == "/runs/import"]
    assert len(tables) == 1
    assert "B2" in tables[0]


def test_a_batch_dyed_again_is_said_once_its_parent_is_known():
    over = "2026-03-02T07:00:00.000Z"
    office = FakeOffice(B1R=lot("jet-01", over, again="B1"))
    office.refuses["redye"] = 404
    clerk = Clerk(MILL, office)
    clerk.look()

    office.refuses.clear()
    clerk.look()
    clerk.look()

    said = [json.loads(body) for path, body in office.taken if path == "/batches/B1R/redye"]
    assert [one["parent"] for one in said] == ["B1"]


def test_two_lots_become_one_when_both_lie_done_and_no_sooner():
    early, late = "2026-03-02T03:00:00.000Z", "2026-03-02T07:00:00.000Z"
    office = FakeOffice(B1=lot("jet-01", early), B2=lot("jet-01", late, joins="B1"))
    clerk = Clerk(MILL, office)
    clerk.look()
    assert not [path for path, _ in office.taken if "merge" in path]

    office.batches["B2"] = lot("jet-01", early, joins="B1")
    clerk.look()
    clerk.look()

    ((path, body),) = [one for one in office.taken if "merge" in one[0]]
    assert path == "/batches/B1M/merge"
    assert json.loads(body)["from"] == ["B1", "B2"]
    assert json.loads(body)["at"] == early
