internal import APIServer
public import ArgumentParser

/// The front proxy, where it isn't to be learnt from the cluster. Flags are the apiserver library's.
public struct RequestHeaderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "File with the CAs of the front proxy's certificate (PEM), in the place of those of the cluster. Read again when it changes (default: those of the cluster; with --standalone none).",
            valueName: "file"))
    var requestheaderClientCaFile: String?

    @Option(
        help: ArgumentHelp(
            "Common names that the front proxy may have, comma-separated (default: any that those CAs sign).",
            valueName: "names"))
    var requestheaderAllowedNames: [String] = []

    @Option(
        help: ArgumentHelp(
            "Headers with the user's name, comma-separated (default: X-Remote-User).", valueName: "names"))
    var requestheaderUsernameHeaders: [String] = []

    @Option(
        help: ArgumentHelp(
            "Headers with the user's uid, comma-separated (default: none; kube-apiserver sends X-Remote-Uid).",
            valueName: "names"))
    var requestheaderUidHeaders: [String] = []

    @Option(
        help: ArgumentHelp(
            "Headers with the user's groups, comma-separated (default: X-Remote-Group).", valueName: "names"))
    var requestheaderGroupHeaders: [String] = []

    @Option(
        help: ArgumentHelp(
            "How headers begin that have more of the user, comma-separated (default: X-Remote-Extra-).",
            valueName: "prefixes"))
    var requestheaderExtraHeadersPrefix: [String] = []

    /// The defaults, or what the command line says.
    public init() {}

    /// The options as values.
    struct Completed: Sendable {
        var caFile: String
        var allowedNames: [String]
        var names: RequestHeaderConfiguration.Names
    }

    /// Nil without a CA: the others mean nothing then.
    func complete(_ faults: inout Faults) -> Completed? {
        let others = [
            ("--requestheader-allowed-names", requestheaderAllowedNames),
            ("--requestheader-username-headers", requestheaderUsernameHeaders),
            ("--requestheader-uid-headers", requestheaderUidHeaders),
            ("--requestheader-group-headers", requestheaderGroupHeaders),
            ("--requestheader-extra-headers-prefix", requestheaderExtraHeadersPrefix),
        ]
        guard let requestheaderClientCaFile else {
            for (flag, values) in others where !values.isEmpty {
                faults.add(flag, "means nothing without --requestheader-client-ca-file")
            }
            return nil
        }
        func words(_ values: [String], else standard: [String]) -> [String] {
            let words = ClusterOptions.words(values)
            return words.isEmpty ? standard : words
        }
        let standard = RequestHeaderConfiguration.Names()
        return Completed(
            caFile: faults.readable("--requestheader-client-ca-file", requestheaderClientCaFile),
            allowedNames: ClusterOptions.words(requestheaderAllowedNames),
            names: RequestHeaderConfiguration.Names(
                user: words(requestheaderUsernameHeaders, else: standard.user),
                uid: words(requestheaderUidHeaders, else: standard.uid),
                group: words(requestheaderGroupHeaders, else: standard.group),
                extraPrefix: words(requestheaderExtraHeadersPrefix, else: standard.extraPrefix)))
    }
}
