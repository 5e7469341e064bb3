"""What every provider's section of the configuration holds: one model to derive from."""

import re
from collections.abc import Mapping
from typing import ClassVar

import pydantic


class ProviderSettings(pydantic.BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """A section [providers.NAME]; a provider gives `base_url` the default that is its service's."""

    first_keys: ClassVar[Mapping[str, object]] = {"api_key": None}

    base_url: str
    api_key: pydantic.SecretStr = pydantic.Field(
        default=pydantic.SecretStr(""), description="The service's key."
    )
    timeout_s: float = pydantic.Field(
        default=180.0,
        gt=0,
        le=3600,
        description="How long a picture that comes with the answer may take; at least 60 for real models.",
    )
    submit_timeout_s: float = pydantic.Field(
        default=60.0, gt=0, le=3600, description="How long the start of an operation may take."
    )
    poll_timeout_s: float = pydantic.Field(
        default=30.0, gt=0, le=3600, description="How long one look at an operation may take."
    )
    polls_per_s: float = pydantic.Field(
        default=50.0, gt=0, le=10_000, description="How often all operations together are looked at."
    )
    connections: int = pydantic.Field(
        default=200, ge=1, le=10_000, description="How many requests may be under way at once."
    )

    @property
    def key(self) -> str:
        """The key itself, for a header."""
        return self.api_key.get_secret_value()

    @property
    def ready(self) -> bool:
        """Whether the configuration sets the provider up: a key, or a place of its own, which may need none."""
        return bool(self.key) or self.base_url != type(self).model_fields["base_url"].default

    def url(self, path: str) -> str:
        """A place below the base."""
        return f"{self.base_url}/{path}"

    @pydantic.field_validator("base_url")
    @classmethod
    def _is_web_address(cls, base_url: str) -> str:
        import httpx  # noqa: PLC0415 - a command that asks no service does without

        try:
            url = httpx.URL(base_url.strip())
        except httpx.InvalidURL as error:
            raise ValueError("must be an http or https address") from error
        if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
            raise ValueError("must be an http or https address without a query")
        return str(url).rstrip("/")

    @pydantic.field_validator("api_key", "webhook_secret", check_fields=False)
    @classmethod
    def _fits_a_header(cls, secret: pydantic.SecretStr) -> pydantic.SecretStr:
        key = secret.get_secret_value().strip()
        if re.fullmatch(r"[\x21-\x7e]*", key) is None:
            raise ValueError("must be printable ASCII without spaces")
        return pydantic.SecretStr(key)
