"""The section [stripe] of the configuration."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

API = "https://api.stripe.com"


class StripeSettings(BaseModel):
    """One account of Stripe's, where people pay by links."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_key: SecretStr = Field(
        SecretStr(""),
        description="a restricted key that may write Checkout Sessions and read Charges and Events; empty: no Stripe",
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="whsec_..., of the endpoint at /stripe/events; empty: payments are found by looking alone",
    )
    base_url: str = Field(API, description="where its API is")
    return_url: str = Field(
        "", description="where people come after they have paid; empty: a page of Easel's own"
    )

    @property
    def ready(self) -> bool:
        """Whether the configuration sets Stripe up."""
        return bool(self.api_key.get_secret_value())

    @property
    def live(self) -> bool:
        """Whether money is moved by this key."""
        return "_test_" not in self.api_key.get_secret_value()

    @field_validator("base_url", "return_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// or http://")
        return value.rstrip("/")
