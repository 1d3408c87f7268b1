"""What an ERP does with a client that was generated from the OpenAPI document.

It runs in the generator's environment, which knows nothing of ours: ``as_an_erp.py FOLDER ORIGIN
KEY`` finds the package ``mill_client`` in the folder and prints what it learned as JSON.
"""

import json
import re
import sys
from datetime import UTC, datetime

folder, origin, key = sys.argv[1:]
sys.path.insert(0, folder)

from mill_client import AuthenticatedClient, Client  # type: ignore[import-not-found]  # noqa: E402
from mill_client.api.batches import (  # type: ignore[import-not-found]  # noqa: E402
    get_batches,
    get_footprint,
)
from mill_client.api.exports import get_export  # type: ignore[import-not-found]  # noqa: E402
from mill_client.api.runs import (  # type: ignore[import-not-found]  # noqa: E402
    import_runs,
    state_run,
)
from mill_client.models import Refusal, RunIn  # type: ignore[import-not-found]  # noqa: E402
from mill_client.types import File  # type: ignore[import-not-found]  # noqa: E402

client = AuthenticatedClient(base_url=origin, token=key, raise_on_unexpected_status=True)


def every_batch() -> list[str]:
    """All batches, page by page as the Link header says."""
    found: list[str] = []
    after = None
    while True:
        answer = get_batches.sync_detailed(client=client, limit=1, after=after)
        found += [batch.id for batch in answer.parsed.batches]
        link = answer.headers.get("link", "")
        if 'rel="next"' not in link:
            return found
        after = re.search(r"[?&]after=([^&>]+)", link)[1]


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


footprint = get_footprint.sync("B2601", client=client)
tag = get_footprint.sync_detailed("B2601", client=client).headers["etag"]
again = get_footprint.sync_detailed("B2601", client=client, if_none_match=tag)
run = RunIn(machine="jet-02", start=at(0, 5), end=at(0, 15), kg="120.5")
stated = [
    state_run.sync("ERP-1", client=client, body=run, idempotency_key="order-4711") for _ in range(2)
]
wrong = state_run.sync("ERP-2", client=client, body=RunIn(machine="jet-99"))
nobody = get_batches.sync(client=Client(base_url=origin))
table = "machine,batch,start,end,kg\njet-02,ERP-3,2026-03-02T00:16Z,2026-03-02T00:19Z,80\n"
imported = import_runs.sync(client=client, body=File(payload=table.encode()), dry_run=True)
exported = get_export.sync("csv", client=client, batch="B2601")

sys.stdout.write(
    json.dumps(
        {
            "batches": every_batch(),
            "kgco2e": footprint.total.kgco2e,
            "lines": [line.kgco2e for run in footprint.runs for line in run.lines]
            + [line.kgco2e for line in footprint.idle],
            "unchanged": again.status_code,
            "stated": [[one.id, one.batch, one.start.isoformat()] for one in stated],
            "wrong": [isinstance(wrong, Refusal), wrong.status, wrong.detail],
            "nobody": [isinstance(nobody, Refusal), nobody.status],
            "imported": [row.change for row in imported.rows],
            "exported": exported.payload.read().decode("utf-8-sig").splitlines()[0],
        }
    )
)
