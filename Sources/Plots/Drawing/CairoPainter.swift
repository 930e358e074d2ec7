import CCairo

/// The file formats of pictures.
public enum PictureFormat: String, Sendable, CaseIterable {
    /// PNG has pixels, SVG has curves and grows without loss.
    case png, svg
}

/// Draws a picture with Cairo, on white, and gives it as the bytes of a PNG or SVG file.
public final class CairoPainter: Painter {
    /// Pixels across.
    public let width: Double
    /// Pixels from top to bottom.
    public let height: Double

    private let surface: OpaquePointer
    private let context: OpaquePointer
    private let format: PictureFormat
    private let stream = Stream()

    /// Collects what Cairo writes.
    private final class Stream {
        var bytes: [UInt8] = []

        static let write: cairo_write_func_t = { closure, data, length in
            guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
            Unmanaged<Stream>.fromOpaque(closure).takeUnretainedValue().bytes
                .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
            return CAIRO_STATUS_SUCCESS
        }

        var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
    }

    /// A white picture.
    /// - Throws: `PlotError.size` or `.drawing`.
    public init(width: Int, height: Int, format: PictureFormat) throws(PlotError) {
        try PictureLimits.check(width: width, height: height)
        (self.width, self.height, self.format) = (Double(width), Double(height), format)
        let made: OpaquePointer?
        switch format {
        case .png: made = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
        case .svg:
            made = cairo_svg_surface_create_for_stream(Stream.write, stream.pointer, Double(width), Double(height))
            if let made { cairo_svg_surface_set_document_unit(made, CAIRO_SVG_UNIT_PX) }
        }
        guard let made, let context = cairo_create(made) else { throw .drawing(reason: "Cairo gave no surface") }
        (surface, self.context) = (made, context)
        try check()
        cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        fill(Rectangle(x: 0, y: 0, width: self.width, height: self.height), .background)
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    private func check() throws(PlotError) {
        let status = cairo_status(context)
        let worst = status == CAIRO_STATUS_SUCCESS ? cairo_surface_status(surface) : status
        if worst != CAIRO_STATUS_SUCCESS { throw .drawing(reason: String(cString: cairo_status_to_string(worst))) }
    }

    private func use(_ paint: Paint, opacity: Double = 1) {
        let color: Color
        switch paint {
        case .background: color = Color(gray: 1)
        case .ink: color = Color(gray: 0.13)
        case .grid: color = Color(gray: 0.86)
        case .series(let index): color = SeriesColors.color(index)
        }
        cairo_set_source_rgba(context, color.red, color.green, color.blue, opacity)
    }

    /// Fills a rectangle.
    public func fill(_ rectangle: Rectangle, _ paint: Paint) {
        use(paint)
        cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
        cairo_fill(context)
    }

    /// Fills a closed outline; `opacity` in 0…1.
    public func fill(_ outline: [Point], _ paint: Paint, opacity: Double) {
        use(paint, opacity: opacity)
        trace(outline)
        cairo_close_path(context)
        cairo_fill(context)
    }

    /// Draws a line through points.
    public func stroke(_ points: [Point], width: Double, _ paint: Paint) {
        use(paint)
        cairo_set_line_width(context, width)
        trace(points)
        cairo_stroke(context)
    }

    private func trace(_ points: [Point]) {
        cairo_new_path(context)
        for point in points { cairo_line_to(context, point.x, point.y) }
    }

    /// Writes a line of text: with the stroke font where it has the letters, else with the machine's fonts.
    public func text(_ text: String, at place: Point, size: Double, anchor: TextAnchor, isVertical: Bool) {
        let layout = TextLayout(text, size: size)
        let unit = StrokeFont.unit(size)
        cairo_save(context)
        cairo_translate(context, place.x, place.y)
        if isVertical { cairo_rotate(context, -.pi / 2) }
        cairo_translate(context, anchor == .start ? 0 : anchor == .middle ? -layout.width / 2 : -layout.width, 0)
        use(.ink)
        cairo_set_line_width(context, max(1, size * 0.085))
        cairo_new_path(context)
        var x = 0.0
        for piece in layout.visualOrder {
            switch piece.shape {
            case .strokes(let strokes):
                for stroke in strokes {
                    cairo_new_sub_path(context)
                    for point in stroke { cairo_line_to(context, x + point.x * unit, point.y * unit) }
                }
            case .font(let font, let text):
                // Text ends the path that it stands in.
                cairo_stroke(context)
                cairo_set_font_face(context, font.face)
                cairo_set_font_size(context, size)
                cairo_move_to(context, x, 0)
                cairo_show_text(context, text)
                cairo_new_path(context)
            }
            x += piece.advance
        }
        cairo_stroke(context)
        cairo_restore(context)
    }

    /// Paints `image` with its top left corner at `corner`, a pixel to a pixel.
    /// - Throws: `PlotError.drawing`.
    public func paint(_ image: PixelImage, at corner: Point) throws(PlotError) {
        guard let pixels = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(image.width), Int32(image.height)) else {
            throw .drawing(reason: "Cairo gave no surface")
        }
        defer { cairo_surface_destroy(pixels) }
        guard let data = cairo_image_surface_get_data(pixels) else {
            throw .drawing(reason: String(cString: cairo_status_to_string(cairo_surface_status(pixels))))
        }
        let stride = Int(cairo_image_surface_get_stride(pixels))
        for row in 0..<image.height {
            image.words.withUnsafeBytes { words in
                let line = UnsafeMutableRawBufferPointer(start: data + row * stride, count: image.width * 4)
                line.copyMemory(from: UnsafeRawBufferPointer(rebasing: words[row * image.width * 4..<(row + 1) * image.width * 4]))
            }
        }
        cairo_surface_mark_dirty(pixels)
        cairo_set_source_surface(context, pixels, corner.x, corner.y)
        cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST)
        cairo_paint(context)
        try check()
    }

    /// The finished picture as a file's bytes. Nothing can be drawn afterwards.
    /// - Throws: `PlotError.drawing`.
    public func finish() throws(PlotError) -> [UInt8] {
        cairo_surface_flush(surface)
        try check()
        if format == .png {
            let status = cairo_surface_write_to_png_stream(surface, Stream.write, stream.pointer)
            if status != CAIRO_STATUS_SUCCESS { throw .drawing(reason: String(cString: cairo_status_to_string(status))) }
        }
        cairo_surface_finish(surface)
        let status = cairo_surface_status(surface)
        if status != CAIRO_STATUS_SUCCESS && status != CAIRO_STATUS_SURFACE_FINISHED {
            throw .drawing(reason: String(cString: cairo_status_to_string(status)))
        }
        return stream.bytes
    }
}
