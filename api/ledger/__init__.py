"""The attribution core: from amounts of meters to footprints of batches, by declared rules.

Pure: no I/O, no clock, no framework. The rules are those of ACCOUNTING in CONTRIBUTING's terms;
each module names the ones that it keeps. Numbers are Decimal and sums are exact.
"""

RULES = "1"
"""Version of the rules: it changes when the same facts come to another result."""
