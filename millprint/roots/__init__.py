"""The processes: each module is the root of one, and alone reads its clock and signals."""
