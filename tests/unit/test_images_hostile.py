"""Hostile pictures: each is refused, or costs one process and no more than its time and memory."""

import asyncio
import contextlib
import io
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import BadImage, StoreBusy
from bot.model import JPEG, PNG, WEBP
from bot.pictures import anatomy, wire
from bot.pictures.darkroom import Darkroom, _Memory
from bot.pictures.hand import Hand
from bot.pictures.images import LIMITS, PEAK_BYTES_A_PIXEL, Bounds
from tests.fakes import hostile
from tests.fakes.darkroom import shared_darkroom
from tests.fakes.hostile import chunk, gradient, picture, with_chunks
from tests.fakes.patience import PATIENCE_S

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
FLEETING = Bounds(time_s=0.001)  # no picture is done in that


@pytest.fixture
def darkroom():
    return shared_darkroom()


@pytest.fixture
async def own_room():
    room = Darkroom(processes=1)
    yield room
    await room.aclose()


@pytest.fixture
def started(monkeypatch):
    """The processes that were started."""
    started = []
    begin = subprocess.Popen

    def begin_and_note(*args, **kwargs):
        started.append(begin(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", begin_and_note)
    return started


# ── Refused before a pixel is decoded ────────────────────────────────────────────────────────────────


def large(data: bytes, *, at_most: int = 600_000) -> bytes:
    assert len(data) < at_most, "a small file is the point"
    return data


INTRICATE = {
    "a JPEG of 500 scans": (lambda: large(hostile.repeated_scans(4000, 500)), "32 scans"),
    "a JPEG of 33 scans": (lambda: hostile.repeated_scans(64, 33), "32 scans"),
    "an APNG of 600 frames": (lambda: hostile.animation(600), "animation"),
    "a WebP of 600 frames": (lambda: hostile.animation(600, kind="WEBP"), "animation"),
    "a PNG of 30,000 chunks": (
        lambda: with_chunks(picture(), chunk(b"tEXt", b"a\0b") * 30_000),
        "20000 chunks",
    ),
    "a PNG of 33 squeezed texts": (
        lambda: with_chunks(picture(), hostile.squeezed_text(hostile.zeros(1)) * 33),
        "compressed",
    ),
    "a PNG with two headers": (
        lambda: with_chunks(picture(), chunk(b"IHDR", b"\0\0\x20\0\0\0\x20\0\x08\2\0\0\0")),
        "header",
    ),
    "a JPEG of two frames": (
        lambda: hostile.with_segments(picture(kind="JPEG"), hostile.segment(0xC0, bytes(15))),
        "no size|more than one",
    ),
    "a JPEG of 30,000 segments": (
        lambda: hostile.with_segments(picture(kind="JPEG"), hostile.segment(0xFE, b"") * 30_000),
        "without a picture|too many",
    ),
    "a WebP of more memory than there is": (
        lambda: (
            hostile.picture(16, 16, kind="WEBP")[:12]
            + hostile.riff(b"VP8X", b"\0\0\0\0" + (6143).to_bytes(3, "little") * 2)
            + hostile.picture(16, 16, kind="WEBP")[12:]
        ),
        "MiB",
    ),
}


@pytest.mark.parametrize("name", INTRICATE)
async def test_what_is_too_intricate_is_not_decoded(name, darkroom):
    make, why = INTRICATE[name]
    data = make()
    with pytest.raises(BadImage, match=why):
        anatomy.examine(data, LIMITS)
    with pytest.raises(BadImage, match=why):
        await darkroom.verify(data)


@pytest.mark.parametrize(
    "data",
    [
        with_chunks(picture(), hostile.squeezed_text(hostile.zeros(64))),
        with_chunks(picture(), hostile.squeezed_words(hostile.zeros(64))),
        with_chunks(picture(), hostile.squeezed_profile(hostile.zeros(64))),
    ],
    ids=["zTXt", "iTXt", "iCCP"],
)
@LINUX
async def test_a_bomb_beside_the_pixels_swells_nothing(own_room, data):
    await own_room.verify(picture())
    before = peak_bytes(own_room)
    with contextlib.suppress(BadImage):
        await own_room.verify(data)
    assert peak_bytes(own_room) - before < 16 << 20


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"GIF89a" + bytes(64),
        b"II*\0" + bytes(64),
        b"MM\0*" + bytes(64),
        b"\0\0\0\x20ftypavif" + bytes(64),
        b"\0\0\0\x18ftypheic" + bytes(64),
        b"\xff\x0a" + bytes(64),
        b"%PDF-1.7\n" + picture(),
        b"PK\3\4" + picture(),
        b"\0" + picture(),
        b"RIFF\x24\0\0\0WAVE" + bytes(64),
        b"BM" + bytes(64),
    ],
    ids=lambda data: repr(data[:12]),
)
async def test_what_begins_like_something_else_is_no_picture(darkroom, data):
    with pytest.raises(BadImage):
        await darkroom.verify(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_what_hangs_on_behind_a_picture_is_not_kept(darkroom, kind):
    """A file that is a picture and an archive at once would be handed on as our picture."""
    plain = picture(kind=kind)
    both = plain + b"PK\5\6" + bytes(18)
    verified = await darkroom.verify(both)
    assert b"PK\5\6" not in verified.data
    assert verified.data == (await darkroom.verify(plain)).data


async def test_the_first_of_several_pictures_counts_and_is_kept_alone(darkroom):
    out = io.BytesIO()
    second = Image.new("RGB", (32, 32), "blue")
    Image.new("RGB", (32, 32), "red").save(out, "MPO", save_all=True, append_images=[second])
    verified = await darkroom.verify(out.getvalue())
    assert (verified.media_type, verified.width) == (JPEG, 32)
    assert verified.data.count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize(
    "options",
    [{"progressive": True}, {"progressive": True, "mode": "CMYK"}, {"progressive": True, "optimize": True}],
    ids=str,
)
async def test_an_honest_progressive_jpeg_is_taken(darkroom, options):
    assert (await darkroom.verify(gradient(300, 200, kind="JPEG", **options))).width == 300


def test_a_run_of_filling_bytes_is_no_way_to_pass_the_time():
    """Some are allowed before a marker; 32 MB of them, looked through again and again, would take minutes."""
    plain = picture(kind="JPEG")
    assert anatomy.size_of(plain[:2] + b"\xff" * 63 + plain[2:]).width == 64
    for count in (64, 8_000_000):
        with pytest.raises(BadImage):
            anatomy.size_of(plain[:2] + b"\xff" * count + plain[2:])


# ── Memory ───────────────────────────────────────────────────────────────────────────────────────────


def peak_bytes(room: Darkroom) -> int:
    """The most that its one process ever had."""
    status = Path(f"/proc/{room._all_hands[0].pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@LINUX
@pytest.mark.parametrize(
    ("media_type", "options"),
    [
        (PNG, {"mode": "RGB"}),
        (PNG, {"mode": "RGBA"}),
        (PNG, {"mode": "P"}),
        (PNG, {"mode": "I;16"}),
        (JPEG, {"kind": "JPEG"}),
        (JPEG, {"kind": "JPEG", "mode": "CMYK", "progressive": True}),
        (WEBP, {"kind": "WEBP", "method": 0}),
        (WEBP, {"kind": "WEBP", "method": 0, "mode": "RGBA"}),
    ],
    ids=str,
)
async def test_no_type_takes_more_than_is_reckoned_for_it(own_room, media_type, options):
    """4,000 x 3,000, through all that is done with it; the reckoning is what bounds the memory of all."""
    data = gradient(4000, 3000, **options)
    await own_room.verify(picture(kind=options.get("kind", "PNG")))
    before = peak_bytes(own_room)
    await own_room.verify(data)
    await own_room.preview(data)
    await own_room.fit(data, min(len(data) - 1, 60_000))
    spare = 3 * len(data) + (24 << 20)  # the file itself some times, and what an allocator rounds up
    assert peak_bytes(own_room) - before <= 12_000_000 * PEAK_BYTES_A_PIXEL[media_type] + spare


def test_two_that_do_not_fit_together_go_one_after_the_other():
    memory, inside, most = _Memory(100), [], []

    def work() -> None:
        with memory.taken(60):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.01)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert most == [1] * 6
    with memory.taken(40), memory.taken(60), memory.taken(0):
        pass
    with memory.taken(1000):
        pass


# ── Time, and death ──────────────────────────────────────────────────────────────────────────────────


async def test_a_picture_that_takes_too_long_ends_two_processes_and_never_a_third(own_room, started):
    data = gradient(2000, 2000)
    for _ in range(3):
        with pytest.raises(BadImage, match="ended 2 processes"):
            await own_room.verify(data, FLEETING)
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)
    assert (await own_room.verify(picture())).width == 64, "the others go on"
    assert len(started) == 3


async def test_a_poison_is_known_whatever_is_asked_of_it(own_room, started):
    data = gradient(2000, 2000)
    with pytest.raises(BadImage):
        await own_room.verify(data, FLEETING)
    for again in (own_room.preview(data), own_room.fit(data, 500), own_room.sheet([data])):
        with pytest.raises(BadImage, match="ended 2 processes"):
            await again
    assert len(started) == 2


async def test_one_death_spoils_no_good_picture(own_room, started):
    """Somebody else kills its process: a full machine, a stop. It is tried once more."""
    data = gradient(5000, 5000)
    await own_room.verify(picture())
    work = asyncio.create_task(own_room.verify(data))
    await asyncio.sleep(0.02)
    started[0].kill()
    assert (await work).width == 5000
    assert len(started) == 2


async def test_a_death_in_idleness_is_nobodys_fault(own_room, started):
    for _ in range(4):
        assert (await own_room.verify(picture())).width == 64
        os.kill(started[-1].pid, signal.SIGKILL)
        await asyncio.to_thread(started[-1].wait)
    assert len(started) == 4
    assert not own_room._deaths._counts


async def test_the_process_is_started_when_it_is_needed_and_kept(own_room, started):
    assert started == []
    for _ in range(3):
        await own_room.verify(picture())
    assert len(started) == 1


async def test_where_no_process_can_be_started_no_picture_is_judged(own_room, monkeypatch):
    """It is our trouble: what was drawn waits, and is not called bad."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(StoreBusy):
        await own_room.verify(picture())
    monkeypatch.undo()
    assert (await own_room.verify(picture())).width == 64


async def test_closing_waits_for_no_picture(started):
    room = Darkroom(processes=1)
    await room.verify(picture())
    work = asyncio.create_task(room.verify(gradient(6000, 6000)))
    await asyncio.sleep(0.02)
    await room.aclose()
    assert started[0].poll() == -signal.SIGKILL
    with pytest.raises((StoreBusy, BadImage)):
        await work


@LINUX
async def test_the_process_knows_no_secret(own_room, started, monkeypatch):
    monkeypatch.setenv("EASEL__DISCORD__TOKEN", "very-secret")
    await own_room.verify(picture())
    assert b"very-secret" not in Path(f"/proc/{started[0].pid}/environ").read_bytes()
    files = [str(file.readlink()) for file in Path(f"/proc/{started[0].pid}/fd").iterdir()]
    assert [file for file in files if not file.startswith(("pipe:", "/dev/null"))] == []


@LINUX
async def test_the_process_can_write_no_file_and_goes_first_when_memory_ends(own_room, started):
    await own_room.verify(picture())
    limits = Path(f"/proc/{started[0].pid}/limits").read_text()
    assert "Max file size             0 " in limits
    assert "Max address space         unlimited" not in limits
    assert Path(f"/proc/{started[0].pid}/oom_score_adj").read_text().strip() == "1000"


@LINUX
async def test_the_process_ends_with_its_parent():
    """Even where that is killed: the end of its input is the end of it."""
    story = (
        "import asyncio, os\n"
        "from bot.pictures.darkroom import Darkroom\n"
        "from tests.fakes.hostile import picture\n"
        "room = Darkroom(processes=1)\n"
        "asyncio.run(room.verify(picture()))\n"
        "print(room._all_hands[0].pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", story], check=False, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    line = Path(f"/proc/{int(done.stdout)}/cmdline")
    async with asyncio.timeout(PATIENCE_S):
        while line.exists() and line.read_bytes():  # a dead one that nobody has asked for has none
            await asyncio.sleep(0.02)


# ── What the process says is foreign, too ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("head", "blobs"),
    [
        ({}, (b"",)),
        ({"cell": [2, 2], "width": 9, "height": 9}, (b"",)),
        ({"cell": [2, 2], "width": "many", "height": 9}, (bytes(12),)),
        ({"cell": [900, 1], "width": 9, "height": 9}, (bytes(2700),)),
        ({"cell": "ab", "width": 9, "height": 9}, (bytes(12),)),
        ({"cell": [2, 2], "width": 9, "height": 9}, (bytes(12), b"<svg/>")),
        ({"bad": "no picture"}, ()),
        ({}, ()),
    ],
    ids=str,
)
async def test_nonsense_is_a_bad_image(own_room, monkeypatch, head, blobs):
    monkeypatch.setattr(Hand, "ask", lambda *_, **__: wire.WireMessage(head, blobs))
    with pytest.raises(BadImage):
        await own_room.verify(picture())


@pytest.mark.parametrize(
    "said",
    [
        b"x",
        b"\xff" * 64,
        struct.pack(">II", 2, 0) + b"{",
        struct.pack(">II", 2, 0) + b"xx",
        struct.pack(">II", 2, 0) + b"[]",
        struct.pack(">II", 2, 99) + b"{}",
        struct.pack(">II", 2, 1) + b"{}",
        struct.pack(">II", 2, 1) + b"{}" + struct.pack(">Q", 1 << 60),
        struct.pack(">II", 2, 1) + b"{}" + struct.pack(">Q", 5) + b"abc",
    ],
    ids=repr,
)
def test_what_is_no_message_is_garbled(said):
    with pytest.raises(wire.Garbled):
        wire.receive(io.BytesIO(said), limit_bytes=1000)


def test_a_message_comes_as_it_went():
    stream = io.BytesIO()
    wire.send(stream, {"a": 1}, [b"", b"x" * 1000])
    wire.send(stream, {})
    stream.seek(0)
    assert wire.receive(stream, limit_bytes=1000) == wire.WireMessage({"a": 1}, (b"", b"x" * 1000))
    assert wire.receive(stream, limit_bytes=0) == wire.WireMessage({}, ())
    assert wire.receive(stream, limit_bytes=0) is None


# ── What is promised ─────────────────────────────────────────────────────────────────────────────────


def test_the_operators_page_says_these_limits():
    page = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
    assert f"at most {LIMITS.size_bytes >> 20} MiB" in page
    assert f"{LIMITS.side_px} pixels a side and {LIMITS.pixels // 1_000_000} megapixels" in page
    assert f"at most {LIMITS.scans} scans" in page
    assert f"at most {LIMITS.parts:,} chunks, {LIMITS.squeezed_parts} of them compressed" in page
    assert f"| {LIMITS.memory_bytes >> 20} more at most |" in page
    assert f"One picture has {LIMITS.time_s:g} s" in page
