"""How values stand in the configuration: what each section of the core has in common, and types of its keys."""

import ipaddress
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from bot.process.hidden import sealed

Url = Annotated[str, BeforeValidator(lambda v: v.rstrip("/") if isinstance(v, str) else v)]
AsWritten = Annotated[dict[str, Any], AfterValidator(sealed)]


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:  # it quotes the value, and that may be a secret under a wrong key
        raise ValueError("an address or a network, such as 10.0.0.0/8, should stand here") from None
    return value


Network = Annotated[str, AfterValidator(_network)]


def _id(value: str) -> str:
    if value.casefold() in ("any", "all", "*"):
        raise ValueError('this is no community; "any", exactly so, means all')
    if not value or any(letter.isspace() or not letter.isprintable() for letter in value):
        raise ValueError("an id has no spaces and nothing that can't be seen; a community's name is none")
    return value


def begins_with(*schemes: str) -> AfterValidator:
    """Of an address: what it may begin with. A slash at its end says nothing."""

    def address(value: str) -> str:
        if not value.strip().startswith(schemes):
            raise ValueError(f"must begin with {' or '.join(schemes)}")
        return value.strip().rstrip("/")

    return AfterValidator(address)


WebAddress = Annotated[str, begins_with("https://", "http://")]
CommunityId = Annotated[str, AfterValidator(lambda value: value if value == "any" else _id(value))]


class Section(BaseModel):
    """One [section] of the file, the core's or an integration's."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )
