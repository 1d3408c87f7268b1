"""Pollutants: what a batch sends into water and air beside carbon; no factor prices them."""

COD_DISCHARGED = "cod_discharged"
"""Chemical oxygen demand that leaves with the treated water."""
VOC = "voc"
"""Volatile organic compounds in the exhaust, as an analyser's counter adds them up."""
POLLUTANTS = frozenset({COD_DISCHARGED, VOC})
