"""Whom we trust over https: the usual authorities, read once for everybody who asks."""

import ssl

import httpx
import pytest
from pydantic import SecretStr

from bot.process import trust
from integrations.moderation.openai import open_openai
from integrations.providers import _wire
from integrations.stripe._wire import StripeApi
from integrations.stripe.settings import StripeSettings


async def test_only_who_is_vouched_for_under_its_own_name_is_trusted():
    context = trust.authorities()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.cert_store_stats()["x509_ca"] > 50


@pytest.fixture
def read(monkeypatch):
    """How often the authorities are read while clients are opened."""
    times, make = [], ssl.create_default_context

    def noted(*asked, **options):
        times.append(asked)
        return make(*asked, **options)

    monkeypatch.setattr(ssl, "create_default_context", noted)
    trust.authorities.cache_clear()
    yield times
    trust.authorities.cache_clear()


async def test_services_moderation_and_shops_read_the_authorities_once(read):
    clients = [_wire.open_client(), _wire.open_client()]
    shop = StripeApi(StripeSettings(api_key=SecretStr("sk_test_1")))
    moderation = open_openai({"api_key": "k"})
    assert isinstance(clients[0], httpx.AsyncClient)
    assert len(read) == 1
    for one in clients:
        await one.aclose()
    await shop.aclose()
    await moderation.aclose()
