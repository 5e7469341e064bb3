"""The [web] section: whether `easel run` serves the page, and the token that guards it."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class WebSettings(BaseModel):
    """One [web] section."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    enabled: bool = Field(default=False, description="serve the page under `easel run`")
    admin_token: SecretStr = Field(
        SecretStr(""), description="asked for by the page; needed when it listens beyond this machine"
    )

    @property
    def ready(self) -> bool:
        """Whether the configuration sets the page up."""
        return self.enabled
