"""What projections need of the api: the plant's names, intervals, steps and footprints."""
