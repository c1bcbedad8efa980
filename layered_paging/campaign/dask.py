"""Tasks on a Dask cluster: one that is there, or one on this machine for as long as the campaign runs."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any
from uuid import uuid4

from layered_paging.campaign.place import machine_memory
from layered_paging.campaign.version import package_version
from paging.errors import InvalidArgument, WorkerRefused, WorkersLost

LOCAL = "local"
CONNECT = 10
"""Seconds until an address that does not answer is given up."""

RESUME = "`layered-paging campaign resume` goes on where it stopped"
LOST = f"the connection to the Dask scheduler is lost; {RESUME}"

RESTART = 10
"""Seconds until a hanging worker that does not end is given up."""

PATIENCE = 60
"""Seconds without any worker until the campaign is given up."""

FRESH = 0.5
"""Seconds for which the workers are taken to be the same."""


class Dask:
    """``address``: of a scheduler, or "local". Each worker has one task at a time, chosen for it here: when it dies, it is
    known which task died with it, and no other is blamed, as Dask's own retries would.

    Raises InvalidArgument if there is no such scheduler or ``distributed`` is not installed, WorkerRefused if a worker has
    another version of the package.
    """

    retries = False

    def __init__(self, address: str, workers: int) -> None:
        try:
            from distributed import Client, LocalCluster
        except ModuleNotFoundError:
            raise InvalidArgument("--dask: needs distributed: pip install 'layered-paging[dask]'") from None
        self._cluster: Any = None
        self._wanted = workers
        if address == LOCAL:
            self._cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
                silence_logs=50,
                preload=["layered_paging.campaign.dask_worker"],
            )
        try:
            self._client: Any = Client(self._cluster or address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            said = " ".join(str(error).split())[:200]
            raise InvalidArgument(
                f"--dask: no Dask scheduler at {address!r} ({said}); expected {LOCAL} or tcp://HOST:PORT"
            ) from None
        self._executor = self._client.get_executor(pure=False, retries=0)
        self._where: dict[Future[Any], str] = {}
        self._dropped: set[Future[Any]] = set()
        self._workers: set[str] = set()
        self._looked = 0.0
        self._last_seen = time.monotonic()  # when there was a worker
        try:
            self._judge()
            self.memory, self.largest = self._memory()
        except BaseException:
            self.close(now=True)
            raise

    def size(self) -> int:
        """The number of workers. Raises WorkersLost if there is no Dask any more, or nobody in it for long."""
        if time.monotonic() - self._looked > FRESH:
            if self._client.status not in ("running", "connecting"):
                raise WorkersLost(LOST)
            self._workers = set(self._client.nthreads())
            self._looked = time.monotonic()
            if self._cluster is not None and len(self._workers) < self._wanted:
                # Dask gives up a worker that dies while it starts; this has it replaced once the cluster has noticed
                self._cluster.scale(self._wanted)
            if self._workers:
                self._last_seen = self._looked
            elif self._looked - self._last_seen > PATIENCE:
                raise WorkersLost(f"no Dask worker for {PATIENCE:g} s; {RESUME}")
            for future, where in self._where.items():
                if where not in self._workers and not future.done():
                    self._drop(future)
        return len(self._workers)

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """To an idle worker, and to no other."""
        self._where = {future: where for future, where in self._where.items() if not future.done()}
        where = min(self._workers - set(self._where.values()))
        future: Future[Any] = self._executor.submit(
            work, *arguments, workers=[where], allow_other_workers=False, key=f"campaign-{uuid4().hex}"
        )
        self._where[future] = where
        return future

    def lost(self, future: Future[Any]) -> bool:
        """Its worker is not there any more. Raises WorkersLost if there is no Dask any more."""
        from distributed import KilledWorker

        if future in self._dropped:
            self._dropped.remove(future)
            return True
        if future.cancelled():
            raise WorkersLost(LOST)
        return isinstance(future.exception(), KilledWorker)

    def stop(self, future: Future[Any]) -> None:
        """Restart the worker; the task is dropped first, lest Dask tries it again."""
        self._drop(future)
        with suppress(Exception):  # it may be gone already
            self._client.restart_workers([self._where[future]], timeout=RESTART, raise_for_error=False)

    def close(self, now: bool) -> None:
        """Leave the cluster, and end one that was made for this."""
        disabled = logging.root.manager.disable
        logging.disable()  # Dask is not told that its workers are to be killed
        try:
            self._close(now)
        finally:
            logging.disable(disabled)

    def _close(self, now: bool) -> None:
        if now and self._cluster is not None:
            for nanny in self._cluster.workers.values():  # they would wait for what they are doing
                nanny.auto_restart = False
                with suppress(ProcessLookupError, TypeError, AttributeError):
                    os.kill(nanny.pid, signal.SIGKILL)
        for future in self._where:
            future.cancel()
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _drop(self, future: Future[Any]) -> None:
        self._dropped.add(future)
        future.cancel()

    def _judge(self) -> None:
        mine = _expected()
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
        limits = [worker["memory_limit"] or machine_memory() for worker in workers] or [machine_memory()]
        return sum(limits), min(limits)


def _expected() -> str:
    return package_version()
