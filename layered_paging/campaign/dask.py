"""Tasks on a Dask cluster: one that is there, or one on this machine for as long as the campaign runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any
from uuid import uuid4

from layered_paging.campaign.place import machine_memory
from layered_paging.campaign.version import package_version
from paging.errors import InvalidArgument, WorkerRefused, WorkersLost

LOCAL = "local"
CONNECT = 10
"""Seconds until an address that does not answer is given up."""

LOST = (
    "the connection to the Dask scheduler is lost; `layered-paging campaign resume` goes on where it stopped"
)

FRESH = 1.0
"""Seconds for which the number of workers is taken to be the same."""


class Dask:
    """``address``: of a scheduler, or "local". A killed worker's task is tried again by Dask itself, three times.

    Raises InvalidArgument if there is no such scheduler or ``distributed`` is not installed, WorkerRefused if a worker has
    another version of the package.
    """

    retries = False

    def __init__(self, address: str, workers: int) -> None:
        try:
            import dask
            from distributed import Client, LocalCluster
        except ModuleNotFoundError:
            raise InvalidArgument("--dask: needs distributed: pip install 'layered-paging[dask]'") from None
        self._cluster: Any = None
        if address == LOCAL:
            dask.config.set({"distributed.scheduler.allowed-failures": 3})
            self._cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                memory_limit=0,
                silence_logs=50,
            )
        try:
            self._client: Any = Client(self._cluster or address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            said = " ".join(str(error).split())[:200]
            raise InvalidArgument(
                f"--dask: no Dask scheduler at {address!r} ({said}); expected {LOCAL} or tcp://HOST:PORT"
            ) from None
        self._executor = self._client.get_executor(pure=False)
        self._keys: dict[Future[Any], str] = {}
        self._counted = (0.0, 0)
        try:
            self._judge()
            self.memory, self.largest = self._memory()
        except BaseException:
            self.close(now=True)
            raise

    def size(self) -> int:
        """Threads of all workers."""
        at, count = self._counted
        if time.monotonic() - at > FRESH:
            if self._client.status not in ("running", "connecting"):
                raise WorkersLost(LOST)
            count = sum(self._client.nthreads().values())
            self._counted = (time.monotonic(), count)
        return count

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Under a key of its own: nothing is taken for the same as something before."""
        for done in [done for done in self._keys if done.done()]:
            del self._keys[done]
        key = f"campaign-{uuid4().hex}"
        future: Future[Any] = self._executor.submit(work, *arguments, key=key)
        self._keys[future] = key
        return future

    def lost(self, error: BaseException) -> bool:
        """Dask has given up. Raises WorkersLost if there is no Dask any more."""
        from distributed import KilledWorker

        if isinstance(error, CancelledError):
            raise WorkersLost(LOST)
        return isinstance(error, KilledWorker)

    def stop(self, future: Future[Any]) -> None:
        """Restart the worker that has the key; the task is cancelled first, lest Dask tries it again."""
        key = self._keys.get(future)
        found = [where for where, keys in self._client.processing().items() if key in keys]
        future.cancel()
        with suppress(Exception):
            self._client.restart_workers(found, timeout=CONNECT, raise_for_error=False)

    def close(self, now: bool) -> None:
        """Leave the cluster, and end one that was made for this."""
        for future in list(self._keys):
            future.cancel()
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _judge(self) -> None:
        mine = package_version()
        for where, theirs in self._client.run(package_version, on_error="return").items():
            if theirs != mine:
                said = theirs if isinstance(theirs, str) else f"none ({type(theirs).__name__}: {theirs})"
                raise WorkerRefused(
                    f"worker {where} is refused: its layered-paging is {said}, expected {mine}"
                )

    def _memory(self) -> tuple[int, int]:
        if self._cluster is not None:
            return machine_memory(), machine_memory()
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        limits = [worker["memory_limit"] or machine_memory() for worker in workers]
        return sum(limits), max(limits, default=machine_memory())
