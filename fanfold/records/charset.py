"""Names the encoding of text of one byte or two a character that is not UTF-8, as far as the text gives it away."""

SAMPLE_BYTES = 64 * 1024
"""Of the lines that are not ASCII: more makes the verdict no clearer."""

WESTERN = {"cp1252", "latin_1"}

CANDIDATES = [
    *sorted(WESTERN), "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "iso8859_2", "koi8_r", "mac_roman",
    "cp932", "euc_jp", "gb18030", "big5", "cp949",
]  # fmt: skip
"""What may be told apart: the encodings we read, and those we know well enough to refuse by their names."""

EVIDENCE_BYTES_MIN = 16
"""Fewer bytes beyond ASCII are no evidence against Western text."""

CHAOS_MARGIN = 0.1
"""Western text may look this much messier to the detector than another reading, which it does in Portuguese."""


def foreign_charset(head: bytes) -> str | None:
    """Name the encoding that the text is strongly believed to have, if it is not a Western one."""
    lines = [line for line in head.split(b"\n") if not line.isascii()]
    sample = b"\n".join(lines)[:SAMPLE_BYTES]
    sample = sample[: sample.rfind(b"\n")] if b"\n" in sample else sample
    if len(sample.translate(None, bytes(range(128)))) < EVIDENCE_BYTES_MIN:
        return None
    from charset_normalizer import from_bytes  # noqa: PLC0415 - slow to import, and most text is UTF-8

    matches = from_bytes(sample, cp_isolation=CANDIDATES, preemptive_behaviour=False)
    best = matches.best()
    if best is None:
        return None
    close = [match for match in matches if match.chaos <= best.chaos + CHAOS_MARGIN]
    if any(WESTERN & {match.encoding, *match.could_be_from_charset} for match in close):
        return None
    return str(best.encoding)
