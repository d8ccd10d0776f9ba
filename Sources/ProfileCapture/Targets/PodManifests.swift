internal import APIMachinery
internal import Foundation
internal import NIOConcurrencyHelpers

/// The pods of manifest files: the ``PodSource`` of standalone mode (`--pod-manifests`).
///
/// Reads YAML or JSON files with one or several documents of kind `Pod`, `PodList` or `List`. A file that changed is read again
/// on the next question; if it can't be read then, its last good content stays and the fault is told to `report`.
public final class PodManifests: PodSource {
    private struct File {
        var path: String
        var stamp: Stamp
        var pods: [Pod]
    }

    private struct Stamp: Equatable {
        var modified: Date?
        var size: Int
    }

    private let files: NIOLockedValueBox<[File]>
    private let report: @Sendable (PodManifestError) -> Void

    /// Reads `paths` for the first time.
    ///
    /// - Throws: the first ``PodManifestError``: at start a bad file is a fault of the configuration.
    public init(paths: [String], report: @escaping @Sendable (PodManifestError) -> Void) throws(PodManifestError) {
        var read: [File] = []
        for path in paths {
            read.append(File(path: path, stamp: Self.stamp(path), pods: try PodManifestParser.pods(ofFile: path)))
        }
        files = NIOLockedValueBox(read)
        self.report = report
    }

    /// The pods of `namespace` in the files as they are now.
    public func pods(in namespace: String) async throws(CaptureError) -> [Pod] {
        let (pods, faults) = files.withLockedValue { files -> ([Pod], [PodManifestError]) in
            var faults: [PodManifestError] = []
            for index in files.indices {
                let stamp = Self.stamp(files[index].path)
                guard stamp != files[index].stamp else { continue }
                files[index].stamp = stamp
                do throws(PodManifestError) {
                    files[index].pods = try PodManifestParser.pods(ofFile: files[index].path)
                } catch {
                    faults.append(error)
                }
            }
            return (files.flatMap { file in file.pods.filter { $0.key.namespace == namespace } }, faults)
        }
        faults.forEach(report)
        return pods
    }

    private static func stamp(_ path: String) -> Stamp {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return Stamp(modified: attributes?[.modificationDate] as? Date, size: attributes?[.size] as? Int ?? -1)
    }
}

/// A pod manifest that can't be used: which file, where, and why.
public struct PodManifestError: Error, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What is wrong, with the field or the line.
    public let message: String
    /// File and message.
    public var description: String { "\(path): \(message)" }
}
