"""How the local services call us."""

import aiohttp


async def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of our answer."""
    async with aiohttp.ClientSession() as client, client.post(url, data=body, headers=headers) as answer:
        return answer.status
