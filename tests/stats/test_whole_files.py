"""A file that several write at once is always one of theirs, whole."""

from concurrent.futures import ThreadPoolExecutor

from analysis.whole_files import write_whole

SIZE = 300_000


def test_writers_at_once_never_show_half_a_file(tmp_path):
    path = tmp_path / "ledger.jsonl"
    write_whole(path, "a" * SIZE)

    def write(letter: str) -> None:
        for _ in range(40):
            write_whole(path, letter * SIZE)

    with ThreadPoolExecutor(3) as threads:
        writing = [threads.submit(write, letter) for letter in "abc"]
        while not all(future.done() for future in writing):
            seen = path.read_text()
            assert (len(seen), len(set(seen))) == (SIZE, 1)
        assert [future.result() for future in writing] == [None] * 3
    assert [item.name for item in tmp_path.iterdir()] == ["ledger.jsonl"]


def test_text_is_utf8_as_it_stands(tmp_path):
    assert write_whole(tmp_path / "a.csv", "né\n").read_bytes() == "né\n".encode()
