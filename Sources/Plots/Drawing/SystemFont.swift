import CCairo

/// A font of the machine, for characters that have no strokes.
final class SystemFont {
    let face: OpaquePointer
    /// At `size`, unhinted, so that advances scale.
    private let scaled: OpaquePointer
    private static let size = 100.0

    /// A font that has `scalar`; nil where the machine has none.
    init?(having scalar: Unicode.Scalar) {
        guard let face = ccairo_font_with(scalar.value) else { return nil }
        var (matrix, identity) = (cairo_matrix_t(), cairo_matrix_t())
        cairo_matrix_init_scale(&matrix, Self.size, Self.size)
        cairo_matrix_init_identity(&identity)
        let options = cairo_font_options_create()
        defer { cairo_font_options_destroy(options) }
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        guard let scaled = cairo_scaled_font_create(face, &matrix, &identity, options) else {
            cairo_font_face_destroy(face)
            return nil
        }
        (self.face, self.scaled) = (face, scaled)
        if cairo_scaled_font_status(scaled) != CAIRO_STATUS_SUCCESS { return nil }
    }

    deinit {
        cairo_scaled_font_destroy(scaled)
        cairo_font_face_destroy(face)
    }

    /// How far `text` reaches at size 1; nil if the font lacks one of its characters.
    func advance(_ text: String) -> Double? {
        var glyphs: UnsafeMutablePointer<cairo_glyph_t>?
        var count: Int32 = 0
        let status = cairo_scaled_font_text_to_glyphs(scaled, 0, 0, text, -1, &glyphs, &count, nil, nil, nil)
        defer { cairo_glyph_free(glyphs) }
        guard status == CAIRO_STATUS_SUCCESS, let glyphs, count > 0 else { return nil }
        // Glyph 0 stands for what a font does not have.
        guard !UnsafeBufferPointer(start: glyphs, count: Int(count)).contains(where: { $0.index == 0 }) else { return nil }
        var extents = cairo_text_extents_t()
        cairo_scaled_font_glyph_extents(scaled, glyphs, count, &extents)
        return extents.x_advance / Self.size
    }
}
