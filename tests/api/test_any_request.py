"""Any request that the OpenAPI document allows, or nearly: no fault of ours, nothing undocumented.

Requests are made from the document by schemathesis, good ones and bad ones, and sent over real
sockets by everybody: engineer, accountant, certifier, admin, and somebody without a key.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.rights import RIGHTS, ROLES
from tests.api.given import World, world
from tests.browser.serving import served

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NOBODY = "nobody"
WHO = (*ROLES, NOBODY)
KNOWN = {
    "batches": {"name": ["B2601", "C1"]},
    "machines": {"name": ["jet-01", "jet-02"]},
    "points": {"ref": ["jet-01-power.energy_import_kwh", "jet-01-plc.batch_id"]},
    "meters": {"ref": ["jet-01-power.energy_import_kwh", "main-1.energy_import_kwh"]},
    "exports": {"form": ["csv"]},
    "seals": {"day": ["2026-03-01"]},
    "periods": {"month": ["2026-03"]},
    "alarms": {"number": [1]},
    "restatements": {"number": [1]},
    "genealogy": {"number": [1, 2]},
    "imports": {"kind": ["batches", "bills"]},
}
"""Names that are there: of those that nobody has, little is to be found out."""
FEW = settings(
    max_examples=1,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MANY = settings(FEW, max_examples=104, derandomize=False)
CALLS = 50_000


@dataclass(frozen=True)
class Mill:
    """A mill that answers on a port."""

    world: World
    origin: str
    sessions: dict[str, requests.Session]
    operations: dict[str, APIOperation[Any, Any, Any, Any]]
    calls: Counter[str]

    def lets_in(self) -> None:
        """Everybody has a key that is good, whatever was revoked before."""
        for who in ROLES:
            self.sessions[who].headers.update(self.world.key(who))


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory, first_hour: World) -> Iterator[Mill]:
    """An hour of a mill with its books closed; whoever may write does as he likes with it."""
    one = world(tmp_path_factory.mktemp("any") / "config", past=first_hour)
    one.closes_its_books()
    one.is_sealed()
    sessions = {who: requests.Session() for who in WHO}
    with served(one) as (origin, _):
        document = sessions[NOBODY].get(f"{origin}/openapi.json").json()
        told = schemathesis.openapi.from_dict(document | {"servers": [{"url": origin}]})
        operations = [found.ok() for found in told.get_all_operations()]
        named = {found.definition.raw["operationId"]: found for found in operations}
        yield Mill(one, origin, sessions, named, Counter())
    for session in sessions.values():
        session.close()
    one.close()


def test_any_request_is_answered_as_documented(mill: Mill, subtests: pytest.Subtests) -> None:
    for name in sorted(mill.operations)[::6]:  # the others in the long run
        with subtests.test(name):
            FEW(asked(mill, name))()


@pytest.mark.long
def test_fifty_thousand_requests_too(mill: Mill, subtests: pytest.Subtests) -> None:
    mill.calls.clear()
    while mill.calls.total() < CALLS:  # where there is little to vary, a round asks less
        for name in mill.operations:
            with subtests.test(name):
                MANY(asked(mill, name))()

    assert len(set(mill.calls.values())) == 1, mill.calls
    assert set(mill.calls) == set(WHO)


def asked(mill: Mill, name: str) -> Any:
    """Asks for one operation, once an example, by everybody."""
    operation = mill.operations[name]
    ways = (way for one in operation.definition.raw.get("security", []) for way in one.values())
    needed = {right for way in ways for right in way}
    mill.lets_in()

    @given(case=cases(operation))
    def ask(case: schemathesis.Case) -> None:
        case.headers.pop("Authorization", None)
        for who in WHO:
            answer = case.call(base_url=mill.origin, session=mill.sessions[who], timeout=600)
            mill.calls[who] += 1
            case.validate_response(answer, checks=CHECKS)
            may = not needed or needed <= RIGHTS.get(who, frozenset())
            assert may or answer.status_code >= 400, f"{who}: {answer.status_code}"

    return ask


@st.composite
def cases(draw: st.DrawFn, operation: APIOperation[Any, Any, Any, Any]) -> schemathesis.Case:
    """Requests as the document allows them and nearly so, half of them about what is there."""
    mode = draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    known = KNOWN.get(operation.path.split("/")[3], {})
    names = {key: known[key] for key in known if f"{{{key}}}" in operation.path}
    if not names or draw(st.booleans()):
        return draw(operation.as_strategy(mode))
    chosen = {key: draw(st.sampled_from(values)) for key, values in names.items()}
    return draw(operation.as_strategy(mode, path_parameters=chosen))
