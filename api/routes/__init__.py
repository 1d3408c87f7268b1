"""HTTP under ``/api/v1``: one file a noun. Version 1 grows and never changes."""
