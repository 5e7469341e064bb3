"""The laws of bot/pictures/fetch.py, against a strict little server on 127.0.0.1."""

import asyncio
import gzip
import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import yarl
from aiohttp import web

from bot.errors import ConfigError, FetchRefused
from bot.pictures.fetch import Fetch, is_open
from tests.fakes.free_ports import free_port
from tests.fakes.patience import PATIENCE_S

LIMIT = 100_000
BODY = b"\x89PNG" + bytes(5000)


class Far:
    """A foreign host that misbehaves by path, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[web.Request] = []
        self.elsewhere = ""
        self.port, self.url = 0, ""
        self.sent_bytes = 0
        self.hung_up = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        kind, _, rest = request.path.lstrip("/").partition("/")
        match kind:
            case "status":
                return web.Response(status=int(rest), body=b"no")
            case "hops":
                left = int(rest)
                target = f"/hops/{left - 1}" if left else "/image"
                return web.Response(status=302, headers={"Location": target})
            case "to":
                return web.Response(status=307, headers={"Location": request.query["url"]})
            case "nowhere":
                return web.Response(status=302)
            case "encoded":
                return web.Response(
                    body=gzip.compress(bytes(10_000_000)), headers={"Content-Encoding": "gzip"}
                )
            case "size":
                return web.Response(body=bytes(int(rest)))
            case "drip":
                return await self.drip(request)
            case "endless":
                return await self.endless(request)
            case _:
                return web.Response(body=BODY, content_type="image/png")

    async def drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.02)

    async def endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        try:
            while True:
                await response.write(bytes(65_536))
                self.sent_bytes += 65_536
        finally:
            self.hung_up.set()


def free_socket() -> socket.socket:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock


@pytest.fixture
async def far():
    host = Far()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", host.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    sock = free_socket()
    host.port = sock.getsockname()[1]
    host.url = f"http://127.0.0.1:{host.port}"
    await web.SockSite(runner, sock).start()
    yield host
    await runner.cleanup()


@pytest.fixture
async def make():
    """Makes doors, and closes them."""
    doors = []

    def build(**options) -> Fetch:
        doors.append(Fetch(**options))
        return doors[-1]

    yield build
    for door in doors:
        await door.aclose()


@pytest.fixture
async def fetch(far, make):
    return make(allow_hosts=[f"127.0.0.1:{far.port}"])


@pytest.fixture
async def raw():
    """Starts servers that answer with exactly these bytes and hang up."""
    servers = []

    async def start(answer: bytes, *, hang: bool = False) -> int:
        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            if hang:
                await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        servers.append(server)
        return server.sockets[0].getsockname()[1]

    yield start
    for server in servers:
        server.close()


async def refusal(fetch: Fetch, url: str, *, limit_bytes: int = LIMIT, timeout_s: float = 5) -> FetchRefused:
    with pytest.raises(FetchRefused) as caught:
        await fetch.get(url, limit_bytes=limit_bytes, timeout_s=timeout_s)
    return caught.value


# ── What is fetched ──────────────────────────────────────────────────────────────────────────────────


async def test_an_allowed_host_gives_its_bytes(far, fetch):
    assert await fetch.get(f"{far.url}/image", limit_bytes=LIMIT, timeout_s=5) == BODY


async def test_nothing_but_the_question_is_told(far, fetch):
    await fetch.get(f"{far.url}/image", limit_bytes=LIMIT, timeout_s=5)
    headers = far.seen[0].headers
    assert headers["Accept-Encoding"] == "identity"
    assert not {"Cookie", "Authorization", "Referer"} & set(headers)


async def test_a_signed_link_goes_out_byte_for_byte(far, fetch):
    path = "/image/a%2Fb%20c?X-Sig=a%2Fb%2Bc%3D&X-Cred=A%2F20261121&e="
    await fetch.get(far.url + path, limit_bytes=LIMIT, timeout_s=5)
    assert far.seen[0].raw_path == path


async def test_three_redirects_are_followed_and_a_fourth_is_not(far, fetch):
    assert await fetch.get(f"{far.url}/hops/2", limit_bytes=LIMIT, timeout_s=5) == BODY
    error = await refusal(fetch, f"{far.url}/hops/3")
    assert not error.again


async def test_proxies_of_the_environment_are_ignored(far, fetch, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await fetch.get(f"{far.url}/image", limit_bytes=LIMIT, timeout_s=5) == BODY


# ── Where we don't go ────────────────────────────────────────────────────────────────────────────────

INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "192.0.0.192",
    "168.63.129.16", "::1", "::", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1",
    "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::1", "2002:7f00:1::", "2001:0:53aa:64c::1", "2001:db8::1", "100::1", "5f00::1",
]  # fmt: skip
OUTSIDE = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::200e"]


def test_only_the_public_internet_is_open():
    assert [text for text in INSIDE if is_open(ipaddress.ip_address(text))] == []
    assert [text for text in OUTSIDE if not is_open(ipaddress.ip_address(text))] == []


@pytest.mark.parametrize("text", INSIDE)
async def test_no_inside_address_is_asked_literally_or_by_name(text, make):
    asked = []

    async def resolve(host, port):
        asked.append(host)
        return [text]

    door = make(resolve=resolve)
    literal = f"[{text}]" if ":" in text else text
    for host in (literal, "images.example"):
        error = await refusal(door, f"https://{host}/image")
        assert "no public address" in str(error)
        assert not error.again
    assert asked == ["images.example"]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
        "https://127.0.0.1./", "https://0x7f.1/", "https://１２７.0.0.1/", "https://①②⑦.0.0.1/",
        "https://[::1%25lo]/", "https://[fe80::1%25eth0]/", "https://[::ffff:7f00:1]/",
        "https://localhost/", "https://LOCALHOST./", "https://a.localhost/",
        "https://user@images.example/", "https://user:pass@images.example/", "https://:@127.0.0.1/",
        "https://images.example\\@127.0.0.1/", "https://images.example\r\nHost: x/", "https://a b/",
        "http://images.example/", "ftp://images.example/", "file:///etc/passwd", "data:image/png;base64,AA",
        "//images.example/", "/image", "", "https://", "https:///x", "https://[::1", "https://a:99999/",
        "gopher://127.0.0.1/", "https://x/" + "y" * 9000,
    ],
)  # fmt: skip
async def test_odd_addresses_are_refused_for_good(url, make):
    async def resolve(host, port):
        return ["127.0.0.1"]

    door = make(resolve=resolve)
    assert not (await refusal(door, url)).again


async def test_a_name_needs_one_public_address_and_only_that_one_is_used(make):
    async def resolve(host, port):
        return ["10.0.0.1", "8.8.8.8", "::1"]

    door = make(resolve=resolve)
    gate = door._session.connector._resolver
    assert [found["host"] for found in await gate.resolve("images.example", 443)] == ["8.8.8.8"]


async def test_a_redirect_inside_is_refused_like_any_other_address(far, fetch):
    for target in (
        "https://169.254.169.254/latest",
        "https://localhost/",
        "http://127.0.0.1:1/",
        "//10.0.0.1/",
        "https://a@images.example/",
        "file:///etc/passwd",
        "https://[::ffff:127.0.0.1]/",
    ):
        error = await refusal(fetch, str(yarl.URL(f"{far.url}/to").with_query(url=target)))
        assert not error.again, target


async def test_allowing_a_pair_allows_nothing_else_on_that_host(far, fetch, raw):
    other = await raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")
    for url in (f"http://127.0.0.1:{other}/", f"https://127.0.0.1:{other}/", "https://127.0.0.1/"):
        await refusal(fetch, url)
    await refusal(fetch, f"http://localhost:{far.port}/image")
    await refusal(fetch, f"http://[::ffff:127.0.0.1]:{far.port}/image")
    assert far.seen == []


async def test_an_allowed_name_is_allowed_on_its_port_only(far, make):
    async def resolve(host, port):
        return ["127.0.0.1"]

    door = make(allow_hosts=[f"Images.Example:{far.port}"], resolve=resolve)
    assert await door.get(f"http://images.example:{far.port}/", limit_bytes=LIMIT, timeout_s=5) == BODY
    await refusal(door, "https://images.example/")
    await refusal(door, f"http://other.example:{far.port}/")


async def test_the_connection_goes_to_the_address_that_was_checked(far, make):
    """A name that changes its mind (DNS rebinding) is asked once a connection: there is no second look."""
    answers = iter([["127.0.0.1"], ["203.0.113.9"]])

    async def resolve(host, port):
        return next(answers)

    door = make(allow_hosts=[f"images.example:{far.port}"], resolve=resolve)
    assert await door.get(f"http://images.example:{far.port}/", limit_bytes=LIMIT, timeout_s=5) == BODY
    assert next(answers) == ["203.0.113.9"]


async def test_a_name_that_does_not_resolve_may_resolve_later(make):
    async def resolve(host, port):
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    door = make(resolve=resolve)
    assert (await refusal(door, "https://images.example/")).again


@pytest.mark.parametrize("pair", ["127.0.0.1", "host:", ":80", "host:http", "host:0", "host:70000", ""])
async def test_a_bad_pair_stops_the_start(pair):
    with pytest.raises(ConfigError, match="allow_hosts"):
        Fetch(allow_hosts=[pair])


async def test_an_unknown_certificate_is_refused(far, make):
    """Https to a plain server: no certificate, no bytes."""
    door = make(allow_hosts=[f"127.0.0.1:{far.port}"], ssl_context=ssl.create_default_context())
    await refusal(door, f"https://127.0.0.1:{far.port}/image")


@pytest.fixture
async def secure(tmp_path):
    """An https server on 127.0.0.1 whose certificate names images.example; with who trusts it."""
    key, certificate = self_signed("images.example")
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    app = web.Application()
    app.router.add_get("/", Far().answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    sock = free_socket()
    await web.SockSite(runner, sock, ssl_context=context).start()
    yield sock.getsockname()[1], ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    await runner.cleanup()


def self_signed(name: str) -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(pem, *plain), certificate.public_bytes(pem)


async def test_a_certificate_is_checked_against_the_name_not_the_address(secure, make):
    port, trusting = secure

    async def resolve(host, port):
        return ["127.0.0.1"]

    pairs = [f"images.example:{port}", f"other.example:{port}"]
    door = make(allow_hosts=pairs, resolve=resolve, ssl_context=trusting)
    assert await door.get(f"https://images.example:{port}/", limit_bytes=LIMIT, timeout_s=5) == BODY
    error = await refusal(door, f"https://other.example:{port}/")
    assert "certificate" in str(error)
    assert not error.again
    distrusting = make(allow_hosts=pairs, resolve=resolve)
    assert not (await refusal(distrusting, f"https://images.example:{port}/")).again


# ── How much, how long ───────────────────────────────────────────────────────────────────────────────


async def test_the_byte_limit_is_exact(far, fetch):
    assert len(await fetch.get(f"{far.url}/size/1000", limit_bytes=1000, timeout_s=5)) == 1000
    error = await refusal(fetch, f"{far.url}/size/1001", limit_bytes=1000)
    assert not error.again


async def test_an_endless_body_is_cut_at_the_limit(far, fetch):
    error = await refusal(fetch, f"{far.url}/endless", limit_bytes=1_000_000)
    assert "more than" in str(error)
    async with asyncio.timeout(PATIENCE_S):
        await far.hung_up.wait()
    assert far.sent_bytes < 1_000_000 + 16 * 1024 * 1024  # what sockets hold


async def test_an_encoded_body_is_never_unpacked(far, fetch):
    error = await refusal(fetch, f"{far.url}/encoded", limit_bytes=10**8)
    assert "encoded" in str(error)


async def test_a_body_that_drips_runs_out_of_time(far, fetch):
    """It never ends by itself, and a byte always comes in time: the limit is on the whole."""
    async with asyncio.timeout(PATIENCE_S):
        error = await refusal(fetch, f"{far.url}/drip", timeout_s=0.3)
    assert error.again


async def test_a_server_that_never_answers_runs_out_of_time(raw, make):
    port = await raw(b"", hang=True)
    door = make(allow_hosts=[f"127.0.0.1:{port}"])
    assert (await refusal(door, f"http://127.0.0.1:{port}/", timeout_s=0.2)).again


@pytest.mark.parametrize(
    ("answer", "again"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nshort", True),  # a cut connection
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nokMORE", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", True),
        (b"", True),
        (b"SSH-2.0-OpenSSH_9.6\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", True),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n", False),
    ],
)
async def test_lies_and_garbage_are_refused(raw, answer, again, make):
    port = await raw(answer)
    door = make(allow_hosts=[f"127.0.0.1:{port}"])
    assert (await refusal(door, f"http://127.0.0.1:{port}/")).again is again


@pytest.mark.parametrize(
    ("status", "again"),
    [
        (400, False), (401, False), (403, True), (404, True), (408, True), (410, True), (413, False),
        (429, True), (500, True), (502, True), (503, True), (204, False), (206, False), (304, False),
    ],
)  # fmt: skip
async def test_an_expired_link_or_a_busy_server_is_worth_a_fresh_try(far, fetch, status, again):
    assert (await refusal(fetch, f"{far.url}/status/{status}")).again is again


async def test_a_refused_connection_is_worth_a_fresh_try(make):
    port = free_port()  # and nobody listens
    door = make(allow_hosts=[f"127.0.0.1:{port}"])
    assert (await refusal(door, f"http://127.0.0.1:{port}/")).again


async def test_a_redirect_to_nowhere_is_refused(far, fetch):
    await refusal(fetch, f"{far.url}/nowhere")


async def test_no_refusal_tells_the_link(far, fetch):
    """Providers' links are keys: they are in no log."""
    for path in ("/status/500?sig=secret", "/size/900000?sig=secret", "/hops/9?sig=secret"):
        error = await refusal(fetch, far.url + path)
        assert "secret" not in f"{error!r} {error}"


async def test_cancelling_is_not_swallowed(far, fetch):
    task = asyncio.create_task(fetch.get(f"{far.url}/drip", limit_bytes=LIMIT, timeout_s=5))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
