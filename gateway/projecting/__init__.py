"""How projections are kept: what is sent to an engine, how far, and whether it is there."""
