"""Enrolment: a site's own authority, who holds a certificate of it, and how a collector gets one.

A key never leaves the machine that made it: what travels is a request to sign, and a one-time code
that names whom to trust. The register remembers what was signed; the broker's files follow from it.
"""
