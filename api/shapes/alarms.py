"""Shapes of alarms."""

from typing import Literal

from api.shapes import At, Exact, Shape, says
from api.shapes.problems import DataProblem


class Cost(Shape):
    """What an alarm has cost so far, or by its end."""

    kgco2e: Exact | None = says("Emissions; null where nobody can say [kgCO2e]")
    kwh: Exact | None = says("Energy; null where nobody can say [kWh]")


class AlarmEvent(Shape):
    """Something that happened to an alarm."""

    number: int = says("Its number for ever")
    kind: Literal["raised", "acknowledged", "escalated", "ended"] = says("What")
    at: At = says("When")
    by: str = says("Who; empty for the server itself")


class Alarm(Shape):
    """What is wrong, what it costs, and who has seen it."""

    id: int = says("Its number")
    state: Literal["open", "acknowledged", "escalated", "ended"] = says("How it stands")
    rule: str = says("The rule that found it", examples=["batch-limit"])
    subject: str = says("A batch, machine or meter")
    raised_at: At | None = says("When it was found")
    acknowledged_at: At | None = says("When somebody saw it")
    escalated_at: At | None = says("When others were told")
    ended_at: At | None = says("When it was no more")
    acknowledged_by: str | None = says("Who saw it")
    cost: Cost = says("What it has cost")
    problem: DataProblem = says("What is wrong, in words")
    events: list[AlarmEvent] = says("All that happened to it")


class Alarms(Shape):
    """Alarms; where there are more, the Link header says where."""

    now: At = says("The server's time")
    alarms: list[Alarm] = says("The newest first")
