import Digests
import Foundation
import TestSupport

/// Profiles to test with.
extension RunningServer {
    static let profiles = "/apis/profefe.io/v1/namespaces"

    /// The path of a namespace's profiles, or of one of them.
    static func path(_ namespace: String, _ name: String? = nil, _ subresource: String? = nil) -> String {
        (["\(profiles)/\(namespace)/profiles"] + [name, subresource].compactMap { $0 }).joined(separator: "/")
    }

    /// The path to which a service's profiles are uploaded.
    static func uploads(_ namespace: String, _ service: String = "frontend", query: String = "type=cpu") -> String {
        "\(profiles)/\(namespace)/profileservices/\(service)/profiles?\(query)"
    }

    /// Uploads a profile by curl; the answer is 201.
    func upload(
        _ namespace: String, service: String = "frontend", query: String = "type=cpu",
        _ file: URL = ServerHome.profile("cpu")
    ) async throws -> JSON {
        let answer = try await curl(
            Self.uploads(namespace, service, query: query), as: .admin, "--data-binary", "@\(file.path)")
        guard answer.status == 201 else {
            throw Trouble("upload of \(file.lastPathComponent): \(answer.status) \(answer.text)")
        }
        return answer.json
    }

    /// A Profile as a user would write it.
    static func manifest(namespace: String, service: String, type: String, labels: String = "{}", _ file: URL) throws
        -> String
    {
        """
        apiVersion: profefe.io/v1
        kind: Profile
        metadata: {namespace: \(namespace), labels: \(labels)}
        spec:
          service: \(service)
          type: \(type)
          data: \(try Data(contentsOf: file).base64EncodedString())

        """
    }
}

/// The SHA-256 of a file or of bytes, in hexadecimal.
func sha256(_ bytes: some Sequence<UInt8>) -> String { SHA256.hex(Array(bytes)) }
