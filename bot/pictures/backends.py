"""Where pictures lie: a folder of ours, a bucket, or this process's memory."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, MemoryStore, S3Store, from_url

from bot.errors import ConfigError
from bot.process import modes
from bot.process.hidden import SecretUrl, hide

PICTURES = "pictures"  # what every picture's name begins with

Backend = LocalStore | MemoryStore | S3Store | GCSStore | AzureStore


def open_backend(url: str, *, endpoint: str = "", options: Mapping[str, str] | None = None) -> Backend:
    """Opens the store of `[assets] url`: a folder, file://, s3://, gs://, az://, or memory:// for tests.

    Keys of a bucket come from the service's usual environment variables, or from `options`.
    """
    scheme, _, rest = url.partition("://")
    if not rest and scheme != "memory":
        return _folder(Path(url))
    match scheme:
        case "file":
            return _folder(Path(url2pathname(urlsplit(url).path)))
        case "memory":
            return MemoryStore()
        case "s3" | "gs" | "az":
            return _bucket(url, endpoint, options or {})
        case _:  # whatever an operator writes
            raise ConfigError(f"assets.url: {scheme}:// is none of file, s3, gs, az")


def _folder(path: Path) -> LocalStore:
    """A folder of ours: what is in it is made with the process's umask, so the folder itself keeps others out."""
    whole = path.expanduser().absolute()
    try:
        modes.make_folder(whole)
        pictures = whole / PICTURES
        modes.make_folder(pictures)
        modes.tighten(pictures)
        return LocalStore(whole, automatic_cleanup=True)
    except (BaseError, OSError, ValueError) as error:
        raise ConfigError(f"assets.url: the folder {path} can't be used: {error}") from error


def _bucket(url: str, endpoint: str, options: Mapping[str, str]) -> Backend:
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
    return store
