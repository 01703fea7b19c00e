"""The operations that one socket runs, side by side, each under the id its client gave it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from graphql import GraphQLError, OperationType
from starlette.websockets import WebSocketDisconnect

from domain.kernel.actor import Actor
from resolvers.context import Context
from transport.door import Credential, Door
from transport.line import Breach, Line
from transport.log import Trace, logger, told
from transport.metrics import Metrics
from transport.operation import Answer, House, Operation, broken, refused, understood
from transport.request import Asked
from transport.settings import Settings

GRACE = 10
"""Seconds for mutations to finish when their socket is gone."""
GONE = "Forbidden: the credential no longer holds"
CHANGED = "Forbidden: rights have changed; connect again"


@dataclass(frozen=True, slots=True)
class Hall:
    """What all sockets share."""

    house: House
    door: Door
    metrics: Metrics
    settings: Settings


@dataclass(eq=False)
class Running:
    """An operation under way. A mutation that is no longer wanted is finished all the same, in silence."""

    id: str
    operation: Operation
    trace: Trace
    task: asyncio.Task[None] | None = None
    wanted: bool = True

    def stop(self) -> None:
        self.wanted = False
        if self.task is not None and self.operation.type is not OperationType.MUTATION:
            self.task.cancel()


class Operations:
    """All operations of one socket, for whoever holds its credential."""

    def __init__(self, hall: Hall, line: Line, credential: Credential, request_id: str) -> None:
        self._hall, self._line, self._credential, self._request_id = hall, line, credential, request_id
        self._wanted: dict[str, Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0

    async def start(self, id: str, asked: Asked) -> None:
        """Begin an operation; Breach if another of the same id is under way."""
        if id in self._wanted:
            raise Breach(4409, f"Subscriber for {id} already exists")
        try:
            operation = understood(asked)
            self._check_room()
        except GraphQLError as error:
            await self._line.say({"id": id, "type": "error", "payload": refused(error).errors})
            return
        self._count += 1
        trace = Trace(f"{self._request_id}.{self._count}", operation.name, operation.type.value)
        self._wanted[id] = running = Running(id, operation, trace)
        running.task = asyncio.create_task(self._perform(running))
        self._tasks.add(running.task)
        running.task.add_done_callback(self._tasks.discard)

    def stop(self, id: str) -> None:
        """The client wants no more of it."""
        if (running := self._wanted.pop(id, None)) is not None:
            running.stop()

    async def finish(self) -> None:
        """The client is gone: stop what may be stopped, and let mutations end."""
        for id in list(self._wanted):
            self.stop(id)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)

    def _check_room(self) -> None:
        most = self._hall.settings.socket_operations
        if len(self._tasks) >= most:
            raise GraphQLError(
                f"This socket runs {most} operations already; complete one.", extensions={"code": "TOO_MUCH"}
            )

    async def _perform(self, running: Running) -> None:
        trace = running.trace
        with told("operation", trace, transport="socket"):
            try:
                trace.actor = await self._hall.door.admit(self._credential)
                if trace.actor is None:
                    await self._line.leave(4403, GONE)
                else:
                    await self._answer(running, trace.actor)
            except WebSocketDisconnect:
                trace.outcome = "gone"
            except Exception:  # noqa: BLE001 - one operation must not take the socket with it
                logger().exception("broken", request_id=trace.request_id)
                await self._end(running, Answer({"errors": [broken(trace.request_id)]}, begun=False))
            finally:
                kind, outcome = running.operation.type.value, trace.outcome or "stopped"
                self._hall.metrics.requests.labels("socket", kind, outcome).inc()

    async def _answer(self, running: Running, actor: Actor) -> None:
        async with self._hall.house.context(running.trace, actor) as context:
            if running.operation.type is OperationType.SUBSCRIPTION:
                with self._hall.metrics.subscriptions.track_inprogress():
                    await self._follow(running, context, actor)
                return
            answer = await self._hall.house.run(running.operation, context)
        running.trace.outcome = answer.outcome
        if answer.begun:
            await self._tell(running, answer)
        await self._end(running, answer)

    async def _follow(self, running: Running, context: Context, actor: Actor) -> None:
        answer: Answer | None = None
        async with aclosing(self._hall.house.follow(running.operation, context)) as answers:
            async for answer in answers:
                running.trace.outcome = answer.outcome
                if not answer.begun:
                    break
                if await self._hall.door.glance(self._credential) != actor:
                    await self._line.leave(4403, CHANGED)
                    return
                await self._tell(running, answer)
        await self._end(running, answer)

    async def _tell(self, running: Running, answer: Answer) -> None:
        if running.wanted:
            await self._line.say({"id": running.id, "type": "next", "payload": answer.shown})

    async def _end(self, running: Running, answer: Answer | None = None) -> None:
        """Tell that it is over; what never began ends with its errors."""
        if running.wanted:
            running.wanted = False
            del self._wanted[running.id]
            failed = answer is not None and not answer.begun
            last = {"type": "error", "payload": answer.errors} if answer and failed else {"type": "complete"}
            await self._line.say({"id": running.id, **last})
