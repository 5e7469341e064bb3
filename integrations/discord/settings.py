"""The section [discord] of the configuration."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.configuration.written import Section, WebAddress, begins_with

API_BASE_URL = "https://discord.com/api/v10"
GATEWAY_URL = "wss://gateway.discord.gg"


class DiscordSettings(Section):
    """One application, by the token of its bot."""

    first_keys: ClassVar[Mapping[str, object]] = {"token": None}

    token: SecretStr = Field(
        SecretStr(""), description="the bot's token, from the page Bot; empty: no Discord"
    )
    api_base_url: WebAddress = Field(API_BASE_URL, description="where the REST API is, ending in /api/v10")
    gateway_url: Annotated[str, begins_with("wss://", "ws://")] = Field(
        GATEWAY_URL, description="where the websocket is"
    )
    shard_ids: tuple[int, ...] = Field((), description="shards of this process; empty: all")
    shard_count: int | None = Field(None, ge=1, description="shards of all processes; not set: Discord says")
    guild_ids: tuple[str, ...] = Field(
        (), description="servers to register the commands in as well, for trying out: there they show twice"
    )

    @property
    def ready(self) -> bool:
        """Whether the configuration sets Discord up."""
        return bool(self.token.get_secret_value())

    @field_validator("guild_ids")
    @classmethod
    def _are_ids(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if strange := [value for value in values if not value.isdecimal()]:
            raise ValueError(f"{strange[0]!r} is no id of a server; copy it with Discord's developer mode on")
        return values

    @model_validator(mode="after")
    def _shards_fit(self) -> Self:
        if self.shard_ids and self.shard_count is None:
            raise ValueError("shard_ids needs shard_count, the same in every process")
        if any(not 0 <= one < (self.shard_count or 0) for one in self.shard_ids):
            raise ValueError("shard_ids must be from 0 to shard_count - 1")
        return self
