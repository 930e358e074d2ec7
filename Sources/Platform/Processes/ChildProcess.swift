/// A program that runs for this process. It ends when this process is told to end early (`ChildProcesses.terminateAll`).
package struct ChildProcess: Sendable {
    /// How a program ended.
    package enum Ending: Equatable, Sendable {
        /// It ended by itself with this code.
        case exit(Int32)
        /// A signal ended it.
        case signal(Int32)
    }

    private let id: pid_t

    /// The file of a program that stands in a folder of `PATH`, or that is named by its path; nil when there is none.
    package static func find(_ name: String) -> String? {
        let folders = (environment("PATH") ?? "").split(separator: ":").map(String.init)
        let candidates = name.contains("/") ? [name] : folders.map { $0 + "/" + name }
        return candidates.first {
            FileStatus(of: FilePath($0))?.type == .regular && access($0, X_OK) == 0
        }
    }

    /// Starts a program, its arguments passed as they are, without a shell.
    /// - Parameters:
    ///   - program: path of its file.
    ///   - descriptors: what becomes of the program's descriptors 0, 1, 2 and so on. They stay open here.
    package static func start(_ program: String, _ arguments: [String], descriptors: [FileDescriptor]) throws(Errno) -> ChildProcess {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // Copies above all targets first, so that no copy overwrites a descriptor that is still to be copied.
        var copies: [FileDescriptor] = []
        defer { for copy in copies { try? copy.closeOnce() } }
        for descriptor in descriptors {
            let copy = fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, CInt(descriptors.count))
            guard copy >= 0 else { throw .last }
            copies.append(FileDescriptor(rawValue: copy))
        }
        for (target, copy) in copies.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, copy.rawValue, CInt(target))
        }
        // It gets nothing else that is open here: a copy of a pipe's writing end would keep the pipe from ending.
        #if canImport(Darwin)
            let closing = Int16(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #else
            let closing: Int16 = 0
            closeAll(from: CInt(copies.count), &actions)
        #endif
        // What this process ignores, and its worker threads block, must end the child all the same.
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) | closing)

        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        return try ChildProcesses.running.withLock { running throws(Errno) in
            var child: pid_t = 0
            let failure = posix_spawn(&child, program, &actions, &attributes, &words, environ)
            guard failure == 0 else { throw Errno(rawValue: failure) }
            running.insert(child)
            return ChildProcess(id: child)
        }
    }

    #if !canImport(Darwin)
        /// By name, as the headers show the function to C programs alone that ask for GNU's; glibc has it from 2.34 on.
        private static func closeAll(from first: CInt, _ actions: inout posix_spawn_file_actions_t) {
            typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, CInt) -> CInt
            guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
            _ = unsafeBitCast(symbol, to: Function.self)(&actions, first)
        }
    #endif

    /// Both ends of a new pipe, of which no other program gets a copy.
    package static func makePipe() throws(Errno) -> (reading: FileDescriptor, writing: FileDescriptor) {
        try ChildProcesses.running.withLock { _ throws(Errno) in
            var ends: [CInt] = [-1, -1]
            guard pipe(&ends) == 0 else { throw .last }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
        }
    }

    /// How the program ended, or nil while it runs. To be asked until it has ended, and not again.
    package func poll() -> Ending? { ending(waitpid: WNOHANG) }

    /// Waits for the program to end.
    package func wait() -> Ending {
        while true {
            if let ending = ending(waitpid: 0) { return ending }
        }
    }

    /// Ends the program and waits for that.
    package func end() {
        kill(id, SIGKILL)
        _ = wait()
    }

    private func ending(waitpid options: Int32) -> Ending? {
        var status: Int32 = 0
        let result = waitpid(id, &status, options)
        if result == 0 || (result < 0 && errno == EINTR) { return nil }
        ChildProcesses.forget(id)
        // Nothing to wait for: somebody else has.
        guard result == id else { return .exit(-1) }
        return status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }
}

/// The programs that run for this process, so that whoever ends it early can end them too.
package enum ChildProcesses {
    /// Also what keeps a program from starting while a pipe is being made.
    fileprivate static let running = Lock<Set<pid_t>>([])

    fileprivate static func forget(_ child: pid_t) { running.withLock { _ = $0.remove(child) } }

    /// Ends every program that was started and has not ended yet.
    package static func terminateAll() {
        running.withLock { for child in $0 { kill(child, SIGTERM) } }
    }
}
