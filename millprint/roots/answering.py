"""Answering over HTTP: an application behind a port that is taken already."""

import socket
import ssl
from functools import partial

import uvicorn
from apscheduler.schedulers.background import BackgroundScheduler
from fastapi import FastAPI

from api.configuration import TlsSettings
from millprint.roots.chores import ONCE


def answer(
    app: FastAPI, tls: TlsSettings | None, door: socket.socket, calendar: BackgroundScheduler
) -> None:
    """Answer until a signal.

    Args:
        app: What answers.
        tls: What it is served with over https; None over http.
        door: The port, which is taken already.
        calendar: By which the certificate is read again.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",  # nobody speaks WebSocket here
        timeout_graceful_shutdown=3,
    )
    config.load()
    if tls is not None:
        # A certificate is changed while we run; each handshake takes what was loaded last.
        config.ssl = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        config.ssl.load_cert_chain(tls.certificate, tls.key)
        again = partial(config.ssl.load_cert_chain, tls.certificate, tls.key)
        calendar.add_job(again, "cron", minute="*/10", **ONCE)
    uvicorn.Server(config).run(sockets=[door])
