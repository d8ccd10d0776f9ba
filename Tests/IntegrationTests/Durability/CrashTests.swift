import Foundation
import TestSupport
import Testing

/// Issue 2: `kill -9` at any moment and a restart; every profile whose creation was answered is there, whole. G04.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence))
struct CrashTests {
    /// What an answer or a list says of a profile.
    private struct Seen: Hashable {
        let name: String
        let digest: String
        let version: Int

        init?(_ profile: JSON) {
            guard let name = profile["metadata"]["name"].string, let digest = profile["status"]["sha256"].string,
                let version = profile["metadata"]["resourceVersion"].string.flatMap({ Int($0) })
            else { return nil }
            (self.name, self.digest, self.version) = (name, digest, version)
        }
    }

    private static let kinds = ["cpu", "heap", "allocs", "block", "mutex", "goroutine", "cpu-large", "cpu-labels"]

    /// One curl that uploads profile after profile on one connection; prints each answer and its status on lines of their own.
    private func startWriter(_ number: Int, on server: RunningServer) throws -> RunningProgram {
        let blocks = (0..<400).map { index in
            let kind = Self.kinds[(index + number) % Self.kinds.count]
            let type = kind.split(separator: "-")[0]
            return """
                url = "\(server.url)\(RunningServer.uploads("crash", "writer-\(number)", query: "type=\(type)"))"
                header = "Authorization: Bearer \(ServerHome.Client.admin.rawValue)"
                cacert = "\(server.home.directory.path("certs/ca.crt"))"
                data-binary = "@\(ServerHome.profile(kind).path)"
                write-out = "\\n%{http_code}\\n"
                silent
                """
        }
        let file = "writer-\(number)"
        try server.home.directory.write(blocks.joined(separator: "\nnext\n"), file)
        return try Tool.curl.start([
            "--fail-early", number % 2 == 0 ? "--http2" : "--http1.1", "-K", server.home.directory.path(file),
        ])
    }

    /// The profiles of the answers that say 201.
    private func answered(_ writer: RunningProgram) -> [Seen] {
        let lines = String(decoding: writer.printed.out, as: UTF8.self).split(separator: "\n")
        return zip(lines, lines.dropFirst()).compactMap { line, status in
            status == "201" ? Seen(JSON(Array(line.utf8))) : nil
        }
    }

    private func listed(_ server: RunningServer) async throws -> [Seen] {
        let answer = try await server.curl(RunningServer.path("crash"))
        try #require(answer.status == 200, "\(answer.text)")
        return answer.json["items"].array.compactMap { Seen($0) }
    }

    /// Downloads profiles by one curl and compares their digests.
    private func download(_ profiles: some Collection<Seen>, from server: RunningServer) async throws {
        let files = try TemporaryDirectory("crash")
        defer { files.remove() }
        let blocks = profiles.map { profile in
            """
            url = "\(server.url)\(RunningServer.path("crash", profile.name, "download"))"
            header = "Authorization: Bearer \(ServerHome.Client.admin.rawValue)"
            cacert = "\(server.home.directory.path("certs/ca.crt"))"
            output = "\(files.path(profile.name))"
            silent
            """
        }
        try files.write(blocks.joined(separator: "\nnext\n"), "config")
        _ = try await Tool.curl.run(["-K", files.path("config")])
        for profile in profiles {
            #expect(sha256(try Data(contentsOf: files.url.appendingPathComponent(profile.name))) == profile.digest)
        }
    }

    @Test func `G04 what was answered survives kill -9, whole, and versions go on upward`() async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        var kept: Set<Seen> = []
        var deleted: Set<String> = []
        var highest = 0
        for round in 0..<5 {
            let delay = Duration.milliseconds(Int.random(in: 50...700))
            try await RunningServer.start(in: home).use { server in
                // What the last life left.
                let found = try await listed(server)
                #expect(kept.isSubset(of: found), "round \(round): lost \(kept.subtracting(found))")
                #expect(deleted.isDisjoint(with: found.map(\.name)), "round \(round)")
                #expect(Set(found.map(\.version)).count == found.count, "round \(round)")
                highest = max(highest, found.map(\.version).max() ?? 0)
                kept = Set(found)
                try await download(kept.shuffled().prefix(10), from: server)

                let writers = try (0..<4).map { try startWriter($0, on: server) }
                try await eventually("every writer has three answers") { writers.allSatisfy { answered($0).count > 2 } }
                if let victim = kept.randomElement() {
                    let answer = try await server.curl(
                        RunningServer.path("crash", victim.name), as: .admin, "-X", "DELETE")
                    #expect(answer.status == 200)
                    kept.remove(victim)
                    deleted.insert(victim.name)
                }
                try await Task.sleep(for: delay)
                server.send(SIGKILL)
                #expect(try await server.ended().status == 128 + SIGKILL)
                for writer in writers {
                    _ = try await writer.output()
                    let made = answered(writer)
                    #expect(made.map(\.version) == made.map(\.version).sorted())
                    #expect(made.allSatisfy { $0.version > highest }, "round \(round): above \(highest)")
                    kept.formUnion(made)
                }
                highest = max(highest, kept.map(\.version).max() ?? 0)
            }
        }
        #expect(kept.count > 20 && deleted.count == 4)
        try await RunningServer.start(in: home).use { server in
            let found = try await listed(server)
            #expect(kept.isSubset(of: found))
            // At most the one upload that each writer of the last life had on its way.
            #expect(found.count - kept.count <= 4)
            try await download(kept.shuffled().prefix(20), from: server)
            let next = try #require(Seen(try await server.upload("crash")))
            #expect(next.version > highest && next.version > found.map(\.version).max() ?? 0)
        }
    }
}
