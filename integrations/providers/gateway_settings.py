"""The section [gateway] of the configuration: read by every command, so that it brings nothing of the provider along."""

from collections.abc import Mapping
from typing import ClassVar

import pydantic

from integrations.providers._settings import ProviderSettings

BASE_URL = "https://factchat-cloud.mindlogic.ai/v1/gateway"


class GatewaySettings(ProviderSettings, frozen=True):
    """The section [gateway] of the configuration."""

    first_keys: ClassVar[Mapping[str, object]] = {"base_url": None, "api_key": None}

    base_url: str = pydantic.Field(
        default=BASE_URL, description="Where the gateway is, with or without a last slash."
    )
    api_key: pydantic.SecretStr = pydantic.Field(
        default=pydantic.SecretStr(""), description="The tenant's key, sent as a bearer token."
    )
    honours_keys: bool = pydantic.Field(
        default=False,
        description="Whether a repeated Idempotency-Key makes no second picture; not documented, so no.",
    )
