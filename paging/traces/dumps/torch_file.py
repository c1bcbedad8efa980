"""What torch.save writes, as far as it is tensors in dicts, lists and tuples; no code of the file is ever called.

A zip archive with the parts ``NAME/data.pkl``, a pickle of protocol 2, and ``NAME/data/KEY``, the numbers of a storage, not
compressed. In the pickle a storage is the persistent id ("storage", its class as torch.IntStorage, KEY, device, length) and a
tensor is torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, …). Source: torch/serialization.py and
torch/_utils.py of PyTorch 2, and files that it wrote; certain for these.

A pickle is a program, so it is not given to pickle, nor to torch, which this package does without. The loop below knows the
instructions that build plain values, and calls nothing: a name stands for itself, and means something only where it is
that of a tensor or of an OrderedDict. What asks for anything else is refused. Values may hold one another many times over, so
nothing here or after it may print, compare or hash one whose type is not known to be a number or a text.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace
from paging.traces.source import TORCH, quote
from paging.untrusted import LARGEST_UNPACKED

STORAGES: Mapping[str, str] = {
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
    "HalfStorage": "<f2",
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
}
"""Classes of storages by what they hold; those of another kind (bfloat16) are kept, and not read."""

TENSOR, ORDERED = "torch._utils._rebuild_tensor_v2", "collections.OrderedDict"


class Refused(ValueError):
    """The pickle asks for more than plain values, or is none."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the pickle, for which nothing is looked up."""

    name: str


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where the numbers of a tensor are; ``storage``: the persistent id."""

    storage: tuple[Any, ...]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def is_torch(content: bytes) -> bool:
    """Whether a zip archive is one of PyTorch."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return any(name.endswith("data.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        return False


class TorchFile:
    """``value``: what was saved, with a Tensor in place of each tensor; ``numbers`` reads one."""

    def __init__(self, content: bytes, where: str) -> None:
        self._where = where
        try:
            self._archive = zipfile.ZipFile(BytesIO(content))
            parts = self._archive.infolist()
            if any(part.compress_type != zipfile.ZIP_STORED for part in parts):
                raise Refused("compressed parts")
            if sum(part.file_size for part in parts) > min(LARGEST_UNPACKED, len(content)):
                raise Refused("parts that are larger than the file")
            (name,) = [part.filename for part in parts if part.filename.endswith("data.pkl")]
            self._folder = name.removesuffix("data.pkl")
            order = self._folder + "byteorder"
            if order in self._archive.namelist() and self._archive.read(order) != b"little":
                raise Refused("numbers that are not little-endian")
            self.value = _run(self._archive.read(name))
        except Exception as error:  # whatever zipfile raises for a broken archive
            raise self._refuse(error) from None

    def numbers(self, tensor: Tensor) -> NDArray[Any]:
        """The tensor as an array. Raises InvalidTrace unless its storage holds all of it, and not more often than once."""
        try:
            kind, storage, key, _, _ = tensor.storage
            dtype = STORAGES.get(storage.name.removeprefix("torch."))
            if kind != "storage" or dtype is None:
                raise Refused(f"a tensor in {quote(storage.name)}")
            stored = np.frombuffer(self._archive.read(f"{self._folder}data/{key}"), dtype)
            count = int(np.prod(tensor.shape, dtype=object))
            pairs = list(zip(tensor.shape, tensor.strides, strict=True))
            if tensor.offset < 0 or any(size < 0 or stride < 0 for size, stride in pairs):
                raise Refused("a tensor with negative numbers in its shape")
            last = tensor.offset + sum((size - 1) * stride for size, stride in pairs)
            if count > len(stored) or (count and last >= len(stored)):
                raise Refused(f"a tensor of shape {tensor.shape} in {len(stored)} numbers")
            strides = tuple(stride * stored.itemsize for stride in tensor.strides)
            view = np.lib.stride_tricks.as_strided(stored[tensor.offset :], tensor.shape, strides)
            return np.array(view)
        except Exception as error:
            raise self._refuse(error) from None

    def _refuse(self, error: Exception) -> InvalidTrace:
        said = " ".join(str(error).split())[:120] or type(error).__name__
        what = "it holds" if isinstance(error, Refused) else "it is broken:"
        return InvalidTrace(f"{self._where}: {TORCH} ({what} {said})")


def _run(program: bytes) -> Any:
    """What a pickle of protocol 2 builds. Raises Refused, or what Python raises for nonsense."""
    stack: list[Any] = []
    marks: list[int] = []
    memo: dict[int, Any] = {}
    at = 0

    def take(count: int) -> bytes:
        nonlocal at
        at += count
        if at > len(program):
            raise Refused("a pickle that ends too early")
        return program[at - count : at]

    def integer(count: int, signed: bool = False) -> int:
        return int.from_bytes(take(count), "little", signed=signed)

    def line() -> str:
        nonlocal at
        end = program.index(b"\n", at)
        begin, at = at, end + 1
        return program[begin:end].decode()

    def marked() -> list[Any]:
        mark = marks.pop()
        items = stack[mark:]
        del stack[mark:]
        return items

    def last(count: int) -> tuple[Any, ...]:
        items = tuple(stack[-count:])
        if len(items) < count:
            raise Refused("a pickle that takes more than it has")
        del stack[-count:]
        return items

    push = stack.append
    build: Mapping[bytes, Callable[[], object]] = {
        b"N": lambda: push(None),
        b"\x88": lambda: push(True),
        b"\x89": lambda: push(False),
        b"K": lambda: push(integer(1)),
        b"M": lambda: push(integer(2)),
        b"J": lambda: push(integer(4, signed=True)),
        b"\x8a": lambda: push(integer(integer(1), signed=True)),
        b"G": lambda: push(struct.unpack(">d", take(8))[0]),
        b"X": lambda: push(take(integer(4)).decode()),
        b"(": lambda: marks.append(len(stack)),
        b")": lambda: push(()),
        b"]": lambda: push([]),
        b"}": lambda: push({}),
        b"t": lambda: push(tuple(marked())),
        b"\x85": lambda: push(last(1)),
        b"\x86": lambda: push(last(2)),
        b"\x87": lambda: push(last(3)),
        b"a": lambda: _extend(stack, last(1)),
        b"e": lambda: _extend(stack, marked()),
        b"s": lambda: _update(stack, last(2)),
        b"u": lambda: _update(stack, marked()),
        b"q": lambda: memo.__setitem__(integer(1), stack[-1]),
        b"r": lambda: memo.__setitem__(integer(4), stack[-1]),
        b"h": lambda: push(memo[integer(1)]),
        b"j": lambda: push(memo[integer(4)]),
        b"c": lambda: push(Name(f"{line()}.{line()}")),
        b"Q": lambda: push(Name("storage") if not isinstance(stack[-1], tuple) else last(1)[0]),
        b"R": lambda: push(_made(*last(2))),
        b"\x80": lambda: take(1),
    }
    while (code := take(1)) != b".":
        if code not in build:
            raise Refused(f"the instruction {code!r}")
        build[code]()
    (value,) = stack
    return value


def _extend(stack: list[Any], items: Any) -> None:
    target = stack[-1]
    if type(target) is not list:
        raise Refused("items of what is no list")
    target.extend(items)


def _update(stack: list[Any], items: Any) -> None:
    target, keys = stack[-1], items[::2]
    if type(target) is not dict or any(
        type(key) not in (str, int) for key in keys
    ):  # tuples of tuples hash for years
        raise Refused("a dict with other keys than names and numbers")
    target.update(zip(keys, items[1::2], strict=True))


def _made(what: Any, arguments: Any) -> Any:
    if isinstance(what, Name) and what.name == ORDERED and arguments == ():
        return {}
    if isinstance(what, Name) and what.name == TENSOR and len(arguments) >= 4:
        storage, offset, shape, strides = arguments[:4]
        numbers = (offset, *shape, *strides)
        known = len(storage) == 5 and type(storage[0]) is type(storage[2]) is str and type(storage[1]) is Name
        if known and all(type(number) is int for number in numbers):
            return Tensor(storage, offset, tuple(shape), tuple(strides))
    raise Refused(f"something to be run: {quote(getattr(what, 'name', 'a value'))}")
