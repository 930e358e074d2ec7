// The C library of the system, and swift-system's names for its files, under one name: `import Platform` brings both along.
#if canImport(Glibc)
    @_exported import Glibc
#elseif canImport(Musl)
    @_exported import Musl
#elseif canImport(Darwin)
    @_exported import Darwin
#endif
@_exported import SystemPackage
