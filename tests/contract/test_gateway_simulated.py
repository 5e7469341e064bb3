"""The gateway's client and the simulated gateway understand one another, for every model and parameter."""

import asyncio
import itertools

import pytest
import pytest_asyncio
from pydantic import SecretStr

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Model, Order
from bot.provider import Failed, Finished, InlineImage, Input, Pending, RemoteImage
from integrations.providers.gateway import Gateway, load_models, open_gateway
from integrations.providers.gateway_settings import GatewaySettings
from integrations.simulator.app import Simulation, simulator
from integrations.simulator.catalogue import catalogue
from tests.fakes.there import there

MODELS = load_models()
SYNC, ASYNC = MODELS[0], next(model for model in MODELS if model.id == "stability-ai/sdxl")


pytestmark = pytest.mark.asyncio(loop_scope="module")  # one simulation for all: starting it takes longer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulation():
    async with simulator(latency=False, tiny_images=True) as simulation:
        yield simulation


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(simulation: Simulation):
    settings = GatewaySettings(
        base_url=simulation.base_url, api_key=SecretStr(simulation.api_key), timeout_s=5
    )
    gateway = open_gateway(settings)
    yield gateway
    await gateway.aclose()


def order(model: Model, prompt="a red fox in the snow", images=1, **parameters) -> Order:
    return Order(
        provider="gateway",
        model=model.id,
        prompt=prompt,
        parameters=parameters,
        images=images,
        credits_each=there(model.credits),
        way=model.way,
    )


async def drawn(gateway: Gateway, wanted: Order) -> Finished | Failed:
    outcome = await gateway.submit(wanted, key=wanted.prompt)
    for _ in range(100):
        if not isinstance(outcome, Pending):
            return outcome
        await asyncio.sleep(0.01)
        outcome = await gateway.poll(outcome.operation, order=wanted)
    pytest.fail("never ends")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_every_model_draws_with_every_value_of_every_parameter(gateway, model):
    """Each value is taken once, all parameters moving together."""
    columns = [[(name, value) for value in values] for name, values in model.parameters.items()]
    rows = itertools.zip_longest(*columns) if columns else [()]
    for row in rows:
        outcome = await drawn(gateway, order(model, **dict(pair for pair in row if pair)))
        assert isinstance(outcome, Finished), outcome
        kind = InlineImage if model.way == "sync" else RemoteImage
        assert [type(image) for image in outcome.images] == [kind]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_every_model_draws_four(gateway, model):
    outcome = await drawn(gateway, order(model, images=4))
    assert isinstance(outcome, Finished)
    assert len(outcome.images) == 4


async def test_the_account_is_told(gateway):
    standing = await gateway.standing()
    assert standing.open_models == {model.id for model in MODELS}
    assert standing.credits_left > 0


async def test_a_parameter_that_is_none_is_an_error_of_the_order(gateway):
    with pytest.raises(ProviderError) as caught:
        await drawn(gateway, order(SYNC, nonsense="1"))
    assert (caught.value.reached, caught.value.trouble) == (Reached.YES, Trouble.ORDER)


async def test_a_wrong_model_at_a_poll_is_an_error(gateway):
    outcome = await gateway.submit(order(ASYNC), key="k")
    with pytest.raises(ProviderError) as caught:
        await gateway.poll(outcome.operation, order=order(SYNC))
    assert caught.value.reached is Reached.YES


async def test_an_unknown_operation_is_broken_and_reached(gateway):
    with pytest.raises(ProviderError) as caught:
        await gateway.poll("sim-nobody", order=order(ASYNC))
    assert (caught.value.reached, caught.value.trouble) == (Reached.YES, Trouble.BROKEN)


# ── Faults ───────────────────────────────────────────────────────────────────────────────────────────

NOT_REACHED, REACHED, UNCERTAIN = Reached.NO, Reached.YES, Reached.UNKNOWN
SUBMIT_FAULTS = {
    "unauthorized": (REACHED, Trouble.KEY),
    "balance_exhausted": (REACHED, Trouble.BALANCE),
    "model_not_enabled": (REACHED, Trouble.MODEL_CLOSED),
    "model_gone": (REACHED, Trouble.MODEL_CLOSED),
    "rate_limited": (NOT_REACHED, Trouble.BUSY),
    "rate_limited_silently": (NOT_REACHED, Trouble.BUSY),
    "upstream_500": (UNCERTAIN, Trouble.BROKEN),
    "bad_gateway_html": (UNCERTAIN, Trouble.BROKEN),
    "unavailable_503": (NOT_REACHED, Trouble.BUSY),
    "invalid_422": (REACHED, Trouble.ORDER),
    "cut_before_accept": (UNCERTAIN, Trouble.BROKEN),
    "accepted_answer_lost": (UNCERTAIN, Trouble.BROKEN),
    "accepted_500": (UNCERTAIN, Trouble.BROKEN),
    "accepted_bad_gateway": (UNCERTAIN, Trouble.BROKEN),
    "cut_mid_body": (UNCERTAIN, Trouble.BROKEN),
    "garbage_json": (UNCERTAIN, Trouble.BROKEN),
    "wrong_shape": (UNCERTAIN, Trouble.BROKEN),
    "html_200": (UNCERTAIN, Trouble.BROKEN),
    "huge_answer": (UNCERTAIN, Trouble.BROKEN),
}


@pytest.mark.parametrize("model", [SYNC, ASYNC], ids=["sync", "async"])
@pytest.mark.parametrize("fault", SUBMIT_FAULTS)
async def test_each_fault_of_a_submit_tells_whether_it_may_have_billed(gateway, simulation, model, fault):
    billed_before = simulation.bill.credits
    with pytest.raises(ProviderError) as caught:
        await gateway.submit(order(model, f"a fox [sim:{fault}]"), key="k")
    assert (caught.value.reached, caught.value.trouble) == SUBMIT_FAULTS[fault]
    if caught.value.reached is not Reached.UNKNOWN:
        assert simulation.bill.credits == billed_before, "what is known not to be billed is not billed"


@pytest.mark.parametrize("model", [SYNC, ASYNC], ids=["sync", "async"])
async def test_every_upstreams_refusal_is_one(gateway, simulation, model):
    for _ in range(6):
        outcome = await gateway.submit(order(model, "a fox [sim:refused_400]"), key="k")
        assert isinstance(outcome, Failed)
        assert outcome.refused


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_every_model_refuses_in_its_own_way(gateway, model):
    outcome = await drawn(gateway, order(model, "a fox [sim:refused]"))
    assert isinstance(outcome, Failed)
    assert outcome.refused or outcome.withheld


async def test_a_failed_operation_may_be_a_refusal(gateway):
    outcome = await drawn(gateway, order(ASYNC, "a fox [sim:operation_refused]"))
    assert isinstance(outcome, Failed)
    assert outcome.refused


async def test_a_500_stays_uncertain_whatever_it_says(gateway):
    """Only 4xx and failed operations are read for refusals (ruling 1): a 500 may have billed."""
    with pytest.raises(ProviderError) as caught:
        await drawn(gateway, order(SYNC, "a fox [sim:operation_refused]"))
    assert caught.value.reached is Reached.UNKNOWN


@pytest.mark.parametrize("fault", ["operation_fails", "operation_fails_object"])
async def test_a_failed_operation_is_no_refusal(gateway, fault):
    outcome = await drawn(gateway, order(ASYNC, f"a fox [sim:{fault}]"))
    assert isinstance(outcome, Failed)
    assert not outcome.refused


@pytest.mark.parametrize(
    "fault", ["poll_404", "poll_500", "poll_429", "poll_garbage", "poll_cut", "poll_huge"]
)
async def test_a_fault_of_a_poll_is_no_end(gateway, fault):
    with pytest.raises(ProviderError) as caught:
        await drawn(gateway, order(ASYNC, f"a fox [sim:{fault}]"))
    assert caught.value.trouble in (Trouble.BUSY, Trouble.BROKEN)


@pytest.mark.parametrize("fault", ["uppercase_status", "succeeded_status", "unknown_status"])
async def test_other_words_for_a_status_are_understood(gateway, fault):
    assert isinstance(await drawn(gateway, order(ASYNC, f"a fox [sim:{fault}]")), Finished)


async def test_fewer_and_more_images_are_passed_on_as_they_come(gateway):
    fewer = await drawn(gateway, order(ASYNC, "a fox [sim:fewer_images]", images=3))
    more = await drawn(gateway, order(ASYNC, "a fox [sim:more_images]", images=2))
    assert isinstance(fewer, Finished)
    assert isinstance(more, Finished)
    assert (len(fewer.images), len(more.images)) == (2, 4)


def sold(model):
    """What is said of a model here and there."""
    parameters = {name: set(values) for name, values in model.parameters.items()}
    return model.credits, model.way, model.inputs, parameters


async def test_what_is_offered_is_what_the_simulator_sells():
    assert {model.id: sold(model) for model in MODELS} == {one.id: sold(one) for one in catalogue().values()}


async def test_a_picture_that_is_gone_is_a_definite_no_of_the_order_and_of_no_words(
    gateway: Gateway, simulation: Simulation
):
    """Nothing was drawn and nothing billed: the order ends, and nobody has broken a rule."""
    before = simulation.bill.generations
    gone = Input(
        data=b"",
        media_type="image/png",
        sha256="",
        width=1,
        height=1,
        url=f"{simulation.origin}/cdn/none/0.png",
    )
    with pytest.raises(ProviderError) as caught:
        await gateway.submit(order(SYNC, "make it night"), key="gone", inputs=[gone])
    assert caught.value.trouble is Trouble.ORDER
    assert simulation.bill.generations == before
