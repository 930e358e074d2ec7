"""Sentences in several languages to be spoken by kokoro.py, from Debian packages (downloaded and unpacked, not installed)."""
import html
import pathlib
import re

from prepare import unpack

# Language -> where its texts are: the handbook's folder, and a package of fortunes.
SOURCES = {
    "en": ("en-US", "fortunes"), "es": ("es-ES", "fortunes-es"), "fr": ("fr-FR", None), "it": ("it-IT", "fortunes-it"),
    "pt": ("pt-BR", "fortunes-br")}
HANDBOOK = "debian-handbook"
NOT_SENTENCES = {"ascii-art", "goedel", "zippy", "perl", "magic", "translate-me", "ethnic", "men-women", "drugs"}
ENGLISH = re.compile(r"\b(the|and|of|with|this|that|is|are)\b", re.IGNORECASE)


def paragraphs(language, cache):
    """Raw texts of one language."""
    folder, fortunes = SOURCES[language]
    for path in sorted((unpack(HANDBOOK, cache) / "usr/share/doc" / HANDBOOK / "html" / folder).glob("*.html")):
        for text in re.findall(r'<div class="para">(.*?)</div>', path.read_text(encoding="utf-8", errors="ignore"), re.DOTALL):
            yield html.unescape(re.sub(r"<[^>]+>", "", text))
    if fortunes:
        for path in sorted((unpack(fortunes, cache) / "usr/share/games/fortunes").rglob("*")):
            if path.is_file() and not path.suffix and path.name not in NOT_SENTENCES:
                for text in path.read_bytes().decode("utf-8", errors="ignore").split("\n%\n"):
                    yield re.sub(r"\n\s*--.*", "", text, flags=re.DOTALL)


def usable(sentence, language):
    """Whether a sentence is plain prose of a length that is easily spoken, and of its language."""
    words = sentence.split()
    plain = re.fullmatch(r"[^\W\d_][^\d_<>{}\[\]()/\\|=#@*\"~+^%&$]*[.!?]", sentence)
    return bool(plain) and 3 <= len(words) <= 28 and len(sentence) <= 180 and (language == "en" or not ENGLISH.search(sentence))


def sentences(language, cache):
    """All usable sentences of one language, without repetitions, in a fixed order."""
    found = {}
    for text in paragraphs(language, cache):
        text = re.sub(r"\s+", " ", text.replace("’", "'")).strip()
        found |= dict.fromkeys(piece for piece in re.split(r"(?<=[.!?])\s+", text) if usable(piece, language))
    return list(found)
