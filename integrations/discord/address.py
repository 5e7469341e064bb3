"""An address as plain strings: enough for any process to answer, by REST alone."""

from dataclasses import dataclass, fields

from bot.ports import Address

SURFACE = "discord"
FIRST_WITHIN_S = 2.7  # of 3 s, counted from when we heard of it
TOKEN_LIFE_S = 15 * 60 - 45.0
_LIMIT_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordAddress:
    """An address as we read it: enough for any process to answer."""

    app: str = ""
    interaction: str = ""
    token: str = ""
    asked: str = "0"  # unix seconds
    guild: str = ""
    channel: str = ""
    user: str = ""
    limit: str = ""  # bytes of one file
    bot: str = ""  # "1": the bot itself can write there
    direct: str = ""  # "1": direct messages with the bot, where everything is private anyway
    reply: str = ""  # the message that it answers to, without an interaction

    @classmethod
    def of(cls, address: Address) -> "DiscordAddress":
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in address.data.items() if name in known})

    @property
    def address(self) -> Address:
        values = {one.name: str(getattr(self, one.name)) for one in fields(self)}
        return Address(surface=SURFACE, data={name: value for name, value in values.items() if value})

    @property
    def asked_at(self) -> float:
        return float(self.asked or 0)

    @property
    def limit_bytes(self) -> int:
        return int(self.limit) if self.limit else _LIMIT_BYTES

    @property
    def home(self) -> bool:
        return bool(self.bot)

    @property
    def dm(self) -> bool:
        return bool(self.direct)

    @property
    def callback(self) -> str:
        return f"/interactions/{self.interaction}/{self.token}/callback"

    @property
    def webhook(self) -> str:
        return f"/webhooks/{self.app}/{self.token}"

    def token_lives(self, now: float) -> bool:
        """Whether the interaction's token may still be used."""
        return bool(self.token) and now < self.asked_at + TOKEN_LIFE_S
