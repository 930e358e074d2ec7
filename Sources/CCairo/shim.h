#include <cairo.h>
#include <cairo-ft.h>
#include <cairo-svg.h>
#include <stdint.h>

/* The sans-serif font of the system that has a character, or NULL where none has. The caller destroys it. */
static inline cairo_font_face_t *ccairo_font_with(uint32_t character) {
    cairo_font_face_t *face = NULL;
    FcPattern *wish = FcPatternCreate();
    FcCharSet *characters = FcCharSetCreate();
    if (wish && characters && FcCharSetAddChar(characters, character)
        && FcPatternAddCharSet(wish, FC_CHARSET, characters)
        && FcPatternAddString(wish, FC_FAMILY, (const FcChar8 *)"sans-serif")
        && FcConfigSubstitute(NULL, wish, FcMatchPattern)) {
        FcDefaultSubstitute(wish);
        FcResult result;
        FcPattern *font = FcFontMatch(NULL, wish, &result);
        FcCharSet *covered = NULL;
        /* The best match need not have the character. */
        if (font && FcPatternGetCharSet(font, FC_CHARSET, 0, &covered) == FcResultMatch && FcCharSetHasChar(covered, character))
            face = cairo_ft_font_face_create_for_pattern(font);
        if (font) FcPatternDestroy(font);
    }
    if (characters) FcCharSetDestroy(characters);
    if (wish) FcPatternDestroy(wish);
    return face;
}
