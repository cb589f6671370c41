"""Watches every Python process of a test: network beyond this machine, and unpickling.

Python loads a module of this name when it starts, where its folder is on PYTHONPATH. What it sees goes to
the file that SHARPRECL_WATCH names, one JSON line an event; unpickling a class or function also raises.
"""

import ipaddress
import json
import os
import sys
import traceback
from typing import Any

FILE = os.environ["SHARPRECL_WATCH"]
ADDRESS_EVENTS = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}
NAME_EVENTS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


def _is_here(host: Any) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def _write(event: str, what: Any) -> None:
    stack = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_stack()[:-2]]
    line = json.dumps({"event": event, "what": repr(what), "process": os.getpid(), "stack": stack})
    with open(FILE, "a", encoding="utf-8") as file:
        file.write(line + "\n")


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ADDRESS_EVENTS:
        address = arguments[1]
        # Sockets of the kernel and of the file system have no address of two parts with a host.
        if isinstance(address, tuple) and isinstance(address[0], str | bytes) and not _is_here(address[0]):
            _write(event, address)
    elif event in NAME_EVENTS:
        if not _is_here(arguments[0]):
            _write(event, arguments)
    elif event == "pickle.find_class":
        _write(event, arguments)
        raise RuntimeError(f"unpickled without restriction: {arguments}")


_write("start", sys.orig_argv)
sys.addaudithook(_watch)
