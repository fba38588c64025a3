"""A bucket of an S3 server as a disk, through `obstore`: for the second tier, where files are written whole."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from istros.base.errors import IstrosError
from istros.base.secret_files import SecretExposed, SecretMissing, read_secret
from istros.store.disk_local import inside

CONNECT_TIMEOUT = timedelta(seconds=5)
TIMEOUT = timedelta(seconds=60)
RETRY = timedelta(seconds=10)
"""How long one request is tried again: whoever asked decides what to do then, and a person waits for a picture."""

_PAGE = 1000


class CredentialsUnsafe(IstrosError):
    """The file with the bucket's key is missing, readable for others, or not as it should be."""

    code = "credentials"


@dataclass(frozen=True, slots=True)
class BucketKey:
    """The account at the S3 server; never shown. Empty: from the environment (`AWS_ACCESS_KEY_ID` and so on)."""

    id: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


def _same_bucket(bucket: str, prefix: str, endpoint: str, region: str, key: BucketKey | None) -> BucketDisk:
    return BucketDisk(bucket, prefix, endpoint=endpoint, region=region, key=key)


class BucketDisk:
    """Implements `store.disk.Disk` in a bucket, below a prefix; safe to use from several threads.

    Every failure but a missing file is an OSError that names the bucket, without address and key.
    """

    def __init__(
        self, bucket: str, prefix: str = "", *, endpoint: str = "", region: str = "", key: BucketKey | None = None
    ) -> None:
        self._name = bucket
        self._made_of = (bucket, prefix, endpoint, region, key)
        more = {"access_key_id": key.id, "secret_access_key": key.secret} if key is not None and key.id else {}
        if endpoint:
            more["endpoint"] = endpoint
        self._store = S3Store(
            bucket, prefix=prefix or None, region=region or "us-east-1",
            client_options={
                "allow_http": endpoint.startswith("http://"), "connect_timeout": CONNECT_TIMEOUT, "timeout": TIMEOUT,
            },
            retry_config={"max_retries": 2, "retry_timeout": RETRY}, **more,  # type: ignore[arg-type]
        )  # fmt: skip

    def __reduce__(self) -> tuple[Callable[..., BucketDisk], tuple[object, ...]]:
        """Handed to another process it is the same bucket, opened anew."""
        return _same_bucket, self._made_of

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        """Make the file of these pieces: whole, or not at all."""
        with self._answers(path):
            obstore.put(self._store, inside(path), iter(pieces), use_multipart=True, chunk_size=8 << 20)

    def append(self, path: str, data: bytes) -> None:
        """Refused: objects cannot grow, so nothing is recorded to a bucket."""
        raise OSError(errno.EROFS, "files in a bucket cannot grow", path)

    def truncate(self, path: str, size: int) -> None:
        """Cut the file off after `size` bytes, by writing it anew."""
        self.write(path, [self.read(path, 0, size)])

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes of a file; shorter at its end. FileNotFoundError when it is not there."""
        with self._answers(path):
            if length is None and offset == 0:
                return bytes(obstore.get(self._store, inside(path)).bytes())
            size = int(obstore.head(self._store, inside(path))["size"])
            end = size if length is None else min(size, offset + length)
            if end <= offset:
                return b""
            return bytes(obstore.get_range(self._store, inside(path), start=offset, end=end))

    def size(self, path: str) -> int | None:
        """Length in bytes, or None when the file is not there."""
        try:
            with self._answers(path):
                return int(obstore.head(self._store, inside(path))["size"])
        except FileNotFoundError:
            return None

    def sync(self, path: str) -> None:
        """Nothing to do: what was written is kept by the server."""

    def remove(self, path: str) -> None:
        """Delete the file; silent when it is not there."""
        try:
            with self._answers(path):
                obstore.delete(self._store, inside(path))
        except FileNotFoundError:
            pass

    def walk(self, prefix: str = "") -> Iterator[str]:
        """Every file below the folder `prefix`, in order of path."""
        with self._answers(prefix):
            for page in obstore.list(self._store, prefix or None, chunk_size=_PAGE):
                yield from (entry["path"] for entry in page)

    def free_bytes(self) -> int:
        """As much as one likes: a bucket has no end of its own."""
        return 1 << 62

    def total_bytes(self) -> int:
        """-1: a bucket cannot tell."""
        return -1

    @contextmanager
    def _answers(self, path: str) -> Iterator[None]:
        try:
            yield
        except (NotFoundError, FileNotFoundError):
            raise FileNotFoundError(errno.ENOENT, "no such file in the bucket", path) from None
        except BaseError as error:
            # The server's own words may hold its address and what was signed: they are left out.
            sentence = f"the bucket '{self._name}' does not answer as it should ({type(error).__name__})"
            raise OSError(errno.EIO, sentence, path) from None


def read_key(path: Path) -> BucketKey:
    """The account in a file of two lines, `id` and `secret`, that only the node's own account can read.

    CredentialsUnsafe.
    """
    try:
        lines = read_secret(path, "key of the bucket").decode().split()
    except (SecretMissing, SecretExposed, UnicodeDecodeError) as error:
        remedy = error.remedy if isinstance(error, SecretExposed) else "Check the file."
        raise CredentialsUnsafe(f"{str(error).split('. ')[0].rstrip('.')}.", remedy) from error
    if len(lines) != 2:
        raise CredentialsUnsafe(
            f"The file {path} does not hold a key.",
            "Write the access key's id on the first line, its secret on the next.",
        )
    return BucketKey(*lines)
