import Dispatch
import Platform
import Testing

@Test func aLockLetsOneThreadInAtATime() {
    let count = Lock(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
        for _ in 0..<1000 { count.withLock { $0 += 1 } }
    }
    #expect(count.withLock { $0 } == 8000)
}
