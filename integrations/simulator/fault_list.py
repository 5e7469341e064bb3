"""The list of faults: each a name, a sentence, and what it does at which point."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.simulator.fault_effects import (
    Effect,
    Point,
    black,
    bomb,
    cuts,
    cuts_after,
    dawdles,
    drips,
    expires,
    floods,
    gif,
    hangs,
    html,
    in_turn,
    links_to,
    pictures,
    plans,
    recoded,
    redirects,
    rewrites,
    says,
    sends,
    when_inline,
)
from integrations.simulator.operations import Ending

BEFORE, ACCEPT, ANSWER, POLL = Point.BEFORE, Point.ACCEPT, Point.ANSWER, Point.POLL
RESULT, CDN, PICTURE = Point.RESULT, Point.CDN, Point.PICTURE

POLICY = "Your request was rejected by the safety system. content_policy_violation"
FLAGGED = "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
UPSTREAM = "api_error - Upstream provider error"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><rect width="9" height="9"/></svg>'
PNG_HEAD = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\4\0\0\0\4\0\x08\2\0\0\0"
SYNC_HEAD = b'{"id":"img-0000000000000000","created":1,"model":"m","data":[{"url":"data:image/png;base64,'
FAL_REFUSAL = '{"detail":[{"loc":["body","prompt"],"msg":"The content could not be processed because it was flagged by a content checker.","type":"content_policy_violation"}]}'
OPENAI_REFUSAL = '{"detail":{"code":400,"message":"moderation_blocked - Your request was rejected by the safety system.","type":"image_generation_user_error"}}'
STABILITY_REFUSAL = '{"detail":{"code":403,"message":"content_moderation - Your request was flagged by our content moderation system."}}'
GOOGLE_REFUSAL = '{"detail":{"code":400,"message":"invalid_request_error - promptFeedback.blockReason: PROHIBITED_CONTENT"}}'
BFL_REFUSAL = '{"detail":{"code":400,"message":"Request Moderated"}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFault:
    """One named way to go wrong."""

    name: str
    says: str
    effects: Mapping[Point, Effect]
    once: bool = False  # strikes each operation at most once
    hides_model: bool = False  # the model is not on the list either


def _fault(name: str, sentence: str, effects: Mapping[Point, Effect], **more: Any) -> NamedFault:
    return NamedFault(name=name, says=sentence, effects=effects, **more)


def _keeps(payload: dict[str, Any], *names: str) -> None:
    for name in set(payload) - set(names):
        del payload[name]


REFUSED_BEFORE_WORK = (
    _fault(
        "unauthorized",
        "the key is refused (401)",
        {BEFORE: says(401, "authentication_error - Invalid API key")},
    ),
    _fault(
        "balance_exhausted",
        "the key's owner has no credits left (402)",
        {BEFORE: says(402, "payment_required_error - Credit balance exhausted")},
    ),
    _fault(
        "model_not_enabled",
        "the tenant may not use the model (403)",
        {BEFORE: says(403, "permission_error - The model is not enabled for this tenant")},
        hides_model=True,
    ),
    _fault(
        "model_gone",
        "the model has ended (404, and gone from the list)",
        {BEFORE: says(404, "not_found_error - Model not found")},
        hides_model=True,
    ),
    _fault(
        "rate_limited",
        "too many requests (429, Retry-After: 1)",
        {BEFORE: says(429, "rate_limit_error - Rate limit exceeded", retry_after="1")},
    ),
    _fault(
        "rate_limited_silently",
        "too many requests (429 without Retry-After)",
        {BEFORE: says(429, "rate_limit_error - Rate limit exceeded")},
    ),
    _fault("upstream_500", "an upstream provider failed (500)", {BEFORE: says(500, UPSTREAM)}),
    _fault("bad_gateway_html", "a proxy's HTML page (502)", {BEFORE: html(502, "502 Bad Gateway")}),
    _fault(
        "unavailable_503",
        "the service is not available (503, Retry-After: 1)",
        {BEFORE: says(503, "overloaded_error - Service unavailable", retry_after="1")},
    ),
    _fault(
        "refused_400",
        "a content refusal, each time in another upstream's words",
        {
            BEFORE: in_turn(
                sends(OPENAI_REFUSAL, status=400),
                says(400, f"invalid_request_error - {POLICY}"),
                sends(FAL_REFUSAL, status=422),
                sends(STABILITY_REFUSAL, status=403),
                sends(GOOGLE_REFUSAL, status=400),
                sends(BFL_REFUSAL, status=400),
            )
        },
    ),
    _fault(
        "invalid_422",
        "the request is called invalid (422)",
        {
            BEFORE: sends(
                '{"detail":[{"loc":["body","prompt"],"msg":"Input should be shorter","type":"value_error"}]}',
                status=422,
            )
        },
    ),
    _fault("cut_before_accept", "the connection drops, nothing is billed", {BEFORE: cuts}),
    _fault("hang", "no answer, nothing billed", {BEFORE: hangs}),
)

ODD_ANSWERS = (
    _fault("accepted_answer_lost", "billed, then the connection drops", {ANSWER: cuts}),
    _fault("accepted_answer_hangs", "billed, then no answer", {ANSWER: hangs}),
    _fault("accepted_500", "billed, then 500", {ANSWER: says(500, UPSTREAM)}),
    _fault("accepted_bad_gateway", "billed, then a proxy's 502", {ANSWER: html(502, "502 Bad Gateway")}),
    _fault(
        "cut_mid_body",
        "billed, and the answer breaks off",
        {ANSWER: cuts_after(SYNC_HEAD, "application/json")},
    ),
    _fault("garbage_json", "200 with broken JSON", {ANSWER: sends('{"operation_id": "fal-12, ]}')}),
    _fault("wrong_shape", "200 with JSON of another shape", {ANSWER: sends('[1, {"data": "no"}, null]')}),
    _fault("html_200", "200 with an HTML page", {ANSWER: html(200, "Please sign in")}),
    _fault(
        "no_operation_id",
        "200 without operation id or data",
        {ANSWER: rewrites(lambda payload: _keeps(payload, "status", "model", "created"))},
    ),
    _fault(
        "sync_empty_data",
        "200 without images",
        {ANSWER: when_inline(rewrites(lambda payload: payload.update(data=[])))},
    ),
    _fault("huge_answer", "a 200 MB JSON answer", {ANSWER: floods(SYNC_HEAD, "application/json")}),
)

FATES = (
    _fault("slow", "takes six times as long", {ACCEPT: plans(slowness=6.0)}),
    _fault("never_completes", "stays under way for ever", {ACCEPT: plans(ending=Ending.NEVER)}),
    _fault(
        "operation_fails",
        "ends as failed, the error a string",
        {ACCEPT: plans(ending=Ending.FAILED, error="Prediction interrupted; please retry (code: PA)")},
    ),
    _fault(
        "operation_fails_object",
        "ends as failed, the error an object",
        {ACCEPT: plans(ending=Ending.FAILED, error={"code": "internal", "message": "CUDA out of memory"})},
    ),
    _fault(
        "operation_refused",
        "ends as failed, by the upstream's content check",
        {ACCEPT: plans(ending=Ending.FAILED, error=FLAGGED)},
    ),
    _fault("refused", "refused in the way of the model's upstream", {ACCEPT: plans(ending=Ending.REFUSED)}),
    _fault("fewer_images", "one image less than asked", {ACCEPT: plans(more=-1)}),
    _fault("more_images", "two images more than asked", {ACCEPT: plans(more=2)}),
)

POLLS = (
    _fault(
        "poll_404_once",
        "one poll says the operation is unknown",
        {POLL: says(404, "not_found_error - Operation not found")},
        once=True,
    ),
    _fault(
        "poll_404",
        "polls say the operation is unknown",
        {POLL: says(404, "not_found_error - Operation not found")},
    ),
    _fault("poll_500_once", "one poll fails", {POLL: says(500, UPSTREAM)}, once=True),
    _fault("poll_500", "polls fail", {POLL: says(500, UPSTREAM)}),
    _fault(
        "poll_429",
        "polls are too many (Retry-After: 1)",
        {POLL: says(429, "rate_limit_error - Rate limit exceeded", retry_after="1")},
    ),
    _fault("poll_garbage", "polls answer broken JSON", {POLL: sends("<<<not json")}),
    _fault("poll_cut", "polls lose their connection", {POLL: cuts}),
    _fault("poll_hang", "polls get no answer", {POLL: hangs}),
    _fault("poll_huge", "polls get 200 MB", {POLL: floods(b'{"status":"', "application/json")}),
    _fault(
        "uppercase_status",
        "the status in capitals",
        {POLL: rewrites(lambda payload: payload.update(status=payload["status"].upper()))},
    ),
    _fault(
        "succeeded_status",
        "the good end is called succeeded",
        {
            POLL: rewrites(
                lambda payload: payload["status"] == "completed" and payload.update(status="succeeded")
            )
        },
    ),
    _fault(
        "unknown_status",
        "under way is called by a name nobody documented",
        {
            POLL: rewrites(
                lambda payload: payload["status"] == "processing" and payload.update(status="warming_up")
            )
        },
    ),
)

FILES = (
    _fault("expired_url", "result links are over already", {RESULT: expires}),
    _fault(
        "empty_result",
        "completed without images",
        {RESULT: rewrites(lambda payload: payload.update(data=[]))},
    ),
    _fault(
        "inside_url",
        "result links point inside",
        {RESULT: links_to("http://169.254.169.254/latest/meta-data/")},
    ),
    _fault("file_url", "result links have another scheme", {RESULT: links_to("file:///etc/hostname")}),
    _fault(
        "redirect_to_inside", "the CDN redirects to a loopback port", {CDN: redirects("http://127.0.0.1:1/")}
    ),
    _fault(
        "redirect_to_metadata",
        "the CDN redirects to a cloud's metadata address",
        {CDN: redirects("http://169.254.169.254/latest/meta-data/")},
    ),
    _fault("redirect_loop", "the CDN redirects to itself", {CDN: redirects()}),
    _fault(
        "cdn_500", "the CDN fails", {CDN: sends("Internal Server Error", status=500, media_type="text/plain")}
    ),
    _fault(
        "cdn_404", "the CDN has no such file", {CDN: sends("Not Found", status=404, media_type="text/plain")}
    ),
    _fault("cdn_slow", "the CDN answers late", {CDN: dawdles}),
    _fault("cdn_drip", "the CDN sends a byte now and then", {CDN: drips(PNG_HEAD, "image/png")}),
    _fault("cdn_hang", "the CDN does not answer", {CDN: hangs}),
    _fault("cdn_cut", "the CDN's file breaks off", {CDN: cuts_after(PNG_HEAD, "image/png")}),
    _fault(
        "huge_body",
        "a picture of 200 MB",
        {CDN: floods(PNG_HEAD, "image/png"), ANSWER: when_inline(floods(SYNC_HEAD, "application/json"))},
    ),
)

PICTURES = (
    _fault("not_an_image", "a page called a PNG", {PICTURE: pictures(lambda _: b"<html>Not found</html>")}),
    _fault("empty_image", "a picture of no bytes", {PICTURE: pictures(lambda _: b"")}),
    _fault("svg_image", "an SVG with a script", {PICTURE: pictures(lambda _: SVG, "image/svg+xml")}),
    _fault("gif_image", "a GIF", {PICTURE: pictures(gif, "image/gif")}),
    _fault("truncated_image", "half of a PNG", {PICTURE: pictures(lambda png: png[: len(png) // 2])}),
    _fault("bomb_image", "a PNG of 40,000 x 40,000", {PICTURE: pictures(lambda _: bomb())}),
    _fault("black_image", "a black picture", {PICTURE: pictures(black)}),
    _fault("jpeg_image", "a good JPEG", {PICTURE: pictures(recoded("JPEG"), "image/jpeg")}),
    _fault("webp_image", "a good WebP, called a PNG", {PICTURE: pictures(recoded("WEBP"))}),
    _fault("wrong_media_type", "a good PNG, called text", {PICTURE: pictures(lambda png: png, "text/plain")}),
)

ACCOUNT = (
    _fault("credits_error", "the balance can't be read (500)", {Point.CREDITS: says(500, UPSTREAM)}),
    _fault("credits_garbage", "the balance is of another shape", {Point.CREDITS: sends('{"total": "many"}')}),
    _fault("models_error", "the list of models can't be read (500)", {Point.MODELS: says(500, UPSTREAM)}),
    _fault("models_garbage", "the list of models is of another shape", {Point.MODELS: sends('{"data": 7}')}),
)

FAULTS: Mapping[str, NamedFault] = {
    fault.name: fault
    for family in (REFUSED_BEFORE_WORK, ODD_ANSWERS, FATES, POLLS, FILES, PICTURES, ACCOUNT)
    for fault in family
}
