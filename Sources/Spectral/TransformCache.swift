import Platform
import Transforms

/// Every transform of the process by its size, made on first use and kept: a size comes up again with every signal.
///
/// `@unchecked Sendable` is safe: `transforms` is only touched while `mutex` is held.
final class TransformCache: @unchecked Sendable {
    private var transforms: [Int: any RealTransform] = [:]
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// The transform of `size`, which `make` makes under the lock if there is none yet.
    func transform(size: Int, make: () throws(SpectralError) -> any RealTransform) throws(SpectralError) -> any RealTransform {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if let transform = transforms[size] { return transform }
        let transform = try make()
        transforms[size] = transform
        return transform
    }
}
