import Foundation

/// A pipe whose two ends are plain descriptors.
package struct POSIXPipe: Sendable {
    package let reading: Int32
    package let writing: Int32

    package init() {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0, "no pipe")
        (reading, writing) = (ends[0], ends[1])
    }

    /// Writes `bytes` from another thread, then closes the writing end.
    package func feed(_ bytes: [UInt8]) {
        let writing = self.writing
        Thread.detachNewThread {
            send(bytes, to: writing)
            close(writing)
        }
    }
}

/// Writes all of `bytes`, or until the reader goes away.
package func send(_ bytes: [UInt8], to descriptor: Int32) {
    var done = 0
    while done < bytes.count {
        let sent = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if sent <= 0 { return }
        done += sent
    }
}

/// Everything that comes out of `descriptor` up to its end.
package func receive(from descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let got = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if got <= 0 { return all }
        all += buffer[..<got]
    }
}
