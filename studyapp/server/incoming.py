"""What a connection has sent so far, and whether a request of it is whole.

A request goes to a thread when all of it is there: whoever sends slowly, or not at all, keeps nobody waiting.
A part of an upload, which may have gigabytes, goes there in pieces, each a request of its own.
"""

import re

LONGEST_HEAD = 32 * 1024
# More than the application takes (`studyapp.web.security`): what is longer is refused by its head alone.
LONGEST_BODY = 512 * 1024
# Bytes of an upload that wait in memory until it is known that whoever sends them may, and then at a time.
FIRST_PIECE, PIECE = 256 * 1024, 4 * 1024 * 1024

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*(?=\r\n)", re.IGNORECASE)
_CODING = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_UPLOAD = re.compile(rb"\r\ncontent-type:[ \t]*application/offset\+octet-stream[ \t]*\r\n", re.IGNORECASE)
_OFFSET = re.compile(rb"\r\nupload-offset:[ \t]*([0-9]{1,15})[ \t]*\r\n", re.IGNORECASE)
# What differs from piece to piece, and what is answered here.
_OWN = re.compile(rb"\r\n(?:content-length|upload-offset|expect):[^\r]*(?=\r\n)", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class UnfitRequestError(Exception):
    """A request that no thread is bothered with; `status` says why in HTTP's words."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Incoming:
    """The bytes of requests that arrive on one connection, one behind the other.

    Examples
    --------
    >>> incoming = Incoming()
    >>> incoming.feed(b"POST / HTTP/1.1\\r\\nContent-Length: 2\\r\\n\\r\\na")
    >>> incoming.whole
    False
    >>> incoming.feed(b"bGET")
    >>> incoming.take()
    b'POST / HTTP/1.1\\r\\nContent-Length: 2\\r\\n\\r\\nab'
    >>> incoming.begun, incoming.whole
    (True, False)
    """

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._size: int | None = None  # of the first request, when its head is there
        self.overlong = False  # the body of the request that was taken is not read: nothing can follow it
        self._upload: _Upload | None = None  # what is still to come of a body that is taken in pieces

    @property
    def begun(self) -> bool:
        """Whether something of a request is there."""
        return bool(self._bytes) or self._upload is not None

    @property
    def in_pieces(self) -> bool:
        """Whether more of the request is to come than what can be taken now."""
        return self._upload is not None

    @property
    def between_pieces(self) -> bool:
        """Whether a piece of the request was taken, and more of it is to come."""
        return self._upload is not None and self._upload.begun

    @property
    def has_head(self) -> bool:
        """Whether the head of a request is there."""
        return self._size is not None

    @property
    def whole(self) -> bool:
        """Whether all of a request is there."""
        return self._size is not None and len(self._bytes) >= self._size

    @property
    def waits_for_word(self) -> bool:
        """Whether whoever sends wants to hear that the rest is welcome."""
        if self._upload is not None:
            return self._upload.expects and not self._upload.begun
        return self.has_head and not self.whole and bool(_EXPECTS.search(self._head()))

    def feed(self, data: bytes) -> None:
        """Add what arrived.

        Raises
        ------
        UnfitRequestError
            When the head is too long, or the body comes without its length told before.
        """
        self._bytes += data
        self._measure()

    def take(self) -> bytes:
        """Return the first request, which is whole; what follows is looked at with the next `feed`."""
        size = self._size or 0
        request = bytes(self._bytes[:size])
        del self._bytes[:size]
        self._size = None
        return request

    def take_piece(self) -> tuple[bytes, bytes]:
        """Return the head and the body of a request for the piece of an upload that is there."""
        upload, size = self._upload, self._size or 0
        assert upload is not None
        body = bytes(self._bytes[:size])
        del self._bytes[:size]
        self._size = None
        head = upload.head_for(size)
        upload.begun, upload.offset, upload.left = True, upload.offset + size, upload.left - size
        if not upload.left:
            self._upload = None
        return head, body

    def cut(self) -> bool:
        """Make do with what is there of an upload, as no more will come; return whether that is something."""
        if self._upload is None or not self._upload.begun or not self._bytes:
            return False
        self._size = self._upload.left = min(len(self._bytes), self._upload.left)
        self.overlong = True
        return True

    def _measure(self) -> None:
        if self._size is not None:
            return
        if self._upload is not None:
            self._size = min(PIECE, self._upload.left)
            return
        while self._bytes.startswith(b"\r\n"):  # an empty line before a request is allowed
            del self._bytes[:2]
        end = self._bytes.find(_END, 0, LONGEST_HEAD + len(_END))
        if end < 0:
            if len(self._bytes) > LONGEST_HEAD:
                raise UnfitRequestError("431 Request Header Fields Too Large")
            return
        self._size = end + len(_END)
        head = self._head()
        if _CODING.search(head):
            raise UnfitRequestError("411 Length Required")
        body = int(found[1]) if (found := _LENGTH.search(head)) else 0
        offset = _OFFSET.search(head)
        if body > FIRST_PIECE and offset and _UPLOAD.search(head) and len(_LENGTH.findall(head)) == 1:
            self._upload = _Upload(head, int(offset[1]), body)
            del self._bytes[: self._size]
            self._size = FIRST_PIECE
        elif body > LONGEST_BODY:
            self.overlong = True
        else:
            self._size += body

    def _head(self) -> bytes:
        return bytes(self._bytes[: self._bytes.find(_END) + len(_END)])


class _Upload:
    """What is still to come of an upload's body, and the head that its pieces get."""

    def __init__(self, head: bytes, offset: int, left: int) -> None:
        self._head, self.offset, self.left = _OWN.sub(b"", head)[: -len(_END)], offset, left
        self.expects = bool(_EXPECTS.search(head))
        self.begun = False  # whether a piece was taken

    def head_for(self, size: int) -> bytes:
        """Return the head of a request for the next so many bytes."""
        return self._head + b"\r\nUpload-Offset: %d\r\nContent-Length: %d" % (self.offset, size) + _END
