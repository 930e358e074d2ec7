"""A codec of a config's settings, by its model_type: today one kind."""
import soundstream

KINDS = {"soundstream": soundstream}


def build(settings):
    """A codec of a config's settings. A name that the model does not have is refused."""
    kind = KINDS.get(settings.get("model_type"))
    if kind is None:
        raise SystemExit(f"model_type {settings.get('model_type')!r}: expected one of {', '.join(KINDS)}")
    try:
        return kind.Codec(kind.Config(**settings))
    except TypeError as error:
        raise SystemExit(f"config: {error}") from None
