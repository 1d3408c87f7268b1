"""Evidence: what a seal says, and whether what is kept still is what was sealed. Pure.

A *seal* is of one site and day: the Merkle root over *leaves*, each the name of something that is
kept and its hash, signed. Seals are a chain of their own. What they prove, and what not, stands in
docs/evidence.md.
"""
