"""The worker's line to Redis: a message whose acknowledgement was not heard must not hold its place."""

from typing import Any

from kombu.transport import redis, virtual


class FreeingQoS(redis.QoS):
    """Frees the place before Redis is told.

    kombu does it afterwards: one time-out at that moment, and a worker that may hold one message takes no other until it is started
    again. What Redis did not hear it gives out once more after the visibility timeout; every duty may be done twice.
    """

    def ack(self, delivery_tag: Any) -> None:
        virtual.QoS.ack(self, delivery_tag)
        self._remove_from_indices(delivery_tag).execute()  # type: ignore[attr-defined]


def mend() -> None:
    redis.Channel.QoS = FreeingQoS
