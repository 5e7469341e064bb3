"""Builds the documents' site, with no network: `pip install ".[docs]"`, then `python docs/build.py [FOLDER]`.

The pages are docs/*.md as they are read on a forge, too. What they link to outside of docs/ goes along under
`project/`, so that no link of the site leads out of it by accident. Warnings end the build.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_LINK = re.compile(r"(\]\(|(?:src|href)=\")([^)#\"\s:]+)")
_NAMED = re.compile(r"\[((?:\.\./)?[\w-]+\.md)\](\(\1[#)])")  # a link that is called as its file is
_OUTSIDE = re.compile(r'"\.\./([\w./-]+)"')  # of the navigation
_SITE = ROOT / "docs/site.toml"
_LIMIT_S = 300
_OURS = "search.json"  # what only a site has


def staged(folder: Path) -> None:
    """Lays the pages out: docs/ on top, everything else that is linked to below `project/`."""
    shown = [path for path in sorted((ROOT / "docs").iterdir()) if path.suffix in {".md", ".png", ".svg"}]
    waiting, done = [*shown, *named_besides()], set()
    while waiting:
        source = waiting.pop()
        if source in done:
            continue
        done.add(source)
        target = folder / place_of(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix != ".md":
            shutil.copyfile(source, target)
            continue
        text, linked = moved(source)
        target.write_text(text, encoding="utf-8")
        waiting += linked


def named_besides() -> list[Path]:
    """The pages outside of docs/ that stand in the navigation."""
    return [ROOT / name for name in _OUTSIDE.findall(_SITE.read_text(encoding="utf-8"))]


def place_of(source: Path) -> Path:
    """Where a file of the checkout lies on the site."""
    inside = source.relative_to(ROOT)
    return Path(*inside.parts[1:]) if inside.parts[0] == "docs" else Path("project") / inside


def moved(page: Path) -> tuple[str, list[Path]]:
    """A page with its links as they lead on the site, and the files that they name."""
    linked: list[Path] = []

    def follow(match: re.Match[str]) -> str:
        there = (page.parent / match[2]).resolve()
        if not there.is_file():  # said by the test of links, in a sentence
            return match[0]
        linked.append(there)
        way = os.path.relpath(place_of(there), place_of(page).parent)
        return f"{match[1]}{Path(way).as_posix()}"

    text = _NAMED.sub(
        lambda match: f"[{title_of(page.parent / match[1])}]{match[2]}", page.read_text(encoding="utf-8")
    )
    return _LINK.sub(follow, text), linked


def title_of(page: Path) -> str:
    """What a page is called: on a forge its file's name says enough, on the site its title does."""
    first = page.read_text(encoding="utf-8").partition("\n")[0] if page.is_file() else ""
    return first.removeprefix("# ") if first.startswith("# ") else page.name


def build(site: Path) -> None:
    """Writes the site into a folder, in place of an older one. What the builder warns of ends it."""
    if site.exists() and any(site.iterdir()) and not (site / _OURS).is_file():
        sys.exit(f"{site} holds something else than a site of the documents, and stays as it is")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        staged(folder / "pages")
        told = _OUTSIDE.sub(r'"project/\1"', _SITE.read_text(encoding="utf-8"))
        (folder / "zensical.toml").write_text(told, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "zensical",
            "build",
            "--strict",
            "--config-file",
            str(folder / "zensical.toml"),
        ]
        subprocess.run(command, check=True, cwd=folder, timeout=_LIMIT_S)  # noqa: S603 - no word of it comes from outside
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(folder / "site", site)


if __name__ == "__main__":
    build(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "site").resolve())
