import CCairo
import Plots

/// The pixels of a PNG file, for tests.
struct PNGImage {
    let width: Int
    let height: Int
    private var pixels: [UInt32] = []

    struct Unreadable: Error {}

    private final class Input {
        var rest: ArraySlice<UInt8>
        init(_ bytes: [UInt8]) { rest = bytes[...] }
    }

    init(_ bytes: [UInt8]) throws {
        let input = Input(bytes)
        let read: cairo_read_func_t = { closure, data, length in
            guard let closure, let data else { return CAIRO_STATUS_READ_ERROR }
            let input = Unmanaged<Input>.fromOpaque(closure).takeUnretainedValue()
            guard input.rest.count >= Int(length) else { return CAIRO_STATUS_READ_ERROR }
            for (i, byte) in input.rest.prefix(Int(length)).enumerated() { data[i] = byte }
            input.rest = input.rest.dropFirst(Int(length))
            return CAIRO_STATUS_SUCCESS
        }
        let surface = withExtendedLifetime(input) {
            cairo_image_surface_create_from_png_stream(read, Unmanaged.passUnretained(input).toOpaque())
        }
        defer { cairo_surface_destroy(surface) }
        guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(surface) else {
            throw Unreadable()
        }
        width = Int(cairo_image_surface_get_width(surface))
        height = Int(cairo_image_surface_get_height(surface))
        let stride = Int(cairo_image_surface_get_stride(surface))
        for y in 0..<height {
            for x in 0..<width { pixels.append(UnsafeRawPointer(data).load(fromByteOffset: y * stride + 4 * x, as: UInt32.self)) }
        }
    }

    /// Red, green and blue of a pixel, from the top left corner.
    subscript(x: Int, y: Int) -> (UInt8, UInt8, UInt8) {
        let pixel = pixels[y * width + x]
        return (UInt8(pixel >> 16 & 255), UInt8(pixel >> 8 & 255), UInt8(pixel & 255))
    }

    func isNear(_ pixel: (UInt8, UInt8, UInt8), _ color: Color, by tolerance: Double = 3) -> Bool {
        abs(Double(pixel.0) - color.red * 255) <= tolerance && abs(Double(pixel.1) - color.green * 255) <= tolerance
            && abs(Double(pixel.2) - color.blue * 255) <= tolerance
    }
}
