import CForkCheck
import CKernels
import Foundation
import Kernels
import Testing

/// A forked child computes what its parent computes, and does not hang. ThreadSanitizer cannot follow threads that a child starts.
@Suite(.serialized, .disabled(if: ProcessInfo.processInfo.environment["CODETTA_SANITIZER"] == "thread"))
struct ForkTests {
    private static let sets = [CK_PORTABLE, CK_NEON, CK_AVX2, CK_AVX512].map { Int32($0.rawValue) }.filter(ck_available)

    @Test(arguments: sets) func aChildWorksOnThreadsOfItsOwn(_ set: Int32) {
        #expect(check_fork_of_idle_pool(set) == 0)
    }

    @Test(arguments: sets) func aChildOfABusyParentDoesNotHang(_ set: Int32) {
        #expect(check_fork_of_busy_pool(set) == 0)
    }

    @Test func theMomentOfTheForkDoesNotMatter() throws {
        #expect(check_forks_at_any_moment(try #require(Self.sets.last), 25) == 0)
    }

    @Test func locksThatTheParentHeldAreFree() {
        #expect(check_fork_with_lock_held() == 0)
    }
}
