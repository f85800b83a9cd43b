"""Events come out of a stream whole, wherever it was cut and however its lines end."""

import pytest

from agentverse.llm.providers.event_stream import EventSplitter, EventTooLarge

STREAM = b": a comment\n\nevent: x\ndata: {1}\n\ndata:two\ndata: lines\n\nid: 3\n\ndata: [DONE]\n\n"


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_stream_cut_anywhere_gives_the_same_events(ending: bytes) -> None:
    stream = STREAM.replace(b"\n", ending)
    for place in range(len(stream)):
        splitter = EventSplitter()
        found = [*splitter.feed(stream[:place]), *splitter.feed(stream[place:]), *splitter.end()]
        assert found == [b"{1}", b"two\nlines", b"[DONE]"], place


def test_event_beyond_the_cap_is_refused_before_it_ends() -> None:
    splitter = EventSplitter(largest_event_bytes=10)
    assert splitter.feed(b"data: 12345\n\n") == [b"12345"]
    with pytest.raises(EventTooLarge):
        splitter.feed(b"data: 1234567890")
