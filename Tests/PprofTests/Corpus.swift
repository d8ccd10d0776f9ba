import Foundation
import Pprof
import TestSupport
import Testing

/// Every profile that the engine is checked with: of a real Go program and made by hand.
enum Corpus: CaseIterable, CustomTestStringConvertible {
    case real(Fixture)
    case shape(ProfileShape)

    static var allCases: [Corpus] { Fixture.allCases.map { .real($0) } + ProfileShape.allCases.map { .shape($0) } }

    var testDescription: String {
        switch self {
        case .real(let fixture): fixture.rawValue
        case .shape(let shape): "shape-\(shape.rawValue)"
        }
    }

    func bytes() throws -> [UInt8] {
        switch self {
        case .real(let fixture): try fixture.bytes()
        case .shape(let shape): shape.bytes
        }
    }

    func profile() throws -> ValidatedProfile { try ProfileDecoder().decode(bytes()) }
}

/// What `go tool pprof -raw` with `options` makes of a profile, given as bytes.
func goListing(
    _ options: [String], _ profile: [UInt8], base: (option: String, bytes: [UInt8])? = nil
) async throws -> RawListing {
    try await goListing(options, [profile], base: base)
}

/// The same of more profiles, which are merged.
func goListing(
    _ options: [String], _ profiles: [[UInt8]], base: (option: String, bytes: [UInt8])? = nil
) async throws -> RawListing {
    let folder = try TemporaryDirectory("pprof")
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        try writeFile(folder.path(name), bytes)
        return folder.path(name)
    }
    var arguments = ["-symbolize=none", "-raw"] + options
    if let base { arguments.append("\(base.option)=\(try file("base", base.bytes))") }
    for (number, bytes) in profiles.enumerated() { arguments.append(try file("p\(number)", bytes)) }
    return RawListing(try await goToolPprof(arguments))
}
