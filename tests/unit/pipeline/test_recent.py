from fanfold.pipeline.recent import Recent


def test_a_document_is_loaded_once() -> None:
    loaded: list[str] = []
    recent: Recent[str] = Recent()

    def load(name: str) -> str:
        loaded.append(name)
        return name.upper()

    assert [recent.get("a", load), recent.get("a", load)] == ["A", "A"]
    assert loaded == ["a"]


def test_the_one_not_used_for_longest_is_forgotten() -> None:
    loaded: list[str] = []
    recent: Recent[None] = Recent(documents_max=2)
    for name in ("a", "b", "a", "c", "a", "b"):
        recent.get(name, loaded.append)
    assert loaded == ["a", "b", "c", "b"]


def test_what_could_not_be_loaded_is_tried_again() -> None:
    recent: Recent[int] = Recent()

    def fail(name: str) -> int:
        raise KeyError(name)

    for load, expected in ((fail, None), (len, 1)):
        try:
            found = recent.get("a", load)
        except KeyError:
            found = None
        assert found == expected
