import Spectral
import Testing

struct WindowTests {
    @Test func cosineWindowsMatchSciPy() throws {
        try expectGolden(try Window.hann.values(11), "window.hann.periodic", tolerance: 1e-7)
        try expectGolden(try Window.hann.values(11, symmetry: .symmetric), "window.hann.symmetric", tolerance: 1e-7)
        try expectGolden(try Window.hamming.values(11), "window.hamming.periodic", tolerance: 1e-7)
        try expectGolden(try Window.hamming.values(11, symmetry: .symmetric), "window.hamming.symmetric", tolerance: 1e-7)
    }

    @Test func lappedWindowsMatchSciPy() throws {
        try expectGolden(try Window.sine.values(12), "window.sine", tolerance: 1e-7)
        try expectGolden(try Window.kaiserBesselDerived(alpha: 4).values(16), "window.kbd", tolerance: 1e-7)
    }

    @Test func aWindowOfOneValueIsOne() throws {
        #expect(try Window.hann.values(1, symmetry: .symmetric) == [1])
        #expect(try Window.rectangular.values(3) == [1, 1, 1])
    }

    @Test func refusesWhatCannotBeAWindow() {
        #expect(throws: SpectralError.self) { try Window.hann.values(0) }
        #expect(throws: SpectralError.self) { try Window.hann.values(Int.max) }
        #expect(throws: SpectralError.oddSize(what: "Kaiser-Bessel-derived window length", found: 7)) {
            try Window.kaiserBesselDerived(alpha: 4).values(7)
        }
        #expect(throws: SpectralError.self) { try Window.kaiserBesselDerived(alpha: .nan).values(8) }
    }
}
