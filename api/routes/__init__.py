"""HTTP under ``/api/v1``: one file a noun. Version 1 grows and never changes."""

import sys

# For each route FastAPI asks whether it has models of pydantic's first version, and would load all
# of that (1.6 MB) to learn that none has. Where there is none it takes that for an answer.
sys.modules["pydantic.v1"] = None  # type: ignore[assignment]
