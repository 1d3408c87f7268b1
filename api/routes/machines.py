"""Machines as they are now, and the readings of their points."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query

from api.ledger.plant import Machine
from api.routes.forms import Instant
from api.service import Reader, Service, The
from collector.toml_files import nearest
from collector.wire.birth import Point
from collector.wire.reading import Kind, Reading, stamp

router = APIRouter(tags=["machines"])

_STALE = timedelta(minutes=2)
_LONG = timedelta(days=2)
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUANTITY = (
    ("power_kw", "power"),
    ("mass_flow_kg_h", "steam_flow"),
    ("flow_m3_0c_h", "gas_flow"),
    ("flow_m3_h", "water_flow"),
    ("bath_c", "bath_temperature"),
)
_RUNNING_STATE = 2


@router.get("/machines", summary="Every machine as it is now")
def machines(the: The, _: Reader) -> dict[str, Any]:
    """State, batch, step, gauges, and what the running batch carries so far."""
    plant = the.reporter.plants[-1]
    found = [_machine(the, machine) for machine in plant.machines]
    return {"now": stamp(the.now()), "machines": found}


@router.get("/machines/{name}/live", summary="One machine as it is now")
def live(the: The, _: Reader, name: str) -> dict[str, Any]:
    """The same as its entry in ``/machines``."""
    plant = the.reporter.plants[-1]
    machine = plant.machine(name)
    if machine is None:
        near = nearest(name, [one.id for one in plant.machines])
        raise HTTPException(404, f"There is no machine {name!r}; the closest is {near!r}.")
    return {"now": stamp(the.now())} | _machine(the, machine)


@router.get("/points/{ref}/readings", summary="Readings of a point")
def readings(
    the: The,
    _: Reader,
    ref: str,
    start: Annotated[Instant, Query(alias="from")],
    end: Annotated[Instant, Query(alias="to")],
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> dict[str, Any]:
    """Values by time; where there are more than `limit`, evenly thinned.

    Of two days and more, the last good number of each of at most `limit` equal stretches.
    """
    device, _dot, name = ref.partition(".")
    birth = the.journal.newest_birth(device)
    point = birth.point(name) if birth else None
    if point is None:
        raise HTTPException(404, f"There is no point {ref!r}; a point is device.point.")
    if start >= end:
        raise HTTPException(422, f"from {start.isoformat()} does not come before to")
    if end - start >= _LONG and point.kind is not Kind.TEXT:
        return {
            "point": ref,
            "unit": point.unit,
            "readings": _thinned(the, ref, (start, end), limit),
        }
    samples = the.journal.samples(device, name, start, end)
    every = -(-len(samples) // limit) or 1
    return {
        "point": ref,
        "unit": point.unit,
        "readings": [
            {"at": stamp(one.at), "value": one.value, "quality": one.quality}
            for one in samples[::every]
        ],
    }


def _thinned(
    the: Service, ref: str, period: tuple[datetime, datetime], limit: int
) -> list[dict[str, Any]]:
    """The last good number of each of at most so many stretches, whole seconds long."""
    start, end = period
    device, _, point = ref.partition(".")
    # One stretch may be begun at each end.
    every = -(-(end - start) // (_SECOND * max(1, limit - 1))) * _SECOND
    first, last = start - (start - _EPOCH) % every, end + (_EPOCH - end) % every
    found = the.series.thinned(device, point, first, last, every)[-limit:]
    return [{"at": stamp(at), "value": value, "quality": "good"} for at, value in found]


def _machine(the: Service, machine: Machine) -> dict[str, Any]:
    latest = {device: _latest(the, device) for device in _devices(machine)}
    at = max((one.at for one in latest.values() if one), default=None)
    batch = _value(latest, machine.batch)
    said = str(batch).strip() if batch is not None else ""
    last = the.books.runs.neighbour(machine.id, the.now() + _STALE, later=False)
    # What a person said of it counts; a PLC that shows another batch already is newer.
    stated = last is not None and last.going_on and (machine.batch is None or last.said == said)
    name = last.batch if last is not None and stated else said
    state = _state(the, machine, latest, at)
    if machine.batch is None and machine.running is None and stated and state == "idle":
        state = "running"
    run = last if name else None
    so_far = the.bookkeeper.so_far(name) if name else None
    return {
        "id": machine.id,
        "process": run.process if run else machine.process,
        "line": machine.line,
        "capacity_kg": machine.capacity_kg,
        "state": state,
        "batch": name or None,
        "step": _step(the, machine, latest),
        "since": None if last is None else stamp(run.start if run else last.end),
        "at": stamp(at) if at else None,
        "gauges": [gauge for device in latest for gauge in _gauges(the, device, latest[device])],
        "so_far": so_far["total"] if so_far else None,
    }


def _latest(the: Service, device: str) -> Reading | None:
    """The newest reading, live where there is one: pages see it before the commit."""
    live_one, stored = the.ears.reading(device), the.journal.latest(device)
    if live_one is None or stored is None:
        return live_one or stored
    return live_one if live_one.at >= stored.at else stored


def _devices(machine: Machine) -> list[str]:
    refs = [meter for _, meter in machine.meters]
    refs += [ref for ref in (machine.batch, machine.running, machine.step) if ref]
    return list(dict.fromkeys(ref.partition(".")[0] for ref in refs))


def _value(latest: dict[str, Reading | None], ref: str | None) -> object:
    device, _, point = (ref or "").partition(".")
    one = latest.get(device)
    return one.values.get(point) if one else None


def _state(
    the: Service, machine: Machine, latest: dict[str, Reading | None], at: datetime | None
) -> str:
    if at is None or the.now() - at > _STALE:
        return "silent"
    running = _value(latest, machine.running)
    if isinstance(running, int | float):
        return "running" if running == _RUNNING_STATE else "idle"
    return "running" if _value(latest, machine.batch) else "idle"


def _step(
    the: Service, machine: Machine, latest: dict[str, Reading | None]
) -> dict[str, Any] | None:
    value = _value(latest, machine.step)
    if not isinstance(value, int | float) or not value:
        return None
    device, _, name = (machine.step or "").partition(".")
    birth = the.journal.newest_birth(device)
    point = birth.point(name) if birth else None
    return {"value": value, "label": point.labels.get(str(int(value)), "") if point else ""}


def _gauges(the: Service, device: str, reading: Reading | None) -> list[dict[str, Any]]:
    birth = the.journal.newest_birth(device)
    if reading is None or birth is None:
        return []
    return [
        _gauge(device, point, quantity, reading)
        for point in birth.points
        if point.kind is Kind.GAUGE and (quantity := _quantity(point.name))
    ]


def _gauge(device: str, point: Point, quantity: str, reading: Reading) -> dict[str, Any]:
    bad, doubt = reading.bad.get(point.name), reading.uncertain.get(point.name)
    return {
        "point": f"{device}.{point.name}",
        "quantity": quantity,
        "value": reading.values.get(point.name),
        "unit": point.unit,
        "at": stamp(reading.at),
        "quality": "bad" if bad else "uncertain" if doubt else "good",
        "reason": bad or doubt or "",
    }


def _quantity(point: str) -> str:
    return next((quantity for ending, quantity in _QUANTITY if point.endswith(ending)), "")
