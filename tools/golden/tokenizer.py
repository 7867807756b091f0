#!/usr/bin/env python3
"""Writes tests/golden/text/: what Hugging Face's `tokenizers` makes of many strings, the nasty ones included.

  vocab.txt         a synthetic vocabulary laid out like BERT's (specials at 0 and 100 to 103), made here
  tokenizer.jsonl   one case a line: [text, max_tokens, ids]
  code_points.txt   for each block of 4096 code points the FNV-1a hash of the words of "x" + character + "x"

A literal "[SEP]" in a text is text here (encode_special_tokens), as in vglaw's Tokenizer.
Usage: python3 tools/golden/tokenizer.py   (needs `pip install tokenizers`; rewrites the same bytes each time)
"""
import json
import pathlib
import random
import unicodedata

from tokenizers import BertWordPieceTokenizer, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "text"
RNG = random.Random(20240613)

WORDS = """a an the of on in at to by with and or not is are was that this who which whose left right top bottom middle
center upper lower front back behind next near far closest farthest between under above below beside second
third fourth last first one two three four five red blue green yellow white black grey gray brown pink
orange purple silver golden dark light bright striped spotted plaid small large big little tiny huge tall
short long round square old young man woman boy girl child kid baby person people guy lady player umpire
catcher batter skier surfer rider dog cat horse cow sheep zebra giraffe elephant bear bird banana apple
pizza cake donut sandwich carrot broccoli bowl cup glass bottle plate fork knife spoon table chair couch bed
desk laptop keyboard mouse phone television remote book clock vase umbrella suitcase backpack handbag tie
shirt jacket pants shorts dress hat cap helmet gloves shoes skateboard surfboard snowboard skis frisbee kite
racket bat ball car truck bus train motorcycle bicycle airplane boat bench hydrant sign light meter wearing
holding standing sitting looking facing eating riding walking running jumping swinging throwing catching
leaning lying playing driving parked partially visible cropped hidden blurry reflection shadow corner edge
side half piece slice whole empty full open closed towards away camera only just his her its their hand arm
leg head face hair ear tail wheel window door""".split()
NAMES = """café naïve résumé Zürich Ångström Ærøskøbing Łódź Škoda İstanbul Iğdır DİYARBAKIR straße STRASSE ẞ Œuvre
ŒUVRE ﬁne ﬂower ½ ² ℃ Å K Ω ΑΘΉΝΑ Σίσυφος ΟΔΥΣΣΕΥΣ Москва ЁЛКА Йод їжак ქართული ᲥᲐᲠᲗᲣᲚᲘ Հայաստան שָׁלוֹם
שלום مُحَمَّد محمد ٱلْعَرَبِيَّة नमस्ते हिन्दी বাংলা தமிழ் ไทย ภาษาไทย ລາວ မြန်မာ ខ្មែរ 日本語 中文字符 ひらがな カタカナ
ガギグ ｶﾀｶﾅ 한국어 서울 각 갛 ÅÄÖ ñandú NGƯỜI Việt ǅ ǆ ǈ Ǆ ŉ ǰ ΐ ᾳ ᾼ Ⅷ ⓐ Ⓐ Ꭰ ꭰ 𐐀𐐨 𝐀𝐁 𝒜 𝟘 ﷺ ﻻ ｆｕｌｌ ＷＩＤＴＨ！ 豈 﨑 㐀 𠀀 𫠠 𫤠 丽""".split()
NASTY = (
    "\0 \x01 \t \n \r"
    " \x0b \x0c \x1b \x7f \x80 \x85 \x9f \xa0 \xad ͏ \u0600 \u061c \u070f \u1680 \u180e \u2000 \u200a \u200b"
    " \u200c \u200d \u200e \u200f"
    " \u2028 \u2029 \u202a \u202e \u202f \u205f \u2060 \u2066 \u2069 \u3000 \ufeff \ufff9 \ufffc"
    " \ufffd \ue000 \uf8ff \U000f0000 \U0010fffd \U000e0001 \U000e007f \u0378 \uffff \ufdd0 \U0001ffff"
).split(" ")
MARKS = (
    "\u0300 \u0301 \u0307 \u0308 \u030a \u0323 \u0327 \u0328 \u0334 \u0345 \u0483 \u0591 \u05b0 \u064b \u0651 "
    "\u093c \u0e38 \u1ab0 \u1dc0 \u20dd \u3099 \ufe0f \ufe20 \U0001d165 \U0001d167 \u302e \u1dfb \u1df6 \u09fe "
    "\u08d4 \U0001e000 \U0001e944 \u1b44 \u0903 \u1715 \u1ac1"
).split(" ")
EMOJI = "😀 👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 ❤️ ☕ ☺️ 🇹🇷 1️⃣ ✈ ™ © ® ♥ 🫠 🪿".split()
PUNCTUATION = [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)).startswith("P")]
PUNCTUATION += list("$+<=>^`|~¢£€¬±×÷")  # S*: the ASCII ones split, the others do not


def vocabulary():
    pieces = ["[PAD]"] + [f"[unused{i}]" for i in range(99)] + ["[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    seen = dict.fromkeys(pieces)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    for c in map(chr, range(33, 127)):
        if not c.isupper():
            seen[c] = None
    # 'q' has no continuation: words such as "iraq" lose a part and become [UNK] as a whole.
    for c in letters.replace("q", ""):
        seen["##" + c] = None
    for c in "αβγδεθικλνορσςυμосквалийїქაթհ한국日本語中文字ー。、…—–“”‘’«»¿¡½²ßæøœłıđ€™😀👍❤שלוםمحمد":
        seen[c] = None
        if RNG.random() < 0.7:
            seen["##" + c] = None
    for jamo in range(0x1100, 0x1113):
        seen[chr(jamo)] = None
    for jamo in [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]:
        seen["##" + chr(jamo)] = None
    for word in WORDS:
        seen[word] = None
        for cut in range(2, len(word)):
            if RNG.random() < 0.25:
                seen[word[:cut]] = None
            if RNG.random() < 0.35:
                seen["##" + word[cut:]] = None
    for word in NAMES:
        if RNG.random() < 0.5:
            plain = unicodedata.normalize("NFD", word.lower())
            seen["".join(c for c in plain if unicodedata.category(c) != "Mn")] = None
    while len(seen) < 2600:
        syllable = "".join(RNG.choice("bcdfghjklmnprstvwz") + RNG.choice("aeiou") for _ in range(RNG.randint(1, 2)))
        seen[RNG.choice(["", "##"]) + syllable + RNG.choice(["", "n", "s", "r"])] = None
    return [piece for piece in seen if piece]


def scalar():
    while True:
        plane = RNG.choice([0x250, 0x3000, 0x10000, 0x20000, 0x110000])
        c = RNG.randrange(plane)
        if not 0xD800 <= c <= 0xDFFF:
            return chr(c)


def expression():
    words = [RNG.choice(WORDS) for _ in range(RNG.randint(1, 9))]
    style = RNG.random()
    if style < 0.2:
        words = [w.upper() for w in words]
    elif style < 0.4:
        words = [w + RNG.choice(["s", "ing", "'s", "ly", "-ish", "est", "qu", "2"]) for w in words]
    return RNG.choice([" ", " ", " ", "  ", ", ", "-", "\t"]).join(words) + RNG.choice(["", "", ".", "?", "!!", "\n"])


def mixture():
    pools = [WORDS, NAMES, NASTY, MARKS, EMOJI, PUNCTUATION, list("abcXYZ0 19"), [" "]]
    return "".join(RNG.choice(RNG.choice(pools)) for _ in range(RNG.randint(1, 14)))


def strings():
    yield from ["", " ", "\t\n\r ", "\0", "\ufffd", "\u0301", "[SEP]", "[CLS] a man [SEP]", "[MASK]"]
    yield from ["the [mask]", "[UNK]", "[PAD][PAD]", "[unused5]", "##s", "a ##s", "#", "man##s", "\ufeffman"]
    yield from ["ma\u200dn", "ma\u00adn", "İ", "i\u0307", "ΣΑΣ ΣΑΣ.", "x" * 100, "x" * 101, "é" * 100, "é" * 101]
    yield from ["e\u0301" * 100, "e\u0301" * 101]
    yield from ["a" * 99 + "q", "日" * 120, "!" * 120, "한" * 33, "한" * 34, "iraq", "q", "the iraqs left", "man,woman"]
    yield from ["don't", "U.S.A."]
    for pool in (WORDS, NAMES, NASTY, EMOJI):
        yield from pool
    for c in PUNCTUATION:
        yield f"man{c}dog"
    for c in NASTY:
        yield f"left{c}man {c} dog{c}"
    for c in MARKS:
        yield f"e{c}dge {c}a"
    for a in MARKS:
        b, c = RNG.choice(MARKS), RNG.choice(MARKS)
        yield f"a{a}{b}{c}b"
    for _ in range(500):
        yield expression()
    for _ in range(800):
        yield mixture()
    for _ in range(250):
        yield "".join(scalar() for _ in range(RNG.randint(1, 8)))


def cases():
    for text in strings():
        yield text, 40
    for _ in range(40):  # cut: in the middle of a word too
        yield expression() + " " + expression() + RNG.choice(["", "", "q"]), RNG.choice([2, 3, 4, 5, 7, 10])
    yield " ".join(RNG.choice(WORDS) for _ in range(600)), 40
    yield " ".join(RNG.choice(WORDS) for _ in range(600)), 512
    yield "a" * 5000, 40
    yield "." * 3000, 20
    yield "", 2


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    vocab = vocabulary()
    (OUT / "vocab.txt").write_bytes("".join(piece + "\n" for piece in vocab).encode())
    ids = {piece: i for i, piece in enumerate(vocab)}
    options = dict(clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True)
    ours = Tokenizer(WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    ours.normalizer, ours.pre_tokenizer = BertNormalizer(**options), BertPreTokenizer()
    ours.post_processor = BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    stock = BertWordPieceTokenizer(str(OUT / "vocab.txt"), **options)
    with open(OUT / "tokenizer.jsonl", "w", newline="\n") as out:
        for text, limit in cases():
            ours.enable_truncation(limit)
            stock.enable_truncation(limit)
            encoded = ours.encode(text).ids
            if not any(special in text for special in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")):
                assert encoded == stock.encode(text).ids, text
            out.write(json.dumps([text, limit, encoded], separators=(",", ":")) + "\n")
    with open(OUT / "code_points.txt", "w", newline="\n") as out:
        for block in range(0, 0x110000, 0x1000):
            text = []
            for c in range(block, block + 0x1000):
                if not 0xD800 <= c <= 0xDFFF:
                    normal = ours.normalizer.normalize_str("x" + chr(c) + "x")
                    text.append(" ".join(word for word, _ in ours.pre_tokenizer.pre_tokenize_str(normal)) + "\n")
            out.write(f"{block:06x} {fnv1a(''.join(text).encode()):016x}\n")


if __name__ == "__main__":
    main()
