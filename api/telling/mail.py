"""Told by e-mail, in both languages."""

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage

from api.alarm_files import Mail
from api.telling import Letter, Untold
from collector.toml_files import texts

_PATIENCE_S = 20.0
_KINDS = {
    "raised": ("alarm", "报警"),
    "acknowledged": ("acknowledged", "已确认"),
    "escalated": ("nobody has answered", "无人响应"),
    "ended": ("over", "已结束"),
}


class ByMail:
    """Tells some people.

    Args:
        to: Them, and through which server.
    """

    def __init__(self, to: Mail) -> None:
        self._to = to

    def tell(self, letter: Letter, now: datetime) -> None:  # noqa: ARG002 - a mail server has its own clock
        """Send it."""
        try:
            with self._server() as server:
                if self._to.user:
                    server.login(self._to.user, self._to.password)
                server.send_message(self._written(letter))
        except (smtplib.SMTPException, OSError) as fault:
            raise Untold(str(fault)) from fault

    def _server(self) -> smtplib.SMTP:
        to = self._to
        if to.tls == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(to.host, to.port, timeout=_PATIENCE_S, context=context)
        server = smtplib.SMTP(to.host, to.port, timeout=_PATIENCE_S)
        if to.tls == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server

    def _written(self, letter: Letter) -> EmailMessage:
        event, alarm = letter.event, letter.alarm
        english, chinese = _KINDS[event.kind]
        mail = EmailMessage()
        mail["From"], mail["To"] = self._to.sender, ", ".join(self._to.to)
        mail["Subject"] = f"[{letter.site}] {chinese} {english}: {alarm.last.subject}"
        mail["Message-ID"] = f"<{letter.site}.alarm-event.{event.number}@millprint>"
        mail.set_content("\n\n".join(_said(letter, language) for language in ("zh", "en")) + "\n")
        return mail


def _said(letter: Letter, language: str) -> str:
    last = letter.alarm.last
    text = texts()[last.problem.code]
    lines = [text[f"{key}_{language}"].format_map(last.problem.values) for key in ("text", "do")]
    costs = [
        f"{amount:.1f} {unit}"
        for amount, unit in ((last.cost.kgco2e, "kgCO2e"), (last.cost.kwh, "kWh"))
        if amount is not None
    ]
    if costs:
        lines.append(" · ".join(costs))
    lines.append(f"{last.subject} · {last.rule} · #{letter.alarm.id} · {letter.event.at:%F %TZ}")
    return "\n".join(lines)
