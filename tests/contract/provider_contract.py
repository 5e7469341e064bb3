"""The laws that every image provider keeps, whatever its service: one suite, many subjects.

A subject's test module makes a class of `ProviderContract` with a fixture `subject`:

    class TestGateway(ProviderContract):
        parameters = frozenset({"size", "quality"})

        @pytest.fixture(params=["sync", "async"])
        def subject(self, request) -> Subject: ...
"""

import asyncio
import base64
import contextlib
import itertools
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pytest

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Order
from bot.order.catalog import Catalog
from bot.order.fitting import taken
from bot.order.prompts import parse
from bot.provider import Absent, Call, Failed, Finder, Finished, Input, Listener, Pending, Provider, Standing
from tests.fakes.patience import PATIENCE_S
from tests.fakes.scripted import Reply, Scripted, scripted

SECRET = "sk-" + "S3cr3t" * 6
PROMPT = "a very particular otter, juggling lemons at dusk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One provider, with the good and the refusing answers of its service."""

    open: Callable[[str, float], Provider]  # (base URL, time limit of everything) -> provider with SECRET
    order: Order  # with PROMPT as its prompt
    submitted: Reply  # a good answer to submit
    operation: str | None = None  # None: the service is synchronous only
    under_way: Reply | None = None
    finished: Reply | None = None
    failed: Reply | None = None
    submit_refusals: tuple[Reply, ...] = ()
    poll_refusals: tuple[Reply, ...] = ()
    unreadable: tuple[Reply, ...] = ()  # good statuses of submit that say nothing
    poll_limit_bytes: int = 1024 * 1024
    quiet_statuses: frozenset[int] = field(default_factory=frozenset)  # not mapped as all others do
    meanings: Mapping[int, tuple[Reached, Trouble]] = field(default_factory=dict)  # by its own spec
    given: tuple[Input, ...] = ()  # pictures that an order for one of its models takes ...
    order_of_given: Order | None = None  # ... and that order
    costs: tuple[tuple[Reply, int], ...] = ()  # answers to submit (or poll) and what they tell, in usd_micros
    found: tuple[tuple[Reply, type], ...] = ()  # answers of a Finder's service, and what they become
    call: Callable[[float], Call] | None = None  # a genuine call of a Listener's service, at this moment
    calls_about: str = ""  # the operation that it tells of
    busy_s: float | None = None  # how long it wants to be left alone, where no answer tells
    replay_seen: bool = True  # whether the signature tells when it was made

    def meaning(self, status: int) -> tuple[Reached, Trouble]:
        """What a status means for this service."""
        return {**REACHED, **self.meanings}[status]


REACHED = {
    400: (Reached.YES, Trouble.ORDER),
    401: (Reached.YES, Trouble.KEY),
    402: (Reached.YES, Trouble.BALANCE),
    403: (Reached.YES, Trouble.MODEL_CLOSED),
    404: (Reached.YES, Trouble.MODEL_CLOSED),
    409: (Reached.YES, Trouble.ORDER),
    418: (Reached.YES, Trouble.ORDER),
    422: (Reached.YES, Trouble.ORDER),
    429: (Reached.NO, Trouble.BUSY),
    500: (Reached.UNKNOWN, Trouble.BROKEN),
    502: (Reached.UNKNOWN, Trouble.BROKEN),
    503: (Reached.NO, Trouble.BUSY),
    504: (Reached.UNKNOWN, Trouble.BROKEN),
}

ENVELOPES: dict[str, Any] = {
    "detail-object": {"detail": {"code": 1, "message": "it went wrong"}},
    "detail-list": {"detail": [{"loc": ["body"], "msg": "it went wrong", "type": "value_error"}]},
    "detail-text": {"detail": "it went wrong"},
    "error-object": {"error": {"message": "it went wrong"}},
    "error-text": {"error": "it went wrong"},
    "html": "<html><head><style>x{}</style></head><body><h1>it went wrong</h1></body></html>",
    "nothing": b"",
    "null": b"null",
    "number": b"17",
    "binary": bytes(range(256)),
    "deep": b"[" * 60_000,
    "odd": {"detail": [None, [], {"msg": None}, 5, True], "error": {"message": {"message": []}}},
}

BROKEN = {
    "cut before the answer": Reply(cut_before=True),
    "cut in the body": Reply(body=b'{"data": [' + b" " * 5000, cut_after_bytes=2000),
    "no HTTP": Reply(raw=b"\x16\x03\x01 hello?\r\n\r\n"),
    "an empty 200": Reply(),
    "half a JSON": Reply(body=b'{"data": [{"url": "data:'),
    "a JSON list": Reply(body=[1, 2]),
    "a JSON null": Reply(body=b"null"),
    "JSON nested too deep": Reply(body=b'{"data":' + b"[" * 200_000),
    "a page": Reply(body="<html>Welcome</html>"),
    "another encoding": Reply(body=b"\xff\xfe\x00\xd8"),
    "a redirect": Reply(status=307, headers={"Location": "http://127.0.0.1:9/elsewhere"}),
    "a packed lie": Reply(body=b"not gzip", headers={"Content-Encoding": "gzip"}),
}


@contextlib.asynccontextmanager
async def opened(subject: Subject, url: str, within_s: float = 5.0) -> AsyncIterator[Provider]:
    provider = subject.open(url, within_s)
    try:
        yield provider
    finally:
        await provider.aclose()


async def error_of(call: Coroutine[Any, Any, object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await call
    return caught.value


def needs_operations(subject: Subject) -> str:
    if subject.operation is None:
        pytest.skip("this service answers at once")
    return subject.operation


class ProviderContract:
    """Subclass me, and bring a `subject`, and what its service documents."""

    parameters: ClassVar[frozenset[str]]  # that some model of it takes, as its provider is told them
    costs_money: ClassVar[bool] = True

    @pytest.fixture
    def subject(self) -> Subject:
        raise NotImplementedError

    @pytest.fixture
    async def server(self) -> AsyncIterator[Scripted]:
        async with scripted() as server:
            yield server

    @pytest.fixture
    async def provider(self, subject: Subject, server: Scripted) -> AsyncIterator[Provider]:
        async with opened(subject, server.url) as provider:
            yield provider

    # ── What it is ───────────────────────────────────────────────────────────────────────────────

    def test_every_model_says_whose_it_is_and_what_it_costs(self, subject):
        provider = subject.open("http://127.0.0.1:9", 1.0)
        assert provider.models
        assert len({model.id for model in provider.models}) == len(provider.models)
        for model in provider.models:
            assert model.provider == provider.name
            assert model.usual_s > 0
            assert 1 <= model.images_max <= 4
        assert provider.polls_per_s > 0

    def test_no_picture_is_free_whatever_is_asked_for(self, subject):
        """A price that was forgotten is found here, and not in the operator's bill."""
        for model in subject.open("http://127.0.0.1:9", 1.0).models:
            for when, price in model.prices():
                assert price.credits > 0, (model.id, when)
                assert price.usd_micros > 0 or not self.costs_money, (model.id, when)

    def test_models_have_the_parameters_that_the_service_documents(self, subject):
        """One that it doesn't know is refused there, or left out without a word: each is thought about, or this fails."""
        models = subject.open("http://127.0.0.1:9", 1.0).models
        assert {name for model in models for name in model.parameters} == self.parameters

    def test_a_price_table_asks_for_what_the_model_takes_and_its_defaults_are_priced(self, subject):
        for model in subject.open("http://127.0.0.1:9", 1.0).models:
            for when, _ in model.prices():
                for name, values in when.items():
                    taken = model.parameters.get(name)
                    assert name == "inputs" or taken is not None, (model.id, name)
                    assert not taken or set(values) <= set(taken), (model.id, name)
            for name, value in model.defaults.items():
                assert not model.parameters[name] or value in model.parameters[name], (model.id, name)
            assert model.inputs_min <= model.inputs <= 16

    def test_every_value_that_a_model_offers_can_be_typed_and_is_sent(self, subject):
        for model in subject.open("http://127.0.0.1:9", 1.0).models:
            catalog, counts = Catalog([model]), {f"--n {n}" for n in range(1, 5)}
            offered = [f"{flag} {value}" for flag, values in taken(model).flags.items() for value in values]
            for said in set(offered) - counts:
                typed = parse(f"a fox --model {model.id} {said}", {})
                order = catalog.order(typed, now=0.0, inputs=model.inputs_min, masked=model.needs_mask)
                assert said.split(maxsplit=1)[1] in map(str, order.parameters.values()), (model.id, said)

    def test_the_key_is_in_no_repr(self, subject):
        provider = subject.open("http://127.0.0.1:9", 1.0)
        assert SECRET not in repr(provider) + str(provider)

    # ── Good answers ─────────────────────────────────────────────────────────────────────────────

    async def test_a_good_submit_is_one_request_with_the_key(self, subject, server, provider):
        server.answer(subject.submitted)
        outcome = await provider.submit(subject.order, key="job-1.1")
        assert isinstance(outcome, Pending if subject.operation else Finished)
        assert len(server.seen) == 1
        assert SECRET in str(server.seen[0].headers)
        assert SECRET not in server.seen[0].target

    async def test_asking_again_sends_the_same_bytes(self, subject, server, provider):
        """Ruling 1: a repeat after unknown keeps key and body byte for byte."""
        server.answer(subject.submitted, subject.submitted)
        await provider.submit(subject.order, key="job-1.1")
        await provider.submit(subject.order, key="job-1.1")
        first, second = server.seen
        assert (first.target, first.body) == (second.target, second.body)
        assert first.headers.get("idempotency-key") == second.headers.get("idempotency-key")

    async def test_an_operation_is_found_again(self, subject, server, provider):
        operation = needs_operations(subject)
        server.answer(subject.submitted)
        outcome = await provider.submit(subject.order, key="k")
        assert outcome.operation == operation

    async def test_under_way_finished_and_failed_are_told_apart(self, subject, server, provider):
        operation = needs_operations(subject)
        server.answer(subject.under_way, subject.finished, subject.failed)
        polled = [await provider.poll(operation, order=subject.order) for _ in range(3)]
        assert [type(outcome) for outcome in polled] == [Pending, Finished, Failed]
        assert polled[1].images
        assert not polled[2].refused
        assert polled[2].detail

    # ── Errors ───────────────────────────────────────────────────────────────────────────────────

    async def test_a_status_tells_whether_it_may_have_billed(self, subject, server, provider):
        """Ruling 1. Some services mean something else by some."""
        for times, status in enumerate((s for s in REACHED if s not in subject.quiet_statuses), start=1):
            server.answer(Reply(status=status, body=ENVELOPES["detail-object"]))
            error = await error_of(provider.submit(subject.order, key="k"))
            assert (error.reached, error.trouble) == subject.meaning(status), status
            assert len(server.seen) == times, status

    async def test_every_envelope_is_read(self, subject, server, provider):
        for status, (name, body) in itertools.product((400, 429, 500), ENVELOPES.items()):
            server.answer(Reply(status=status, body=body))
            error = await error_of(provider.submit(subject.order, key="k"))
            assert (error.reached, error.trouble) == subject.meaning(status), (status, name)
            if b"it went wrong" in Reply(body=body).payload:
                assert "it went wrong" in error.detail, (status, name)

    async def test_a_bad_status_counts_although_its_body_is_cut(self, subject, server, provider):
        server.answer(Reply(status=429, body=b"x" * 5000, cut_after_bytes=100))
        error = await error_of(provider.submit(subject.order, key="k"))
        assert (error.reached, error.trouble) == (Reached.NO, Trouble.BUSY)

    async def test_retry_after_is_read_and_bounded(self, subject, server, provider):
        date = "Sat, 21 Nov 2026 12:00:00 GMT"
        later = "Sat, 21 Nov 2026 12:00:30 GMT"
        cases = [("7", 7.0), ("1e9", 3600.0), ("-5", 0.0), ("soon", None), ("nan", None), (later, 30.0)]
        for header, expected in cases:
            server.answer(Reply(status=429, headers={"Retry-After": header, "Date": date}))
            error = await error_of(provider.submit(subject.order, key="k"))
            assert error.retry_after_s == (subject.busy_s if expected is None else expected), header

    async def test_a_refused_connection_never_reached_it(self, subject):
        async with scripted() as server:
            url = server.url
        async with opened(subject, url) as provider:
            error = await error_of(provider.submit(subject.order, key="k"))
        assert (error.reached, error.trouble) == (Reached.NO, Trouble.BROKEN)

    async def test_a_broken_answer_to_submit_is_uncertain(self, subject, server):
        for times, (what, reply) in enumerate(BROKEN.items(), start=1):
            server.answer(reply)
            async with opened(subject, server.url) as provider:
                error = await error_of(provider.submit(subject.order, key="k"))
            assert (error.reached, error.trouble) == (Reached.UNKNOWN, Trouble.BROKEN), what
            assert len(server.seen) == times, f"a submit is never repeated here: {what}"

    async def test_a_connection_cut_when_used_again_is_uncertain_too(self, subject, server, provider):
        """A kept connection that dies under a POST must not be taken for one never sent."""
        server.answer(subject.submitted, Reply(cut_before=True))
        await provider.submit(subject.order, key="k")
        error = await error_of(provider.submit(subject.order, key="k2"))
        assert error.reached is Reached.UNKNOWN
        assert len(server.seen) == 2

    async def test_a_good_answer_that_says_nothing_is_uncertain(self, subject, server, provider):
        for reply in subject.unreadable:
            server.answer(reply)
            error = await error_of(provider.submit(subject.order, key="k"))
            assert (error.reached, error.trouble) == (Reached.UNKNOWN, Trouble.BROKEN), reply

    async def test_a_broken_answer_to_poll_is_a_provider_error(self, subject, server):
        operation = needs_operations(subject)
        for what, reply in BROKEN.items():
            server.always = reply
            async with opened(subject, server.url) as provider:
                error = await error_of(provider.poll(operation, order=subject.order))
            assert error.trouble is Trouble.BROKEN, what

    async def test_an_outage_while_polling_is_no_end(self, subject, server, provider):
        operation = needs_operations(subject)
        for status in (404, 429, 500, 503):
            server.answer(Reply(status=status))
            error = await error_of(provider.poll(operation, order=subject.order))
            assert error.trouble in (Trouble.BUSY, Trouble.BROKEN), status

    # ── Refusals ─────────────────────────────────────────────────────────────────────────────────

    async def test_a_content_refusal_is_an_end_and_no_error(self, subject, server, provider):
        for reply in subject.submit_refusals:
            server.answer(reply)
            outcome = await provider.submit(subject.order, key="k")
            assert isinstance(outcome, Failed), reply
            assert outcome.refused or outcome.withheld, reply
            assert not outcome.again, "a refusal is never asked again"

    async def test_a_content_refusal_while_polling_is_an_end(self, subject, server, provider):
        operation = needs_operations(subject)
        for reply in subject.poll_refusals:
            server.answer(reply)
            outcome = await provider.poll(operation, order=subject.order)
            assert isinstance(outcome, Failed), reply
            assert outcome.refused or outcome.withheld, reply

    async def test_a_prompt_quoted_in_an_error_makes_no_refusal(self, subject, server, provider):
        """Validation errors quote their input: the person's words are not the service's."""
        body = {"detail": [{"loc": ["body"], "msg": "too long", "type": "e", "input": "nsfw content policy"}]}
        server.answer(Reply(status=422, body=body))
        assert (await error_of(provider.submit(subject.order, key="k"))).trouble is Trouble.ORDER

    # ── Pictures that are given ──────────────────────────────────────────────────────────────────

    async def test_a_picture_that_is_given_is_sent_and_the_same_bytes_each_time(
        self, subject, server, provider
    ):
        if not subject.given:
            pytest.skip("none of its models takes pictures")
        for _ in range(2):
            server.answer(subject.submitted)
            await provider.submit(subject.order_of_given, key="job-1.1", inputs=subject.given)
        first, second = server.seen
        assert (first.target, first.body) == (second.target, second.body)
        for one in subject.given:
            sent = (one.data, base64.b64encode(one.data), one.url.encode() or b"\0")
            assert any(form in first.body for form in sent), "the picture is not in the request"

    # ── What it costs ────────────────────────────────────────────────────────────────────────────

    async def test_what_the_service_says_that_it_cost_is_told(self, subject, server, provider):
        for reply, usd_micros in subject.costs:
            server.answer(reply)
            if subject.operation is None:
                answer = await provider.submit(subject.order, key="k")
            else:
                answer = await provider.poll(subject.operation, order=subject.order)
            assert isinstance(answer, Finished | Failed), reply
            assert answer.cost_usd_micros == usd_micros, reply

    # ── Lost answers and webhooks ────────────────────────────────────────────────────────────────

    async def test_a_lost_answer_is_found_or_nobody_can_tell(self, subject, server, provider):
        if not isinstance(provider, Finder):
            pytest.skip("this service can't be asked")
        assert subject.found
        for reply, kind in subject.found:
            server.always = reply
            found = await provider.find(subject.order, key="k", since=0.0)
            assert isinstance(found, kind), reply
        for reply in BROKEN.values():
            server.always = reply
            with contextlib.suppress(ProviderError):
                found = await provider.find(subject.order, key="k", since=0.0)
                assert not isinstance(found, Absent), "what can't be read is no proof that nothing was made"

    async def test_only_the_services_own_calls_are_heard(self, subject, server, provider):
        if subject.call is None:
            assert not isinstance(provider, Listener), "a listener brings a genuine call"
            pytest.skip("this service does not call")
        call = subject.call(1_800_000_000.0)
        heard = await provider.hear(call)
        assert heard is not None
        assert heard.operation == subject.calls_about
        forged = [
            replace(call, body=call.body.replace(b":", b": ", 1)),
            replace(call, headers={}),
            *(replace(call, headers=call.headers | {name: value[:-1] + "0" + value[-1:]}) for name, value in call.headers.items()
              if "signature" in name),
        ]  # fmt: skip
        if subject.replay_seen:
            forged += [replace(call, at=call.at + 301), replace(call, at=call.at - 301)]
        for one in forged:
            assert await provider.hear(one) is None

    # ── Bounds ───────────────────────────────────────────────────────────────────────────────────

    async def test_an_endless_poll_is_left(self, subject, server, provider):
        operation = needs_operations(subject)
        server.always = Reply(body=b" " * 65536, endless=True)
        error = await error_of(provider.poll(operation, order=subject.order))
        assert error.trouble is Trouble.BROKEN
        await asyncio.wait_for(server.hung_up.wait(), PATIENCE_S)
        assert server.sent_bytes < subject.poll_limit_bytes + 16 * 1024 * 1024  # what sockets hold

    async def test_an_endless_error_is_left(self, subject, server, provider):
        server.always = Reply(status=400, body=b"x" * 65536, endless=True)
        error = await error_of(provider.submit(subject.order, key="k"))
        assert error.reached is Reached.YES
        await asyncio.wait_for(server.hung_up.wait(), PATIENCE_S)

    async def test_silence_ends_at_the_time_limit(self, subject, server):
        async with opened(subject, server.url, 0.3) as provider:
            server.answer(Reply(hang=True))
            error = await asyncio.wait_for(error_of(provider.submit(subject.order, key="k")), PATIENCE_S)
        assert (error.reached, error.trouble) == (Reached.UNKNOWN, Trouble.BROKEN)
        await asyncio.wait_for(server.hung_up.wait(), PATIENCE_S)

    async def test_a_dripping_answer_ends_at_the_time_limit(self, subject, server):
        """A byte now and then is no progress: the limit is on the whole exchange."""
        async with opened(subject, server.url, 0.3) as provider:
            server.answer(Reply(body=b" " * 10_000, drip_s=0.02))
            error = await asyncio.wait_for(error_of(provider.submit(subject.order, key="k")), PATIENCE_S)
        assert error.reached is Reached.UNKNOWN

    async def test_cancelling_hangs_up(self, subject, server, provider):
        server.answer(Reply(hang=True))
        task = asyncio.ensure_future(provider.submit(subject.order, key="k"))
        await asyncio.wait_for(server.arrived.wait(), PATIENCE_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.hung_up.wait(), PATIENCE_S)

    # ── Secrets ──────────────────────────────────────────────────────────────────────────────────

    async def test_no_error_holds_the_key_the_prompt_or_a_picture(self, subject, server, provider):
        message = f"Bearer {SECRET} bad key {SECRET}: '{PROMPT}' {PROMPT[:30]}... data:image/png;base64,{'iVBO' * 50}"
        for status, body in [
            (400, {"detail": {"message": message}}),
            (500, message),
            (401, {"error": message}),
        ]:
            server.answer(Reply(status=status, body=body))
            error = await error_of(provider.submit(subject.order, key="k"))
            told = "".join(traceback.format_exception(error)) + repr(error) + error.detail
            for secret in (SECRET, SECRET[:20], PROMPT, PROMPT[:20], "iVBOiVBOiVBO"):
                assert secret not in told, status

    # ── The account ──────────────────────────────────────────────────────────────────────────────

    async def test_standing_is_an_answer_or_a_provider_error(self, subject, server, provider):
        for reply in [*BROKEN.values(), Reply(status=401), Reply(status=404), Reply(status=500)]:
            server.always = reply
            try:
                assert isinstance(await provider.standing(), Standing)
            except ProviderError:
                continue

    async def test_cancelling_an_operation_never_hurts(self, subject, server, provider):
        operation = needs_operations(subject)
        server.always = Reply(status=404)
        with contextlib.suppress(ProviderError):
            await provider.cancel(operation, order=subject.order)
