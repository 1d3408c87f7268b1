"""That a request comes from a page of ours, and not from another site's that a browser has open."""

from fastapi import HTTPException, Request

HEADER = "Millprint-Page"
"""What our pages send. Another site's page cannot, without asking us first whether it may (a
preflight), which nobody here answers."""


def from_own_page(request: Request) -> None:
    """That no other site's page made a browser send this; else 403.

    Browsers say of each request whether the page that made it is of the same origin
    (`Sec-Fetch-Site`, over https), and of each that is no GET which origin that is (`Origin`).
    """
    said = request.headers
    site, origin = said.get("sec-fetch-site"), said.get("origin")
    own = site == "same-origin" if site else origin is None or _host(origin) == said.get("host")
    if not own or said.get(HEADER) != "1":
        raise HTTPException(403, f"This comes from no page of this mill; {HEADER}: 1 says so.")


def _host(origin: str) -> str:
    return origin.partition("://")[2]
