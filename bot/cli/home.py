"""Where this machine's user keeps books and pictures while no configuration says otherwise: one folder for all commands."""

import os
import sys
from pathlib import Path
from typing import Any

from bot.errors import ConfigError
from bot.process import modes

_VARIABLES, _OF_LOGS = "EASEL__", "EASEL__LOG__"  # how the variables of a configuration begin
_HOME = "EASEL_HOME"
DATABASE = "easel.db"


def home() -> Path:
    """Where this machine's user keeps such data."""
    if own := os.environ.get(_HOME):
        return Path(own)
    match sys.platform:
        case "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        case "darwin":
            base = Path.home() / "Library" / "Application Support"
        case _:  # every other system is a Unix
            base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "easel"


def sections_of(folder: Path) -> dict[str, Any]:
    """The sections of a configuration that keep all of it in this folder. Raises ConfigError where that can't be."""
    try:
        modes.make_folder(folder)
    except OSError as error:
        raise ConfigError(
            f"{folder} can't be used: {error.strerror}; set {_HOME} to another folder"
        ) from error
    return {
        "store": {"url": f"sqlite:///{folder / DATABASE}"},
        "assets": {"url": str(folder / "pictures")},
    }


def is_configured() -> bool:
    """Whether the environment says where things are; a database in this very folder does, where no home is named."""
    if any(name.startswith(_VARIABLES) and not name.startswith(_OF_LOGS) for name in os.environ):
        return True
    return not os.environ.get(_HOME) and Path(DATABASE).exists()
