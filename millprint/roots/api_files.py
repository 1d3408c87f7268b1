"""What a configuration folder says to the api, read and found sound before anything is started."""

from dataclasses import dataclass
from pathlib import Path

from api import alarm_files, factor_files
from api import configuration as api_configuration
from api import plant as plant_files
from api.alarm_files import AlarmSettings
from api.configuration import ApiConfiguration
from api.ledger.factors import Catalogue
from api.ledger.plant import Plant
from collector.toml_files import SHIPPED


@dataclass(frozen=True, slots=True)
class ApiFiles:
    """What the files say.

    Attributes:
        settings: ``api.toml``.
        plants: The plant's snapshots.
        catalogue: The shipped factors and the mill's own.
        alarms: ``alarms.toml``.
    """

    settings: ApiConfiguration
    plants: tuple[Plant, ...]
    catalogue: Catalogue
    alarms: AlarmSettings


def load(folder: Path) -> ApiFiles:
    """Read them.

    Raises:
        Refused: They say what cannot stand.
    """
    return ApiFiles(
        api_configuration.load(folder),
        plant_files.load(folder),
        factor_files.catalogue(SHIPPED / "factors", folder / "factors"),
        alarm_files.load(folder),
    )
