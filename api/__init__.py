"""The ledger of every batch, and the service that answers for it."""
