"""Tags: what a point is called in a time-series store, so that people find it there.

Its site, device, point and unit; and, where the plant is known here, its carrier, the machine and
line that it belongs to, and what role its meter plays. A plant's new snapshot gives new tags from
its first day on.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from collector.wire.suffixes import stored_unit
from gateway.projecting.line_protocol import head
from gateway.projections import READING

PlantTags = Callable[[datetime], Mapping[str, Mapping[str, str]]]
"""What a plant in force at an instant says, by ``device.point`` and by ``device``."""
_NOTHING: Mapping[str, Mapping[str, str]] = {}
_MOST = 50_000


def no_plant(at: datetime) -> Mapping[str, Mapping[str, str]]:  # noqa: ARG001
    """Where the gateway runs without the plant's files."""
    return _NOTHING


class Tags:
    """The tags of a site's points.

    Args:
        site: The site.
        plant: What the plant says of them.
    """

    def __init__(self, site: str, plant: PlantTags = no_plant) -> None:
        self._site, self._plant = site, plant
        self._heads: dict[tuple[str, str, int], tuple[Mapping[str, Mapping[str, str]], str]] = {}

    def of(self, device: str, point: str, at: datetime) -> dict[str, str]:
        """Tags of a point at an instant."""
        return self._said(device, point, self._plant(at))

    def head(self, device: str, point: str, at: datetime) -> str:
        """How lines of a point's readings begin at an instant."""
        said = self._plant(at)
        key = (device, point, id(said))
        known = self._heads.get(key)
        if known is None or known[0] is not said:
            if len(self._heads) >= _MOST:
                self._heads.clear()
            known = self._heads[key] = (said, head(READING, self._said(device, point, said)))
        return known[1]

    def _said(
        self, device: str, point: str, said: Mapping[str, Mapping[str, str]]
    ) -> dict[str, str]:
        own = {
            "site": self._site,
            "device": device,
            "point": point,
            "unit": stored_unit(point),
        }
        return own | dict(said.get(device, {})) | dict(said.get(f"{device}.{point}", {}))
