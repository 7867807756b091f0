"""Writes tests/golden/format/events.tfevents with the `tensorboard` package: the messages it defines, the records its own writer frames.
A file version, a session start, scalars whose tags and values try what an encoder could get wrong.

Needs tensorboard >= 2.20. Run from the repository root: python tools/golden/event_file.py
"""

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

SECOND = 1732449600.25
SCALARS = [
    (0, SECOND + 1, [("train/loss", 4.5)]),
    (200, SECOND + 2.5, [("train/loss", 0.1), ("train/data_wait", 0.0), ("val/prec@0.5", -1.5)]),
    (5_000_000_000, SECOND + 1e6, [("a name of more than 127 bytes " * 5, 3.4e38), ("größe", float("inf"))]),
]


def main() -> None:
    events = [event_pb2.Event(wall_time=SECOND, file_version="brain.Event:2")]
    start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    events.append(event_pb2.Event(wall_time=SECOND, step=101, session_log=start))
    for step, wall_time, scalars in SCALARS:
        values = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in scalars]
        events.append(event_pb2.Event(wall_time=wall_time, step=step, summary=summary_pb2.Summary(value=values)))
    with open("tests/golden/format/events.tfevents", "wb") as file:
        writer = RecordWriter(file)
        for event in events:
            writer.write(event.SerializeToString())


if __name__ == "__main__":
    main()
