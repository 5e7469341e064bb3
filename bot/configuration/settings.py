"""What can be configured: one class for each section, and all of them together; names of keys are a contract."""

from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    create_model,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot import plugins, sections
from bot.configuration.written import AsWritten, CommunityId, Network, Section, Url
from bot.model import Answering, Strength
from bot.process.hidden import Sealed, SecretUrl, sealed
from bot.rules.floors import FLOORS, MayLoosen
from bot.rules.rules import (
    INPUTS_MEAN,
    Cooldown,
    Credits,
    InputsRule,
    Level,
    OwnWords,
    PerCommunity,
    Period,
    PerRequester,
    Span,
    Strikes,
    TimeZone,
)

_SECRET_MIN = 16


class Bot(Section):
    """Who Easel is."""

    language: str = Field("en", description="language of messages where a community sets none")
    name: str = Field("Easel", description="how it calls itself")
    forget_after_days: int = Field(
        30,
        ge=0,
        le=36_500,
        description="when Easel was removed from a community, its people's data is erased after so long",
    )
    default_models: tuple[str, ...] = Field(
        (
            "gemini-2.5-flash-image",
            "gpt-image-1-mini",
            "flux-1.1-pro-ultra",
            "black-forest-labs/flux-2-pro",
        ),
        description="the first of these that is open is used when no model is named",
    )


class Http(Section):
    """The one HTTP listener: health, metrics, pictures, and what surfaces mount."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8420, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    public_url: Url = Field("", description="how the world reaches this listener")
    trusted_proxies: tuple[Network, ...] = Field(
        (),
        description="addresses or networks of proxies whose X-Forwarded-For and -Proto are believed; empty: nobody",
    )


class StoreSection(Section):
    """Where jobs and books are kept."""

    url: SecretUrl = Field(SecretUrl("sqlite:///easel.db"), description="sqlite:///FILE or postgresql://...")
    pool_size: int = Field(10, ge=1, le=200, description="connections to PostgreSQL of one process")


class AssetsSection(Section):
    """Where pictures are kept."""

    url: SecretUrl = Field(
        SecretUrl("./assets"), description="folder, file:///..., s3://bucket/prefix, gs://..., az://..."
    )
    public_url: Url = Field(
        "", description="where chat services can fetch pictures; empty: [http] public_url"
    )
    keep_days: int = Field(
        0, ge=0, le=36_500, description="pictures older than this are removed; 0 keeps them"
    )
    options: Annotated[dict[str, str], AfterValidator(sealed)] = Field(
        Sealed(), description="endpoint, region and keys of an object store"
    )


class FetchSection(Section):
    """The door to foreign URLs."""

    allow_hosts: tuple[str, ...] = Field(
        (), description="host:port pairs that may be private and plain http, for local servers"
    )
    limit_mb: int = Field(64, ge=1, le=512, description="largest picture to fetch, MiB")
    timeout_s: float = Field(60, gt=0, le=3600, description="longest fetch of one picture, seconds")


class Quotas(Section):
    """Credits: the defaults of communities, and the operator's ceilings."""

    daily_allowance: Credits = Field(500, description="credits each person gets in a period")
    period: Period = Field("day", description="how often the allowance is renewed: day, week, month")
    time_zone: TimeZone = Field("UTC", description="whose midnight renews it")
    communities: Literal["any"] | tuple[CommunityId, ...] = Field(
        "any",
        description='which communities get an allowance: a list of ids, or "any", also among others in the list;'
        " only those that are named live without the ceilings of the unnamed",
    )
    unnamed_budget: Credits = Field(
        8000, description="ceiling on what a community that is not named here uses a day, by list price"
    )
    unnamed_together: Credits = Field(
        10_000, description="the same for all of them together, direct messages among them"
    )
    unnamed_grants: Credits = Field(
        10_000, description="ceiling on moderators' grants in a community that is not named here, a month"
    )
    max_allowance: Credits | None = Field(None, description="ceiling on what a community may allow a person")
    max_grants: Credits | None = Field(
        None, description="ceiling on moderators' grants in a community, a month"
    )
    max_budget: Credits | None = Field(
        None, description="ceiling on what a community spends a month, by list price"
    )
    monthly_usd: float | None = Field(
        None, ge=0, le=10**9, description="stop in real money over the installation, a month"
    )
    usd_a_credit: float = Field(
        0.001,
        ge=0.000_001,
        le=1_000,
        description="what a credit is worth where a model has no price in credits",
    )


class LimitsSection(Section):
    """How much may be under way at once."""

    per_requester: PerRequester = Field(4, description="pictures under way for one person")
    per_community: PerCommunity = Field(200, description="pictures under way for one community")
    cooldown_s: Cooldown = Field(0, description="seconds between two orders of one person")


class CommunitiesSection(Section):
    """What communities may set for themselves. Tightening needs no leave."""

    may_loosen: MayLoosen = Field(
        ("misread",),
        description="rules that moderators may set looser than [moderation] and [limits] have them:"
        f' "any", or a list of {", ".join(FLOORS)}',
    )


class ModerationSection(Section):
    """What is refused and withheld."""

    level: Level = Field("standard", description="strict, standard or relaxed")
    relaxed_where_age_restricted: bool = Field(
        default=False, description="age-restricted channels are relaxed"
    )
    blocked_words: OwnWords = Field((), description="words that are refused everywhere")
    allowed_words: OwnWords = Field((), description="words that always pass, but for what protects minors")
    art_nudity: bool = Field(default=False, description="whether nudity in art passes")
    real_people: bool = Field(default=True, description="whether prompts about living persons pass")
    insults: bool = Field(default=True, description="whether mere insults pass")
    inputs: InputsRule = Field("checked", description=INPUTS_MEAN)
    quarantine: bool = Field(
        default=False, description="withheld pictures are kept for moderators, who may release them"
    )
    strikes: Strikes = Field(
        5, description="refusals in the window that pause a person, 2 at least; 0: never"
    )
    strikes_window_s: Span = Field(3600, description="the window, seconds")
    pause_s: Span = Field(3600, description="the pause, seconds")
    checks: tuple[str, ...] | None = Field(
        None,
        description='outside layers to use: "openai", "nsfw"; not set: "nsfw" where its extra is installed',
    )
    when_unavailable: Literal["allow", "refuse"] | None = Field(
        None, description="when an outside layer is down; empty: the level decides"
    )
    timeout_s: float = Field(10, gt=0, le=3600, description="longest wait for an outside layer, seconds")
    keep_prompts_days: int | None = Field(
        None, ge=0, le=36_500, description="how long the audit keeps prompts; not set: as [privacy] says"
    )
    options: Annotated[dict[str, dict[str, Any]], AfterValidator(sealed)] = Field(
        Sealed(), description="settings of the outside layers, by name"
    )


class EventsSection(Section):
    """What moderators are told of, sent to an address of the operator's as well, signed."""

    url: SecretUrl = Field(
        SecretUrl(""),
        description="where each event is posted as JSON; empty: nowhere; a private one is named in"
        " [fetch] allow_hosts",
    )
    secret: SecretStr = Field(SecretStr(""), description="signs each call; 16 characters or more")

    @model_validator(mode="after")
    def _is_signed(self) -> Self:
        if self.url.get_secret_value() and len(self.secret.get_secret_value()) < _SECRET_MIN:
            raise ValueError(f"[events] url needs a secret of at least {_SECRET_MIN} characters")
        return self


class PrivacySection(Section):
    """How long what people wrote is kept."""

    keep_prompts_days: int = Field(
        90,
        ge=0,
        le=36_500,
        description="how long ended jobs and the audit keep prompts; the pictures stay; 0: some hours",
    )


class ModelSection(Section):
    """One model: a new one, or changes to a provider's."""

    enabled: bool = Field(default=True, description="false switches it off")
    credits: Credits | None = Field(None, description="price of an image, whatever is asked")
    prices: tuple[dict[str, Any], ...] | None = Field(
        None, description="prices by what is asked: rows of values with credits or usd; the first that fits"
    )
    provider: str | None = Field(None, description="which provider draws it first")
    routes: tuple[str, ...] | None = Field(None, description="which providers draw it, in this order")
    wire: str | None = Field(None, description="what the provider calls it")
    ends: date | None = Field(None, description="the first day on which it is not used any more")
    successor: str | None = Field(None, description="the model that takes its place then")
    good_for: Strength | None = Field(None, description="its strong side")
    inputs: int | None = Field(None, ge=0, le=16, description="how many pictures it takes")
    inputs_min: int | None = Field(None, ge=0, le=16, description="how many pictures it needs")
    maker: str | None = Field(None, description="who made the model")
    way: Answering | None = Field(None, description="how the provider answers")
    images_max: int | None = Field(None, ge=1, le=4, description="most images in one order")
    parameters: dict[str, tuple[str, ...]] | None = Field(None, description="name -> values it takes")
    aliases: tuple[str, ...] | None = Field(None, description="short names")
    usd_micros: int | None = Field(
        None, ge=0, le=10**12, description="what an image costs, millionths of a US dollar"
    )
    usual_s: float | None = Field(None, gt=0, le=10**6, description="a first guess of its duration, seconds")


class RoutingSection(Section):
    """Who is asked first."""

    order: tuple[str, ...] = Field(
        (), description="providers; of those that can draw a model the first open one does; as configured"
    )


class ProductSection(Section):
    """One product."""

    credits: int = Field(ge=1, le=10**9, description="what it brings")
    title: str = Field("", description="what people read, with what it costs; empty: its name")
    days: int | None = Field(
        None, ge=1, le=3660, description="how long its credits can be spent; not set: for good"
    )
    monthly: bool = Field(default=False, description="a subscription: its credits come every month")
    shops: dict[str, str] = Field(
        {}, description="who sells it -> what they call it: a SKU of Discord, a price of Stripe"
    )


class StyleSection(Section):
    """One style."""

    template: str = Field(
        description="what is sent; {prompt} is the person's words; empty takes a style of Easel's away"
    )


class WorkerSection(Section):
    """How jobs are carried."""

    in_flight: int = Field(
        64, ge=1, le=20_000, description="generations under way at once; more wait in line"
    )
    lease_s: float = Field(10, ge=1, le=600, description="a replica's right to a job, seconds")
    grace_s: float = Field(
        20, ge=0, le=3600, description="how long running stages may finish at a stop, seconds"
    )
    deadline_s: float = Field(600, ge=1, le=604_800, description="when a job has failed for good, seconds")
    uncertain: Literal["fail", "retry"] = Field(
        "fail", description="when a submit's answer was lost and the provider honours no keys"
    )


class Log(Section):
    """What is written to stderr."""

    format: Literal["auto", "text", "json"] = Field("auto", description="auto: text on a terminal, else json")
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level")


class Settings(BaseSettings):
    """Everything that can be configured. Integrations add their own sections by entry points."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_nested_delimiter="__",
        hide_input_in_errors=True,
        defer_build=True,  # only what is read is built, not what it derives from
    )

    bot: Bot = Bot()
    http: Http = Http()
    store: StoreSection = StoreSection()
    assets: AssetsSection = AssetsSection()
    fetch: FetchSection = FetchSection()
    quotas: Quotas = Quotas()
    limits: LimitsSection = LimitsSection()
    communities: CommunitiesSection = CommunitiesSection()
    moderation: ModerationSection = ModerationSection()
    privacy: PrivacySection = PrivacySection()
    events: EventsSection = EventsSection()
    models: dict[str, ModelSection] = {}
    routing: RoutingSection = RoutingSection()
    styles: dict[str, StyleSection] = {}
    products: dict[str, ProductSection] = {}
    providers: AsWritten = {}
    worker: WorkerSection = WorkerSection()
    log: Log = Log()

    def section(self, name: str) -> Any:
        """The section of an integration: by its own model, else as written; None where it lacks what it needs.

        Raises BrokenPackage for a package whose settings can't be read: here, where it is wanted.
        """
        sections.model_of(name)
        if sections.stands_under_providers(name) or name not in type(self).model_fields:
            return self.providers.get(name)
        return getattr(self, name)

    def is_set_up(self, name: str) -> bool:
        """Whether an integration is to be used: its settings say so, or it has a section. Raises BrokenPackage."""
        return self.suffices(name) and (
            isinstance(self.section(name), sections.SetUp) or self.has_section(name)
        )

    def suffices(self, name: str) -> bool:
        """Whether an integration that is named needs no more than it has: nothing in its settings says no."""
        section = self.section(name)
        return section.ready if isinstance(section, sections.SetUp) else section is not None

    def has_section(self, name: str) -> bool:
        """Whether the file, the environment or the command says anything of an integration."""
        return name in (self.providers if sections.stands_under_providers(name) else self.model_fields_set)

    def open_providers(self) -> list[str]:
        """The providers that are to be used, in the configuration's order. Raises BrokenPackage."""
        installed = plugins.names(plugins.PROVIDERS)
        own = [name for name in installed if not sections.stands_under_providers(name)]
        # One that is not installed stays: whoever opens it says so.
        return [name for name in (*own, *self.providers) if name not in installed or self.is_set_up(name)]


@cache
def settings_model() -> type[Settings]:
    """The whole tree: the core's sections and those of everything installed, which is looked for once a process."""
    return create_model("Settings", __base__=Settings, **sections.fields(Settings))
