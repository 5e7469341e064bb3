"""`easel check` for Slack: the tokens, the scopes, and Socket Mode; no socket is opened."""

from typing import Any

from bot.checks import Checked, checked
from integrations.slack import manifest
from integrations.slack._wire import Api, SlackFault, scopes_of
from integrations.slack.settings import SlackSettings


async def check(settings: SlackSettings) -> list[Checked]:
    """Tries what the section [slack] names."""
    api = Api(settings)
    try:
        results = await _bot(api)
        if settings.mode == "socket":
            results.append(await _socket(api, settings.app_token.get_secret_value()))
    finally:
        await api.aclose()
    return results


async def _bot(api: Api) -> list[Checked]:
    try:
        answer = await api.patiently("auth.test")
    except SlackFault as fault:
        return [_refused("slack", fault, "set the right bot_token (xoxb-..., from Install App)")]
    detail = f"{answer.get('user')} in {answer.get('team')}"
    return [checked("slack", detail=detail), _scopes(answer["headers"])]


def _scopes(headers: Any) -> Checked:
    granted = {name.strip() for name in scopes_of(headers).split(",") if name.strip()}
    missing = manifest.scopes() - granted
    needed = sorted(missing - manifest.OPTIONAL)
    if not granted or not missing:
        return checked("slack_scopes", detail="all there" if granted else "Slack doesn't tell")
    if needed:
        fix = "add them under OAuth & Permissions and install the app again (easel slack-manifest lists all)"
        return checked("slack_scopes", ok=False, detail=f"missing: {', '.join(needed)}", fix=fix)
    fix = (
        "without them user groups can't be named as moderators, words in a picture's thread aren't heard, and a placeholder isn't found after a crash, nor"
        " finished when its channel is unarchived"
    )
    return checked("slack_scopes", detail=f"optional ones missing: {', '.join(sorted(missing))}", fix=fix)


async def _socket(api: Api, token: str) -> Checked:
    try:
        await api.patiently("apps.connections.open", app_token=token)
    except SlackFault as fault:
        fix = "set the right app_token (xapp-..., scope connections:write), and switch Socket Mode on"
        return _refused("slack_socket", fault, fix)
    return checked("slack_socket", detail="Socket Mode is open to us")


def _refused(name: str, fault: SlackFault, fix: str) -> Checked:
    not_reached = "is api_base_url right, and Slack reachable from here?"
    return checked(name, ok=False, detail=str(fault), fix=not_reached if fault.doubtful else fix)
