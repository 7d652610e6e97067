"""What reading a configuration costs, and reading it again after a change: `make bench-reading`.

Processor time of this process, the best of several; no Envoy and no translation.
"""

import time
from collections.abc import Callable

from access_model.load import NOTHING_READ, Loaded, Memory, load
from benchmarks.xds_parts import configuration
from service_kit.garbage import uncollected

ROUTES = (100, 1_000, 10_000)
PORT, HERE, THERE = 8443, 9000, 9001


def read(text: str, memory: Memory) -> Loaded:
    """Read a text that names no files."""
    with uncollected():
        return load(text, source="ostiary.yaml", environment={}, read_file=lambda _: b"", memory=memory)


def milliseconds(work: Callable[[], object], repeats: int) -> float:
    """The least processor time of several runs."""
    seconds = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        seconds.append(time.process_time() - begun)
    return min(seconds) * 1000


def main() -> None:
    """Measure and print."""
    print("| routes | first reading ms | after a change of one route ms | after a change of a global setting ms |")
    for count in ROUTES:
        first = configuration(count, PORT, [HERE] * count)
        one = configuration(count, PORT, [HERE] * (count - 1) + [THERE])
        every = configuration(count, PORT, [HERE] * count, pass_identity_headers="true")
        memory = read(first, NOTHING_READ).memory
        cells = [
            milliseconds(lambda text=first: read(text, NOTHING_READ), 5),  # type: ignore[misc]
            milliseconds(lambda text=one, memory=memory: read(text, memory), 20),  # type: ignore[misc]
            milliseconds(lambda text=every, memory=memory: read(text, memory), 5),  # type: ignore[misc]
        ]
        print(f"| {count:,} | {' | '.join(f'{cell:.1f}' for cell in cells)} |", flush=True)


if __name__ == "__main__":
    main()
