"""Real randomness, argon2, time-based codes, and the one secret that seals what must be readable again."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import threading
from datetime import datetime
from pathlib import Path

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken

from services.review.domain.passwords import normalised
from services.runtime.errors import PermanentError

# No 0/O, 1/l/I: a first password is read aloud or typed from paper.
READABLE = "abcdefghijkmnpqrstuvwxyz23456789"
STEP_SECONDS = 30
# At most this many argon2 computations (64 MiB each) at a time: log-in must not fill the memory.
AT_ONCE = 4


class RealSecrets:
    """The port `Secrets`."""

    def token(self) -> str:
        """256 random bits, URL-safe."""
        return secrets.token_urlsafe(32)

    def hash(self, token: str) -> str:
        """SHA-256, hex: enough for what has 256 bits of its own."""
        return hashlib.sha256(token.encode()).hexdigest()

    def password(self) -> str:
        """Four groups of four readable signs: 80 bits."""
        return "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(4))


class Argon2Hasher:
    """The port `Hasher`: argon2id, the same time whether or not there is such a person."""

    def __init__(self, *, memory_kib: int = 65536, time_cost: int = 3, parallelism: int = 2) -> None:
        self._argon = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism)
        self._gate = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = _hash_of_nothing(memory_kib, time_cost, parallelism)

    def hash(self, password: str) -> str:
        """The hash with its salt and parameters."""
        with self._gate:
            return self._argon.hash(normalised(password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password belongs to the hash; without a hash the same work is done."""
        return self.matches(password_hash or self._nobody, password) and password_hash is not None

    def matches(self, stored: str, password: str) -> bool:
        """One computation of argon2, whatever comes of it."""
        try:
            with self._gate:
                return self._argon.verify(stored, normalised(password))
        except (VerificationError, InvalidHashError):
            return False


def _hash_of_nothing(memory_kib: int, time_cost: int, parallelism: int) -> str:
    """A hash that no password has, with the parameters of all others: checking it takes as long as checking one."""
    salt, digest = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={memory_kib},t={time_cost},p={parallelism}${salt}${digest}"


class Box:
    """Seals small secrets with the house's secret (AES-128-CBC and HMAC-SHA256, the Fernet format)."""

    def __init__(self, secret: str) -> None:
        key = hashlib.scrypt(secret.encode(), salt=b"otzvuk review box", n=2**12, r=8, p=1, dklen=32)
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, text: str) -> str:
        """The sealed form, printable."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text. Raises PermanentError when the house's secret is another one."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise PermanentError("This was sealed with another secret: set the old review secret again.") from None


class Totp:
    """The port `SecondFactor`: RFC 6238, six digits, 30 s, one step of tolerance to each side."""

    def __init__(self, box: Box, issuer: str = "Otzvuk") -> None:
        self._box = box
        self._issuer = issuer

    def new_secret(self) -> str:
        """A sealed secret of 160 bits."""
        return self._box.seal(pyotp.random_base32())

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:
        """The time step that the code belongs to, or None when it is wrong or too old."""
        digits = code.replace(" ", "")
        if len(digits) != 6 or not digits.isascii() or not digits.isdigit():
            return None
        codes = pyotp.TOTP(self._box.open(secret), interval=STEP_SECONDS)
        present = int(now.timestamp()) // STEP_SECONDS
        right = [
            step
            for step in (present - 1, present, present + 1)
            if secrets.compare_digest(codes.generate_otp(step), digits)
        ]
        return right[0] if right else None

    def uri(self, secret: str, account: str) -> str:
        """The otpauth address that authenticator apps read."""
        return pyotp.TOTP(self._box.open(secret)).provisioning_uri(name=account, issuer_name=self._issuer)

    def plain(self, secret: str) -> str:
        """The secret for typing by hand."""
        return self._box.open(secret)


def secret_in_file(path: Path) -> str:
    """The secret kept in a file, made at the first time with rights for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secret := secrets.token_urlsafe(32))
    return secret
