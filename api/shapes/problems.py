"""Problems: what is wrong with the data, and why a request was refused."""

from typing import Any

from api.shapes import At, Shape, says


class DataProblem(Shape):
    """What is wrong with data or configuration, in words of both languages."""

    code: str = says("What kind of problem; a word that stays", examples=["register-fell"])
    where: str = says("A device, meter, machine or batch")
    at: At | None = says("When, where it has a time")
    values: dict[str, Any] = says("What the sentences are about, for programs")
    text_en: str = says("What is wrong")
    do_en: str = says("What to do")
    text_zh: str = says("What is wrong, in Chinese")
    do_zh: str = says("What to do, in Chinese")


class Problems(Shape):
    """What is wrong with the data now."""

    problems: list[DataProblem] = says("Of machines' runs, and of meters that read wrong")


class WrongField(Shape):
    """A field that is not of its form."""

    field: str = says("Which, with its place in the body")
    value: str = says("What was given, shortened to 200 characters")
    allowed: str = says("What would be accepted")
    allowed_zh: str | None = says("The same in Chinese, where the mill's own rules say so")


class Refusal(Shape):
    """Why a request was refused (RFC 9457); it changed nothing."""

    type: str = says("about:blank: the status says what kind it is")
    title: str = says("The kind of refusal, in two words")
    status: int = says("The HTTP status")
    detail: str = says("What is wrong, with the value that was given and what is allowed")
    errors: list[WrongField] | None = says("Field by field, with 422", default=None)
    problems: list[DataProblem] | None = says("What stands against it, with 409", default=None)
