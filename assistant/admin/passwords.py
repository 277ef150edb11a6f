"""The password of the admin page: only its hash is stored, made and checked by argon2-cffi (Argon2id, RFC 9106).

The hash is a file of the home that only its owner may read, or the environment variable; there is no default.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from assistant.corpus.official import write_atomically
from assistant.errors import SettingsError

FILE = "admin.hash"
VARIABLE = "LEITPLANKE_ADMIN_PASSWORD_HASH"
MINIMUM = 12
MAXIMUM = 256
"""Characters; longer input is refused unread, so that nobody makes us hash megabytes."""


def make_hash(password: str) -> str:
    """The hash of a new password. Raises SettingsError if it is too short or too long."""
    from argon2 import PasswordHasher

    if not MINIMUM <= len(password) <= MAXIMUM:
        raise SettingsError(
            f"Das Kennwort hat {len(password)} Zeichen, erwartet werden {MINIMUM} bis {MAXIMUM}. Gut sind vier oder mehr "
            "zufällige Wörter."
        )
    return PasswordHasher().hash(password)


def matches(stored: str, password: str) -> bool:
    """Whether this is the password. A stored hash that is none matches nothing."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > MAXIMUM:
        return False
    try:
        return PasswordHasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def write_hash(home: Path, hashed: str) -> Path:
    """Store the hash in the home, readable by its owner only. Raises SettingsError."""
    target = home / FILE
    before = os.umask(0o077)
    try:
        write_atomically(target, (hashed + "\n").encode())
        target.chmod(0o600)
    except OSError as error:
        raise SettingsError(f"{target} kann nicht geschrieben werden ({error.strerror}). Platz und Rechte prüfen.") from error
    finally:
        os.umask(before)
    return target


def read_hash(home: Path, environ: Mapping[str, str] = os.environ) -> str | None:
    """The stored hash: from the environment, else from the file; None where there is none.

    Raises SettingsError if it is no hash or if others may read the file.
    """
    where, stored = f"Umgebungsvariable {VARIABLE}", environ.get(VARIABLE, "").strip()
    target = home / FILE
    if not stored and target.exists():
        where = str(target)
        try:
            if stat.S_IMODE(target.stat().st_mode) & 0o077:
                raise SettingsError(f"{target} darf nur für das eigene Konto lesbar sein. Bitte „chmod 600 {target}“ ausführen.")
            stored = target.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{target} kann nicht gelesen werden. Rechte prüfen oder „leitplanke admin passwort“ ausführen.") from error
    if not stored:
        return None
    if not _is_hash(stored):
        raise SettingsError(f"{where} enthält keinen Kennwort-Hash. Mit „leitplanke admin passwort“ einen neuen anlegen.")
    return stored


def _is_hash(text: str) -> bool:
    from argon2 import extract_parameters
    from argon2.exceptions import InvalidHashError

    try:
        extract_parameters(text)
    except InvalidHashError:
        return False
    return text.startswith("$argon2id$")
