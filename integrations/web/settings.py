"""The [web] section: whether `easel run` serves the page, and the token that guards it."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from bot.configuration.written import Section

TOKEN_MIN = 16


class WebSettings(Section):
    """One [web] section."""

    first_keys: ClassVar[Mapping[str, object]] = {"enabled": True}

    enabled: bool = Field(default=False, description="serve the page under `easel run`")
    admin_token: SecretStr = Field(
        SecretStr(""),
        description="asked for by the page, needed when it listens beyond this machine, and opens the operator's place at /admin; 16 characters or more",
    )

    @field_validator("admin_token")
    @classmethod
    def _is_long_enough(cls, token: SecretStr) -> SecretStr:
        if 0 < len(token.get_secret_value()) < TOKEN_MIN:
            raise ValueError(
                f"anybody could guess it: take at least {TOKEN_MIN} characters, such as those that"
                ' `python -c "import secrets; print(secrets.token_urlsafe(24))"` prints'
            )
        return token

    @property
    def unguarded(self) -> str:
        """What to write before strangers can reach the page."""
        return "set [web] admin_token" if self.enabled and not self.admin_token.get_secret_value() else ""

    @property
    def ready(self) -> bool:
        """Whether the configuration sets the page up."""
        return self.enabled
