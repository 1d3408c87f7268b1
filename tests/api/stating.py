"""How runs are stated in the tests: a mill whose second jet has no PLC, and what is said of it."""

from tests.api.given import PLANT, World, at

NO_PLC = PLANT.replace('batch = "jet-02-plc.batch_id"\n', "")
TWO_AT_ONCE = NO_PLC.replace("[machines.jet-02]\n", "[machines.jet-02]\nholds = 2\n")


def said(minute: float) -> str:
    return at(minute).isoformat().replace("+00:00", "Z")


def runs_of(mill: World, batch: str, **query):
    answer = mill.caller().get(f"/batches/{batch}/runs", **query)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return body if query else [
        (one["machine"], one["start"][11:16], one["end"] and one["end"][11:16], one["source"])
        for one in body["runs"]
    ]  # fmt: skip


def state(mill: World, batch: str, start=None, end=None, machine="jet-02", **more):
    body = {"machine": machine} | more
    body |= {"start": said(start)} if start is not None else {}
    body |= {"end": said(end)} if end is not None else {}
    return mill.caller().post(f"/batches/{batch}/runs", body)
