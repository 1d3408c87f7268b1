"""What has a price: the carriers that come into the mill, and the loads that it emits from."""

from collections.abc import Mapping

from api.ledger import effluent, networks
from api.ledger.plant import Plant
from api.ledger.pools import CONDENSATE
from api.ledger.solar import ELECTRICITY, SOLAR, suns
from gateway.intervals import Measured


def priced(plant: Plant, measured: Mapping[str, Measured]) -> dict[str, str]:
    """Unit by carrier that a factor must price, over the counters that were used.

    A made carrier has no factor: making it used others. What is bought into its network has; of
    steam that is weighed by heat, its heat.
    """
    inside = set(networks.carriers(plant))
    mains = {
        meter
        for name in inside
        for supply in networks.bought(plant, name)
        for meter in supply.meters
    }
    carriers = plant.carrier_of()
    found: dict[str, str] = {}
    for meter, one in measured.items():
        carrier = carriers[meter]
        if carrier == CONDENSATE or (carrier in inside and meter not in mains):
            continue
        by_heat = networks.terms(plant, carrier).heat is not None
        found.setdefault(carrier, "kWh" if by_heat else one.counter.unit)
    if suns(plant, measured):
        found[SOLAR] = found.get(ELECTRICITY, "kWh")
    for utility in plant.utilities:
        if utility.treatment:
            found[effluent.cod_carrier(utility.treatment.kind)] = "kg"
            found[effluent.NITROGEN] = "kg"
    return found
