// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioLocks = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// A target of ours: its dependencies are the only imports it may have (checked by the build).
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
    _ target: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil, exclude: [String] = []
) -> Target {
    .testTarget(
        name: "\(target)Tests",
        dependencies: [.init(stringLiteral: target)] + dependencies,
        exclude: exclude,
        resources: resources,
        swiftSettings: settings
    )
}

let package = Package(
    name: "profefe-apiserver",
    products: [.executable(name: "profefe-apiserver", targets: ["profefe-apiserver"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries from Debian's -dev packages; `make deps` installs them.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CGlibc"),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),

        // Libraries, lowest first: arrows go down only.
        library("Digests", ["COpenSSL"]),
        library("HTTPTransport", ["COpenSSL", "CNghttp2", nioCore, nioPosix, nioHTTP1, nioLocks, logging]),
        library("APIMachinery", ["CYAML", "Digests"]),
        library("Pprof", ["CDeflate", "CPCRE2"]),
        library("ProfileReport", ["Pprof"]),
        library(
            "KubeClient",
            ["APIMachinery", "Digests", "HTTPTransport", nioCore, nioPosix, nioHTTP1, nioLocks, logging]),
        library(
            "ProfefeCollector",
            ["APIMachinery", "HTTPTransport", nioCore, nioPosix, nioHTTP1, nioLocks, logging]),
        library(
            "ProfileStore",
            ["APIMachinery", nioCore, nioLocks, logging, "CGlibc", "CSQLite"]),
        library(
            "APIServer",
            [
                "CDeflate", "APIMachinery", "Digests", "HTTPTransport", "KubeClient", nioCore, nioHTTP1, nioLocks,
                logging,
            ]),
        library(
            "ProfileCapture",
            [
                "APIMachinery", "HTTPTransport", "KubeClient", "Pprof", "ProfileStore", nioCore, nioHTTP1, nioLocks,
                logging,
            ]),
        library(
            "ProfilesAPI",
            [
                "APIMachinery", "APIServer", "Digests", "HTTPTransport", "Pprof", "ProfefeCollector", "ProfileCapture",
                "ProfileReport", "ProfileStore", nioCore, nioHTTP1, nioLocks, logging,
            ]),
        library(
            "ServerApp",
            [
                "CGlibc", "APIMachinery", "APIServer", "Digests", "HTTPTransport", "KubeClient", "ProfefeCollector",
                "ProfileCapture", "ProfileStore", "ProfilesAPI",
                nioCore, nioPosix, nioLocks, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        library(
            "TestSupport",
            [
                "APIMachinery", "Digests", "HTTPTransport", "Pprof", "ProfileStore", nioCore, nioPosix, nioHTTP1,
                nioLocks, logging,
            ]),

        // Programs.
        program("profefe-apiserver", ["ServerApp"]),
        program("demo-target", ["HTTPTransport", "Pprof", nioCore, nioPosix, nioHTTP1, logging]),

        // Tests.
        tests("Digests"),
        tests("HTTPTransport", ["TestSupport", nioCore, nioPosix, nioHTTP1, nioEmbedded, nioLocks, logging]),
        tests("APIMachinery", ["Digests", "TestSupport"]),
        tests("Pprof", ["TestSupport"], resources: [.copy("Fixtures")]),
        tests("ProfileReport", ["Digests", "Pprof", "TestSupport"], exclude: ["Goldens.txt"]),
        tests(
            "KubeClient",
            ["APIMachinery", "HTTPTransport", "TestSupport", nioCore, nioPosix, nioHTTP1, nioLocks, logging]),
        tests(
            "ProfefeCollector",
            ["APIMachinery", "HTTPTransport", "TestSupport", nioCore, nioPosix, nioHTTP1, nioLocks, logging]),
        tests("ProfileStore", ["APIMachinery", "Digests", "TestSupport", nioLocks, logging]),
        tests(
            "APIServer",
            [
                "APIMachinery", "Digests", "HTTPTransport", "KubeClient", "Pprof", "TestSupport", nioCore, nioPosix,
                nioHTTP1,
                nioLocks, logging,
            ], exclude: ["Apply/Goldens"]),
        tests(
            "ProfileCapture",
            [
                "APIMachinery", "HTTPTransport", "KubeClient", "Pprof", "ProfileStore", "TestSupport", nioCore,
                nioPosix, nioHTTP1, logging,
            ]),
        tests(
            "ProfilesAPI",
            [
                "APIMachinery", "APIServer", "Digests", "HTTPTransport", "Pprof", "ProfefeCollector", "ProfileCapture",
                "ProfileStore", "TestSupport", nioLocks, nioCore, nioPosix, nioHTTP1, logging,
            ], exclude: ["ProfileCapture/Goldens"]),
        tests(
            "ServerApp",
            [
                "APIMachinery", "APIServer", "HTTPTransport", "KubeClient", "ProfilesAPI", "TestSupport", nioCore,
                nioPosix, nioHTTP1, nioLocks, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "ServerApp", "APIMachinery", "Digests", "HTTPTransport", "Pprof", "ProfileStore", "TestSupport",
                nioCore, nioPosix, nioHTTP1, logging, "demo-target",
            ],
            exclude: ["Clients/client-go", "Clients/python"], swiftSettings: settings),
        .testTarget(
            name: "ClusterTests", dependencies: ["TestSupport", "HTTPTransport", "ServerApp", "demo-target"],
            swiftSettings: settings),
    ]
)

// libFuzzer's program, see Tests/Fuzz/README.md: `make fuzz`.
if Context.environment["FUZZ"] == "1" {
    package.targets.append(
        .executableTarget(
            name: "fuzzers",
            dependencies: [
                "APIMachinery", "APIServer", "Digests", "HTTPTransport", "KubeClient", "Pprof", "ProfefeCollector",
                "ProfileCapture", "ProfileReport", "ProfilesAPI", "TestSupport", nioCore, nioPosix, nioHTTP1,
                nioEmbedded, nioLocks,
                logging,
            ], path: "Tests/Fuzz/fuzzers", swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}

// Benchmarks, built by Tests/Benchmarks/run: `BENCH=1 swift build -c release --product transport-bench`.
if Context.environment["BENCH"] == "1" {
    let benchmarks: [(String, [Target.Dependency])] = [
        ("transport-bench", ["HTTPTransport", nioCore, nioHTTP1, logging]),
        ("pprof-bench", ["Pprof", "ProfileReport"]),
        ("kube-bench", ["TestSupport"]),
        ("collector-bench", ["TestSupport"]),
        ("create-bench", ["APIMachinery", "Digests", "Pprof", "ProfileStore", nioLocks, logging]),
        ("watch-bench", ["HTTPTransport", nioCore, nioHTTP1, nioPosix, nioLocks]),
    ]
    for (name, dependencies) in benchmarks {
        package.targets.append(
            .executableTarget(
                name: name, dependencies: dependencies, path: "Tests/Benchmarks/\(name)", swiftSettings: settings))
    }
}
