"""Runs are stated anew from where something changed: the same as if all were stated from the first.

A person enters, corrects, deletes and undoes, readings come in between, in any order.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.entering import Change, Draft, addition, correction, deletion
from api.finder import Clash
from api.ledger.corrections import Entry, effective
from api.ledger.plant import Machine
from tests.api.given import START, World, at, world
from tests.api.stating import NO_PLC, TWO_AT_ONCE


@pytest.fixture(scope="module", params=[NO_PLC, TWO_AT_ONCE], ids=["one", "two at once"])
def hour(request, tmp_path_factory, first_hour) -> Iterator[World]:
    one = world(tmp_path_factory.mktemp("hour") / "config", request.param, first_hour)
    one.closes_its_books()
    yield one
    one.close()


steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "add", "open", "edit", "rename", "delete", "undo", "pass"]),
        st.sampled_from(["jet-01", "jet-02"]),
        st.sampled_from(["B1", "B2", "B3"]),
        st.integers(0, 55),
        st.integers(1, 25),
    ),
    max_size=14,
)


@settings(max_examples=12)
@given(steps)
def test_runs_that_are_stated_step_by_step_are_those_of_all_entries_at_once(hour: World, found):
    with TemporaryDirectory() as folder:
        plant = (hour.folder / "plant" / "2026-01-01.toml").read_text(encoding="utf-8")
        mill = world(Path(folder) / "config", plant, hour)
        try:
            for step in found:
                take(mill, *step)

            for machine in mill.service.reporter.plants[-1].machines:
                assert stepwise(mill, machine) == at_once(mill, machine)
        finally:
            mill.close()


def test_a_run_moved_far_from_where_the_plc_showed_it_stays_when_another_is_deleted(hour: World):
    with TemporaryDirectory() as folder:
        plant = (hour.folder / "plant" / "2026-01-01.toml").read_text(encoding="utf-8")
        mill = world(Path(folder) / "config", plant, hour)
        take(mill, "edit", "jet-01", "B2", 52, 4)

        take(mill, "delete", "jet-01", "B3", 19, 9)

        machine = mill.service.reporter.plants[-1].machines[0]
        assert stepwise(mill, machine) == at_once(mill, machine)
        assert at(52) in {one.start for one in mill.books.runs.of("B2601")}
        mill.close()


def take(mill: World, kind: str, name: str, batch: str, start: int, length: int) -> None:
    if kind == "pass":
        minute = round((mill.clock[0] - START).total_seconds() / 60)
        mill.passes(minute + 1, minute + 5)
        mill.closes_its_books()
        return
    try:
        mill.service.bookkeeper.enter(entries(mill, kind, name, batch, (start, length)))
    except Clash:
        return


def entries(mill: World, kind: str, name: str, batch: str, when: tuple[int, int]) -> list[Entry]:
    start, length = when
    plant, now, who = mill.service.reporter.plants[-1], mill.clock[0], "wang"
    stated = mill.books.runs.stated(machine=name)
    one = stated[start % len(stated)] if stated else None
    match kind:
        case "add" | "open":
            end = None if kind == "open" else at(start + length)
            draft = Draft(name, batch, "", at(start), end, None, "csv")
            return [replace(addition(plant, draft, who, now), file=start % 3 + 1)]
        case "edit" if one is not None:
            change = Change(start=at(start), end=at(start + length))
            return [correction(one, change, who, "why", now)]
        case "rename" if one is not None:
            return [correction(one, Change(batch=batch), who, "why", now)]
        case "delete" if one is not None:
            return [deletion(one, who, "why", now)]
        case "undo":
            (undo,) = [Entry(0, "undo", "", name, None, None, None, None, None, "", START, "csv",
                             who, "why", now, start % 3 + 1)]  # fmt: skip
            return [undo]
        case _:
            return []


def stepwise(mill: World, machine: Machine) -> list[object]:
    return [replace(one, place=0) for one in mill.books.runs.stated(machine=machine.id)]


def at_once(mill: World, machine: Machine) -> list[object]:
    known = [one for one in mill.books.run_entries.after(0) if one.machine == machine.id]
    known += [one for one in mill.books.run_entries.after(0) if one.kind == "undo"]
    shown = mill.books.runs.found(machine.id, START)
    ((until),) = {mill.clock[0]}
    stated, _ = effective(machine, shown, {one.number: one for one in known}.values(), until)
    return [replace(one, place=0) for one in stated]
