"""The section [slack] of the configuration."""

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.configuration.written import Section, WebAddress

API_BASE_URL = "https://slack.com/api/"
_NOTHING = SecretStr("")


class SlackSettings(Section):
    """One workspace, by the tokens of its installation."""

    first_keys: ClassVar[Mapping[str, object]] = {"bot_token": None, "app_token": None}

    bot_token: SecretStr = Field(_NOTHING, description="xoxb-..., from Install App; empty: no Slack")
    app_token: SecretStr = Field(_NOTHING, description="xapp-..., for Socket Mode")
    signing_secret: SecretStr = Field(_NOTHING, description="from Basic Information, for mode http")
    api_base_url: WebAddress = Field(API_BASE_URL, description="where the Web API is, ending in /api/")
    mode: Literal["socket", "http"] = Field(
        "socket", description="socket needs no public address; http is served at /slack/events"
    )
    admins: tuple[str, ...] = Field((), description="member ids that may use /easel admin besides the admins")

    @property
    def ready(self) -> bool:
        """Whether the configuration sets Slack up."""
        return bool(self.bot_token.get_secret_value())

    @field_validator("api_base_url")
    @classmethod
    def _ends_with_a_slash(cls, address: str) -> str:
        return f"{address}/"

    @model_validator(mode="after")
    def _can_listen(self) -> Self:
        if self.ready and self.mode == "socket" and not self.app_token.get_secret_value():
            raise ValueError('mode "socket" needs app_token (xapp-..., scope connections:write)')
        if self.ready and self.mode == "http" and not self.signing_secret.get_secret_value():
            raise ValueError('mode "http" needs signing_secret, or anybody could speak for Slack')
        return self
