"""One suite of laws for the store; a subject is a test class with a `store` fixture (SQLite, PostgreSQL)."""

from tests.contract.store_books_laws import BooksLaws
from tests.contract.store_clicks_laws import ClickLaws
from tests.contract.store_clock_laws import ClockLaws
from tests.contract.store_credits_laws import CreditLaws
from tests.contract.store_events_laws import EventLaws
from tests.contract.store_favourites_laws import FavouriteLaws
from tests.contract.store_forgetting_laws import ForgettingLaws
from tests.contract.store_limits_laws import LimitsLaws
from tests.contract.store_odd_laws import OddLaws
from tests.contract.store_purchases_laws import PurchaseLaws
from tests.contract.store_review_laws import ReviewLaws
from tests.contract.store_rooms_laws import RoomsLaws
from tests.contract.store_spoiled_laws import SpoiledLaws
from tests.contract.store_story_laws import OverviewLaws, StoryLaws
from tests.contract.store_tomorrow_laws import TomorrowLaws
from tests.contract.store_usage_laws import HealthLaws, UsageLaws
from tests.contract.store_work_laws import WorkLaws


class StoreContract(
    BooksLaws,
    CreditLaws,
    PurchaseLaws,
    LimitsLaws,
    WorkLaws,
    ClickLaws,
    ClockLaws,
    RoomsLaws,
    ReviewLaws,
    EventLaws,
    UsageLaws,
    HealthLaws,
    StoryLaws,
    OverviewLaws,
    FavouriteLaws,
    ForgettingLaws,
    TomorrowLaws,
    SpoiledLaws,
    OddLaws,
):
    """All laws. `store` is open, migrated and empty."""
