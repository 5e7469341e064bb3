"""Pictures in a bucket, or in this process's memory: by obstore, which is imported where one is configured."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, NotSupportedError
from obstore.store import AzureStore, GCSStore, MemoryStore, S3Store, from_url

from bot.errors import ConfigError
from bot.hidden import SecretUrl, hide
from bot.pictures.backends import Listed

# A name's bytes never change, so whoever holds a copy may keep it.
_CACHE = "private, max-age=31536000, immutable"
_PAGE = 500

ObjectStore = MemoryStore | S3Store | GCSStore | AzureStore


class Bucket:
    """A backend of Assets on one of obstore's stores."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        """See Backend."""
        attributes: Any = {"Content-Type": media_type, "Cache-Control": _CACHE}
        with _told():
            try:
                await self.store.put_async(key, data, attributes=attributes, mode="create")
            except (NotSupportedError, NotImplementedError):  # a bucket without conditional writes
                await self.store.put_async(key, data, attributes=attributes, use_multipart=False)

    async def get(self, key: str) -> bytes:
        """See Backend."""
        with _told():
            return bytes(await (await self.store.get_async(key)).bytes_async())

    async def first(self, keys: Sequence[str]) -> str | None:
        """See Backend."""
        there = await asyncio.gather(*(self._has(key) for key in keys))
        return next((key for key, has in zip(keys, there, strict=True) if has), None)

    async def delete(self, key: str) -> None:
        """See Backend."""
        with _told():
            await self.store.delete_async(key)

    async def pages(self, prefix: str) -> AsyncIterator[Sequence[Listed]]:
        """See Backend."""
        pages = aiter(self.store.list(prefix or None, chunk_size=_PAGE))
        while True:
            with _told():
                page = await anext(pages, None)
            if page is None:
                return
            yield [
                Listed(key=one["path"], size_bytes=one["size"], modified_at=one["last_modified"].timestamp())
                for one in page
            ]

    async def _has(self, key: str) -> bool:
        try:
            with _told():
                await self.store.head_async(key)
        except FileNotFoundError:
            return False
        return True


@contextmanager
def _told() -> Iterator[None]:
    """What went wrong, as a file system says it."""
    try:
        yield
    except AlreadyExistsError as error:
        raise FileExistsError(str(error)) from error
    except NotFoundError as error:
        raise FileNotFoundError(str(error)) from error
    except NotSupportedError:
        raise
    except BaseError as error:
        raise OSError(str(error)) from error


def memory() -> Bucket:
    """This process's own, for tests."""
    return Bucket(MemoryStore())


def open_bucket(url: str, endpoint: str, options: Mapping[str, str]) -> Bucket:
    """The bucket that the URL names. Raises ConfigError."""
    # Each service takes its own options: obstore tells an unknown one at the start.
    config: Any = dict(options)
    if endpoint:
        config["base_url" if url.startswith("gs:") else "endpoint"] = endpoint
    client: Any = {"timeout": "20s", "connect_timeout": "5s"}
    # Plain http only where the operator wrote it, here or in the service's own variable.
    where = endpoint or os.environ.get("AWS_ENDPOINT_URL", "") or os.environ.get("AWS_ENDPOINT", "")
    client["allow_http"] = where.startswith("http://")
    try:
        store = from_url(
            url,
            config=config,
            client_options=client,
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
        )
    except (BaseError, ValueError) as error:
        raise ConfigError(f"assets.url: {SecretUrl(url)} can't be opened: {hide(str(error))}") from error
    assert isinstance(store, S3Store | GCSStore | AzureStore)
    return Bucket(store)
