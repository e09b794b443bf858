"""Encryption of what is stored: one key, AES in EAX mode, which also tells whether the bytes were changed.

The cipher is LangGraph's own, so that a database that it has encrypted with the same key is read here, and the other
way round. No error quotes a key.
"""

from __future__ import annotations

import base64
import binascii
import re

from langgraph.checkpoint.serde.base import CipherProtocol, SerializerProtocol
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer

from fsm_langgraph.errors import EncryptionError, SetupError

INSTALL = "pip install 'fsm-langgraph[encryption]'"
KEY_WORDS = "a key of 16, 24 or 32 bytes, be it as bytes or as a text in hex or base64"
"""The values of `encryption_key`, in words."""
KEY_ADVICE = "Make one: python -c 'import secrets; print(secrets.token_hex(32))'"

_LENGTHS = (16, 24, 32)


def encrypted(serializer: SerializerProtocol, key: bytes | str) -> EncryptedSerializer:
    """Return a serializer that encrypts what another one has written.

    Args:
        serializer: The other one.
        key: The key, in any of its forms.

    Raises:
        SetupError: It is no key, or the package for encryption is not installed.
    """
    read = read_key(key)
    if read is None:
        raise SetupError(f"encryption_key: it is not {KEY_WORDS}.\n  {KEY_ADVICE}")
    try:
        made = EncryptedSerializer.from_pycryptodome_aes(serializer, key=read)
    except ImportError as error:
        raise SetupError(f"encryption_key: pycryptodome is not installed.\n  {INSTALL}") from error
    return EncryptedSerializer(TellingCipher(made.cipher), serializer)


def read_key(key: object) -> bytes | None:
    """Return the bytes of a key; `None` where it is none."""
    if isinstance(key, str):
        text = key.strip()
        is_hex = re.fullmatch(r"(?:[0-9a-fA-F]{2})+", text) is not None and len(text) // 2 in _LENGTHS
        try:
            key = bytes.fromhex(text) if is_hex else base64.b64decode(text.translate(_URL_SAFE), validate=True)
        except (ValueError, binascii.Error):
            return None
    return key if isinstance(key, bytes) and len(key) in _LENGTHS else None


_URL_SAFE = str.maketrans("-_", "+/")


class TellingCipher(CipherProtocol):
    """A cipher that tells what it cannot decrypt.

    Args:
        cipher: The one that does it.
    """

    def __init__(self, cipher: CipherProtocol) -> None:
        self._cipher = cipher

    def encrypt(self, plaintext: bytes) -> tuple[str, bytes]:
        """Encrypt; return the cipher's name and the bytes."""
        return self._cipher.encrypt(plaintext)

    def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
        """Decrypt.

        Raises:
            EncryptionError: It is of another key or another cipher, or was changed.
        """
        if ciphername != _CIPHER:
            raise EncryptionError(f"it is encrypted by the cipher {ciphername!r}, not {_CIPHER!r}.", _ANOTHER)
        try:
            return self._cipher.decrypt(ciphername, ciphertext)
        except (ValueError, TypeError) as error:
            # The cause says no more, and its frames hold the key.
            told = f"it cannot be decrypted: it is of another key, or was changed ({type(error).__name__})."
        raise EncryptionError(told, _ANOTHER)


_CIPHER = "aes"
_ANOTHER = "Give the key that it was stored with. Nothing was changed."


def check_key(serializer: SerializerProtocol, form: str | None, data: bytes | None) -> None:
    """See that something stored can be decrypted, before anything is added to it; it is not built.

    Args:
        serializer: The serializer that is to read it.
        form: Its format, with the cipher's name.
        data: Its bytes.

    Raises:
        EncryptionError: It cannot be.
    """
    if form is None or "+" not in form or data is None:
        return
    if isinstance(serializer, EncryptedSerializer):
        serializer.cipher.decrypt(form.partition("+")[2], data)
    else:
        serializer.loads_typed((form, data))
