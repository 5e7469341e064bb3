"""`easel check` for Slack: the tokens, the scopes, and Socket Mode; no socket is opened."""

from typing import Any

from integrations.slack import manifest
from integrations.slack._wire import Api, SlackFault
from integrations.slack.settings import SlackSettings

Result = dict[str, Any]

_NOT_REACHED = "is api_base_url right, and Slack reachable from here?"


async def check(settings: SlackSettings) -> list[Result]:
    """Tries what the section [slack] names."""
    api = Api(settings)
    try:
        results = await _bot(api)
        if settings.mode == "socket":
            results.append(await _socket(api, settings))
    finally:
        await api.aclose()
    return results


async def _bot(api: Api) -> list[Result]:
    try:
        answer = await api.patiently("auth.test")
    except SlackFault as fault:
        fix = _NOT_REACHED if fault.doubtful else "set the right bot_token (xoxb-..., from Install App)"
        return [_result("slack", ok=False, detail=fault.error, fix=fix)]
    detail = f"{answer.get('user')} in {answer.get('team')}"
    return [_result("slack", detail=detail), _scopes(answer)]


def _scopes(answer: dict[str, Any]) -> Result:
    granted = {name.strip() for name in str(_header(answer, "x-oauth-scopes")).split(",") if name.strip()}
    missing = set(manifest.SCOPES) - granted
    needed = sorted(missing - manifest.OPTIONAL)
    if not granted or not missing:
        return _result("slack_scopes", detail="all there" if granted else "Slack doesn't tell")
    if needed:
        fix = "add them under OAuth & Permissions and install the app again (easel slack-manifest lists all)"
        return _result("slack_scopes", ok=False, detail=f"missing: {', '.join(needed)}", fix=fix)
    fix = "without them a placeholder isn't found after a crash, nor finished when its channel is unarchived"
    return _result("slack_scopes", detail=f"optional ones missing: {', '.join(sorted(missing))}", fix=fix)


async def _socket(api: Api, settings: SlackSettings) -> Result:
    token = settings.app_token.get_secret_value()
    try:
        await api.patiently("apps.connections.open", app_token=token)
    except SlackFault as fault:
        fix = "set the right app_token (xapp-..., scope connections:write), and switch Socket Mode on"
        return _result(
            "slack_socket", ok=False, detail=fault.error, fix=_NOT_REACHED if fault.doubtful else fix
        )
    return _result("slack_socket", detail="Socket Mode is open to us")


def _header(answer: dict[str, Any], name: str) -> str:
    headers = answer.get("headers") or {}
    return next((str(value) for key, value in headers.items() if str(key).lower() == name), "")


def _result(name: str, *, ok: bool = True, detail: str = "", fix: str = "") -> Result:
    return {"name": name, "ok": ok, "detail": detail, "fix": fix}
