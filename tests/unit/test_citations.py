"""What comments and documents cite is there: the page, its section, the ruling."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.fakes.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = "docs/architecture.md"
PAGE = re.compile(r"(?<![\w/.*{-])((?:[\w-]+/)*[\w-]+\.md)\b(?:`?\)?,? (?:section|§) ?(\d+))?")
RULING = re.compile(r"\b[Rr]ulings? (\d+)")
SECTION = re.compile(r"(?<!\w)[Ss]ection (\d+)\b")
NOT_IN_THE_TREE = re.compile(r"\b[Dd]esign, |\bof the design\b|\bdesign doc")
PROSE = {".py", ".md", ".toml", ".ftl", ".js", ".css", ".html", ".sql", ".yaml", ".service", ""}


def sources():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: nothing tells what belongs to the project")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in PROSE and path.is_file() and path != Path(__file__) and "data" not in path.parts:
            yield path


def numbers(page, *, within=""):
    """The numbers of a page's sections; or of the list in one of them."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if not within:
        return set(re.findall(r"^## (\d+)\.", text, re.MULTILINE))
    part = re.split(r"^## ", text, flags=re.MULTILINE)
    [found] = [one for one in part if one.startswith(within)]
    return set(re.findall(r"^(\d+)\. ", found.partition("\n")[2], re.MULTILINE))


def broken(text, folder=ROOT):
    """The citations of a text that lead nowhere."""
    plain = re.sub(r"\s*\n[ \t]*(?:#|//|--|\*)?[ \t]*", " ", text)
    for page, section in PAGE.findall(plain):
        there = [p for p in (ROOT / page, folder / page) if p.is_file()]
        if not there:
            yield page
        elif section and section not in numbers(there[0].resolve().relative_to(ROOT)):
            yield f"{page}, section {section}"
    rulings = numbers(ARCHITECTURE, within="12. Rulings")
    yield from (f"ruling {n}" for n in RULING.findall(plain) if n not in rulings)
    sections = numbers(ARCHITECTURE)
    yield from (f"section {n}" for n in SECTION.findall(plain) if n not in sections)
    yield from NOT_IN_THE_TREE.findall(plain)


def test_every_citation_leads_to_a_page_a_section_or_a_ruling_that_is_there():
    found = [
        f"{path.relative_to(ROOT)}: {citation}"
        for path in sources()
        for citation in broken(path.read_text(encoding="utf-8"), path.parent)
    ]
    assert found == []


def test_a_citation_that_leads_nowhere_would_be_found():
    assert list(broken(f"as {ARCHITECTURE}, section 5, and ruling 6 say, section 12")) == []
    for text in (
        "see performance.md", "docs/architecture.md, section 99", "as ruling 44 has it", "# (Ruling\n    # 77)",
        "design, section 5", "the exit codes of the design",
    ):  # fmt: skip
        assert list(broken(text)), text
