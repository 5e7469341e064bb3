"""The simulator's own calls under `/_sim/`, which the real gateway does not have: the bill and the faults."""

import json
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.simulator.catalogue import Problem, catalogue
from integrations.simulator.faults import Armed, Switchboard, describe, named
from integrations.simulator.operations import Bill, Operations

ARMED_MAX = 1000


class SimulatorControl:
    """Answers the one who runs the simulation."""

    def __init__(self, *, switchboard: Switchboard, bill: Bill, operations: Operations) -> None:
        self._switchboard = switchboard
        self._bill = bill
        self._operations = operations

    def routes(self) -> list[Route]:
        return [
            Route("/_sim/billing", self._billing, methods=["GET"]),
            Route("/_sim/billing", self._new_bill, methods=["DELETE"]),
            Route("/_sim/credits", self._set_quota, methods=["POST"]),
            Route("/_sim/faults", self._faults, methods=["GET"]),
            Route("/_sim/faults", self._arm, methods=["POST"]),
            Route("/_sim/faults", self._disarm, methods=["DELETE"]),
            Route("/healthz", self._healthy, methods=["GET"]),
        ]

    async def _healthy(self, _request: Request) -> Response:
        return JSONResponse({"ok": True, "operations": len(self._operations)})

    async def _billing(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "generations": self._bill.generations,
                "credits": self._bill.credits,
                "by_key": dict(self._bill.by_key),
                "list": [asdict(line) for line in self._bill.lines],
            }
        )

    async def _new_bill(self, request: Request) -> Response:
        self._bill.reset()
        return await self._billing(request)

    async def _set_quota(self, request: Request) -> Response:
        """`{"remaining": n}`: what the key's owner shall have left."""
        remaining = (await _object(request)).get("remaining")
        if not isinstance(remaining, int):
            raise Problem(status=400, message="simulator_error - remaining should be an integer")
        self._bill.quota_credits = self._bill.credits + remaining
        return JSONResponse({"remaining": self._bill.remaining_credits})

    async def _faults(self, _request: Request) -> Response:
        return JSONResponse(
            {"armed": [one.as_json() for one in self._switchboard.armed], "known": dict(describe())}
        )

    async def _arm(self, request: Request) -> Response:
        if len(self._switchboard.armed) >= ARMED_MAX:
            raise Problem(
                status=400, message=f"simulator_error - At most {ARMED_MAX} faults are armed at once"
            )
        armed = _armed(await _object(request))
        self._switchboard.arm(armed)
        return JSONResponse(armed.as_json(), 201)

    async def _disarm(self, request: Request) -> Response:
        """All of them, or with `?name=` those of one name."""
        name = request.query_params.get("name")
        gone = None if name is None else named(name).name
        self._switchboard.armed = [
            one for one in self._switchboard.armed if gone is not None and one.fault.name != gone
        ]
        return await self._faults(request)


def _armed(body: dict[str, Any]) -> Armed:
    name, probability = body.get("name"), body.get("probability", 1.0)
    times, model = body.get("times"), body.get("model")
    if not isinstance(name, str):
        raise Problem(status=400, message="simulator_error - name should be a string")
    if not isinstance(probability, int | float) or not 0 <= probability <= 1:
        raise Problem(status=400, message="simulator_error - probability should be from 0 to 1")
    if times is not None and (not isinstance(times, int) or times < 0):
        raise Problem(status=400, message="simulator_error - times should be null or a whole number")
    if model is not None and (not isinstance(model, str) or model not in catalogue()):
        raise Problem(status=400, message=f"simulator_error - There is no model {model!r}")
    return Armed(fault=named(name), probability=float(probability), times=times, model=model)


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Problem(status=400, message=f"simulator_error - {error}") from error
    if not isinstance(body, dict):
        raise Problem(status=400, message="simulator_error - The body should be an object")
    return body
