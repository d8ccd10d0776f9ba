internal import APIServer
public import ArgumentParser
internal import ProfileStore
internal import ProfilesAPI

/// How long profiles are kept, and how much of them.
public struct RetentionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long a profile is kept, counted from when it was stored; 0: until it is deleted. Not for profiles that are labelled profefe.io/pinned=true (default: 120h).",
            valueName: "duration"))
    var retention: String?

    @Option(
        help: ArgumentHelp(
            "File with other times for namespaces and types (profefe.io/v1 RetentionRules). Read again when it changes. Behind it comes a namespace's annotation profefe.io/retention (default: none).",
            valueName: "file"))
    var retentionFile: String?

    @Option(
        help: ArgumentHelp(
            "Bytes of profiles that are kept in all, such as 20Gi; beyond it the oldest go. 0: no limit (default: 0).",
            valueName: "bytes"))
    var maxStoreBytes: String?

    @Option(
        help: ArgumentHelp(
            "The same for each namespace (default: 0).", valueName: "bytes"))
    var maxNamespaceBytes: String?

    @Option(
        help: ArgumentHelp(
            "Room on the file system of --data-dir below which nothing is created (503): bytes such as 256Mi, or a part of it such as 5%; 0: none (default: 256Mi, on a small file system 5%).",
            valueName: "bytes"))
    var diskReserve: String?

    /// The defaults, or what the command line says.
    public init() {}

    /// The options as values.
    struct Completed: Sendable {
        var fallback: RetentionPolicy.Lifetime
        var rulesFile: String?
        var limits: StoreLimits
    }

    /// The names of those that were given: they are about the embedded store.
    var given: [String] {
        [
            ("--retention", retention), ("--retention-file", retentionFile), ("--max-store-bytes", maxStoreBytes),
            ("--max-namespace-bytes", maxNamespaceBytes), ("--disk-reserve", diskReserve),
        ].filter { $0.1 != nil }.map(\.0)
    }

    /// Notes a fault for each that was given: with another store, retention is that store's.
    func refuse(with option: String, _ faults: inout Faults) {
        for flag in given { faults.add(flag, "contradicts \(option): retention is that store's") }
    }

    func complete(_ faults: inout Faults) -> Completed {
        let store = faults.limit("--max-store-bytes", maxStoreBytes)
        let namespace = faults.limit("--max-namespace-bytes", maxNamespaceBytes)
        if let store, let namespace, namespace > store {
            faults.add("--max-namespace-bytes", "\(namespace) is more than --max-store-bytes allows for all: \(store)")
        }
        return Completed(
            fallback: lifetime(&faults),
            rulesFile: retentionFile.map { faults.readable("--retention-file", $0) },
            limits: StoreLimits(storeBytes: store, namespaceBytes: namespace, reserve: reserve(&faults)))
    }

    private func lifetime(_ faults: inout Faults) -> RetentionPolicy.Lifetime {
        let text = retention ?? "120h"
        if let lifetime = RetentionPolicy.Lifetime(goDuration: text) { return lifetime }
        faults.add("--retention", "\"\(text)\" \(RetentionPolicy.Lifetime.accepted)")
        return .forever
    }

    private func reserve(_ faults: inout Faults) -> DiskReserve {
        guard let text = diskReserve else { return .lesser(256 << 20, 0.05) }
        if text.hasSuffix("%") {
            if let percent = Double(text.dropLast()), (0...90).contains(percent) { return .share(percent / 100) }
        } else if let bytes = Quantity(text)?.floor, bytes >= 0 {
            return .bytes(UInt64(bytes))
        }
        faults.add("--disk-reserve", "\"\(text)\" is neither bytes such as 256Mi nor a part from 0% to 90%")
        return .bytes(0)
    }
}

extension Faults {
    /// A number of bytes such as `20Gi`; nil where it is 0 or not given, for no limit.
    fileprivate mutating func limit(_ option: String, _ text: String?) -> Int64? {
        guard let text else { return nil }
        guard let bytes = Quantity(text)?.floor, bytes >= 0 else {
            add(option, "\"\(text)\" is not a number of bytes such as 500M or 20Gi")
            return nil
        }
        return bytes == 0 ? nil : Int64(bytes)
    }
}
