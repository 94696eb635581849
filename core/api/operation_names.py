"""Operation ids that read as methods of a generated client: ``cancelOrder``, ``listProducts``."""

from __future__ import annotations

import re
from typing import Final

_VERBS: Final = {"GET": "get", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
# Last parts of a path that say what is done, also when it is asked for by GET.
_GET_VERBS: Final = {"export", "suggest"}
_IRREGULAR: Final = {"addresses": "address"}


def operation_name(*, path: str, method: str, action: str, is_list: bool) -> str:
    """The id of an operation, by its path below ``/api/v1/``.

    ``orders/{id}/cancel/`` is ``cancelOrder``: the last part is what is done, to what stands
    before it. Without such a part the method says what is done: ``orders/`` is ``listOrders``
    or ``createOrder``. An operation for which this reads badly has an explicit
    ``operation_id``.
    """
    parts = _parts_of(path)
    names = [name for name, _is_one in parts]
    if method == "GET" and names[-1] in _GET_VERBS:
        return _join(names[-1], parts[:-1])
    if method != "POST" or action == "create":
        verb = "list" if is_list else _VERBS.get(method, "create")
        *before, (last, _is_one) = parts
        return _join(verb, [*before, (last, not is_list)])
    return _join(names[-1], parts[:-1])


def _parts_of(path: str) -> list[tuple[str, bool]]:
    """The words of a path, each with whether it stands for one thing: an id follows it."""
    path = path.replace("users/me/", "my/" if path != "users/me/" else "me/")
    path = path.removeprefix("auth/")
    segments = [segment for segment in path.split("/") if segment]
    return [
        (segment, following.startswith("{"))
        for segment, following in zip(segments, [*segments[1:], ""], strict=True)
        if not segment.startswith("{")
    ]


def _join(verb: str, parts: list[tuple[str, bool]]) -> str:
    words = [verb]
    for position, (name, is_one) in enumerate(parts):
        is_last = position == len(parts) - 1
        words.append(_singular(name) if is_one or not is_last else name)
    head, *tail = re.split(r"[-_]", "-".join(words))
    return head + "".join(word.capitalize() for word in tail)


def _singular(name: str) -> str:
    if name in _IRREGULAR:
        return _IRREGULAR[name]
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us")) else name
