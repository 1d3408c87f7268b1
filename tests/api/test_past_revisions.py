"""Every past answer comes back byte for byte, whatever changed since."""

from tests.api.given import MINUTE, PLANT, World, at, footprint, reading
from tests.api.test_dated_registers import NOON_IN_KEQIAO, snapshot
from tests.api.test_factor_changes import OWN, own

BATCHES, VIEWS = ("B2601", "C1", "B2601-A"), ("footprint", "inventory")


class Witness:
    """Writes down every revision as it is first given out, and asks for it again later."""

    def __init__(self, mill: World) -> None:
        self._mill = mill
        self.given: dict[tuple[str, str, int], bytes] = {}
        self.reasons: set[str] = set()

    def looks(self) -> None:
        self._mill.clock[0] += MINUTE
        self._mill.closes_its_books()
        for batch in BATCHES:
            for view in VIEWS:
                answer = footprint(self._mill, batch, view=view)
                if answer.status_code == 200 and answer.json()["revision"]:
                    body = answer.json()
                    self.given.setdefault((batch, view, body["revision"]), answer.content)
                    self.reasons |= set(body["reason"].split(","))

    def asks_again(self) -> None:
        for (batch, view, revision), content in self.given.items():
            again = footprint(self._mill, batch, view=view, revision=revision)
            assert again.content == content, (batch, view, revision)
            at_that_time = footprint(
                self._mill, batch, view=view, as_of=again.json()["computed_at"]
            )
            assert at_that_time.content == content, (batch, view, revision)


def test_after_readings_runs_relatives_factors_plant_and_rules_changed(fresh):
    mill = fresh()
    mill.passes(0, 90, without=["jet-01-power"])
    mill.sends(*[reading("jet-01-power", minute) for minute in range(91) if minute not in (21, 22)])
    witness = Witness(mill)
    ask, why = mill.caller(), {"reason": "as on the card"}
    witness.looks()

    mill.sends(*[reading("jet-01-power", minute) for minute in (21, 22)])
    witness.looks()
    (run,) = mill.books.runs.stated(batch="C1")
    ask.post(f"/runs/{run.id}/corrections", {"end": at(60).isoformat()} | why)
    witness.looks()
    parts = [{"batch": "B2601-A", "kg": "100"}, {"batch": "B2601", "kg": "300"}]
    ask.post("/batches/B2601/split", {"parts": parts, "at": at(45).isoformat()} | why)
    witness.looks()
    own(mill, OWN)
    witness.looks()
    snapshot(mill, NOON_IN_KEQIAO, PLANT.replace('water = "jet-01-water.volume_m3"\n', ""))
    witness.looks()
    mill.edits("UPDATE results SET rules = 'those of before'")
    mill.starts_again()
    witness.looks()

    witness.asks_again()
    assert witness.reasons >= {
        "first-final", "late-data", "correction", "genealogy", "factor", "plant",
    }  # fmt: skip
