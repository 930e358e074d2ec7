import Kernels
import Platform

/// Log-mel spectrograms: STFT, magnitude or power, mel filters, floor, logarithm.
///
/// Streams: give the spectra of an `STFTAnalysis` to `apply`, row by row or many at once.
public struct LogMel: Sendable {
    /// What of the spectrum goes through the filters.
    public enum Exponent: Sendable, Hashable {
        /// The absolute value |X|.
        case magnitude
        /// Its square |X|².
        case power
    }

    /// The base and scale of the logarithm.
    public enum Logarithm: Sendable, Hashable {
        /// ln.
        case natural
        /// log₁₀.
        case ten
        /// 10 log₁₀: decibels of a power.
        case decibels
    }

    /// The transform that gives the spectra.
    public let stft: STFT
    /// Mel filters, applied to each frame's bins.
    public let filters: MelFilterbank
    /// What of the spectrum goes through the filters.
    public let exponent: Exponent
    /// The base and scale of the logarithm.
    public let logarithm: Logarithm
    /// Filtered values below this are raised to it before the logarithm.
    public let floor: Float

    /// - Throws: `SpectralError.parameter` when the filters take another number of bins than `stft` gives, or `floor` is not positive.
    public init(
        stft: STFT, filters: MelFilterbank, exponent: Exponent = .power, logarithm: Logarithm = .natural,
        floor: Float = 1e-10
    ) throws(SpectralError) {
        guard filters.bins == stft.bins else {
            throw .parameter(
                what: "bins of the mel filters", found: Double(filters.bins), requirement: "the STFT has \(stft.bins)")
        }
        guard floor > 0 else {
            throw .parameter(what: "log-mel floor", found: Double(floor), requirement: "must be positive")
        }
        self.stft = stft
        self.filters = filters
        self.exponent = exponent
        self.logarithm = logarithm
        self.floor = floor
    }

    /// The log-mel spectrogram `[frames, bands]` of a whole signal.
    /// - Throws: `SpectralError.signalTooShort` when reflecting needs more samples.
    public func callAsFunction(_ samples: [Float]) throws(SpectralError) -> Frames {
        apply(try stft.analyze(samples))
    }

    /// Spectra `[frames, bins]` to log-mel `[frames, bands]`.
    public func apply(_ spectrum: Spectrum) -> Frames {
        var mel = filters.apply(exponent == .power ? spectrum.power : spectrum.magnitude)
        mel.withUnsafeMutableBufferPointer { values in
            for i in values.indices {
                let value = max(values[i], floor)
                switch logarithm {
                case .natural: values[i] = logf(value)
                case .ten: values[i] = log10f(value)
                case .decibels: values[i] = 10 * log10f(value)
                }
            }
        }
        return mel
    }
}

/// Mel-frequency cepstral coefficients: the first rows of an orthonormal DCT-II over log-mel bands
/// (Davis and Mermelstein, 1980; scaled as librosa does).
public struct MFCC: Sendable {
    /// Coefficients a frame.
    public let count: Int
    /// Log-mel bands that it takes.
    public let bands: Int
    /// `[count, bands]`.
    private let matrix: [Float]

    /// - Throws: `SpectralError.size` for sizes out of range, or more coefficients than bands.
    public init(count: Int, bands: Int) throws(SpectralError) {
        guard (1...4096).contains(bands) else {
            throw .size(what: "number of mel bands", found: bands, allowed: 1...4096)
        }
        guard (1...bands).contains(count) else {
            throw .size(what: "number of cepstral coefficients", found: count, allowed: 1...bands)
        }
        self.count = count
        self.bands = bands
        matrix = (0..<(count * bands)).map { i in
            let (k, n) = (Double(i / bands), Double(i % bands))
            let scale = ((k == 0 ? 1 : 2) / Double(bands)).squareRoot()
            return Float(scale * cos(Double.pi / Double(bands) * (n + 0.5) * k))
        }
    }

    /// Log-mel frames `[time, bands]` to coefficients `[time, count]`. librosa feeds decibels with a floor 80 dB below the
    /// loudest value of the whole signal (`limitedRange`).
    public func apply(_ logMel: Frames) -> Frames {
        precondition(logMel.channels == bands, "rows of \(logMel.channels) bands for an MFCC over \(bands)")
        return Frames(count: logMel.count, channels: count) { output in
            logMel.withUnsafeBufferPointer { input in
                matrix.withUnsafeBufferPointer { m in
                    for t in 0..<logMel.count {
                        for k in 0..<count {
                            var sum: Float = 0
                            for n in 0..<bands { sum += m[k * bands + n] * input[t * bands + n] }
                            output[t * count + k] = sum
                        }
                    }
                }
            }
        }
    }

    /// Raises every value to at least the largest one minus `range`: librosa's `top_db`, which needs the whole signal.
    public static func limitedRange(_ logMel: Frames, range: Float = 80) -> Frames {
        let floor = (logMel.values.max() ?? 0) - range
        return Frames(count: logMel.count, channels: logMel.channels, values: logMel.values.map { max($0, floor) })
    }
}
