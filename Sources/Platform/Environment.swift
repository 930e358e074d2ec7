/// The value of an environment variable, or nil when it is unset.
package func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
