"""The trial model's process: serves OpenAI's wire format on loopback until standard input closes.

Run as a script, of the standard library and the runtime's folder only. Its first line says where it
listens.
"""

import os
import sys
from importlib import import_module
from typing import Any


def serve(folder: str, model: str, context_tokens: int, output_tokens: int) -> None:
    sys.path.insert(0, folder)
    runtime: Any = import_module("xllamacpp")
    params = runtime.CommonParams()
    params.model.path = model
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = context_tokens
    params.n_predict = output_tokens
    params.n_parallel = 1
    # Its threads wait by spinning: on a busy machine more of them answer later.
    params.cpuparams.n_threads = max((os.cpu_count() or 1) // 2, 1)
    params.offline = True
    params.warmup = False
    server = runtime.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    # Closed when the process that started this one stops it, or dies.
    sys.stdin.read()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
