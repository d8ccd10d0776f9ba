internal import APIMachinery
internal import Pprof
internal import ProfileStore

extension ProfileRecord {
    /// What the store keeps: the object is encoded once, when its resourceVersion is known.
    var draft: ObjectDraft {
        let encoder = encoder
        return ObjectDraft(
            resource: ProfilesGroup.profiles, key: ObjectKey(namespace: metadata.namespace, name: metadata.name),
            uid: metadata.uid, labels: metadata.labels, fields: fields, createdAt: createdAt.seconds,
            payload: bytes, encode: { encoder.encode($0) })
    }

    /// The answer to a dry run: as stored, without a resourceVersion.
    var dryRun: EncodedObject { encoder.encode(nil) }

    private var encoder: ObjectEncoder {
        ObjectEncoder(metadata: metadata, kind: ProfilesGroup.profileKind, members: members, cells: cells)
    }

    /// `"spec":{…},"status":{…}`.
    private var members: [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            writer.object("spec") { writeSpec(&$0) }
            writer.object("status") { writeStatus(&$0) }
        }
        return Array(writer.bytes.dropFirst().dropLast())
    }

    private func writeSpec(_ writer: inout JSONWriter) {
        writer.field("id", id)
        writer.field("service", origin.service)
        writer.field("type", origin.type.rawValue)
        writer.array("labels") { writer in
            for (key, value) in origin.labels {
                writer.object { writer in
                    writer.field("key", key)
                    writer.field("value", value)
                }
            }
        }
        writer.field("createdAt", createdAt.rfc3339(fraction: .auto))
        writer.fieldIfPresent("instance", origin.instance)
        if let pod = origin.pod {
            writer.object("podRef") { writer in
                writer.field("name", pod.name)
                writer.fieldIfPresent("uid", pod.uid.isEmpty ? nil : pod.uid)
            }
        }
        writer.fieldIfPresent("container", origin.container)
        writer.fieldIfPresent("nodeName", origin.nodeName)
        writer.object("source") { writer in
            writer.field("kind", origin.sourceKind.rawValue)
            writer.fieldIfPresent("name", origin.sourceName)
            writer.fieldIfPresent("uid", origin.sourceUID)
            writer.fieldIfPresent("requestedBy", origin.requestedBy.isEmpty ? nil : origin.requestedBy)
        }
    }

    private func writeStatus(_ writer: inout JSONWriter) {
        if let content {
            writer.field("sizeBytes", content.size)
            writer.field("sha256", content.sha256)
        }
        if let facts = content?.facts {
            writer.field("sampleCount", facts.sampleCount)
            if facts.durationNanos > 0 {
                writer.field("duration", Duration.nanoseconds(facts.durationNanos).goString)
            }
            if let period = facts.periodType {
                writer.object("period") { writer in
                    writer.field("type", period.type)
                    writer.field("unit", period.unit)
                    writer.field("value", facts.period)
                }
            }
            writer.array("sampleTypes") { writer in
                for total in facts.sampleTypes {
                    writer.object { writer in
                        writer.field("type", total.valueType.type)
                        writer.field("unit", total.valueType.unit)
                        writer.field("total", total.total)
                    }
                }
            }
        }
        writer.array("conditions") { writer in
            writer.object { writer in
                writer.field("type", "Readable")
                writer.field("status", readable.status)
                writer.field("reason", readable.reason)
                writer.field("message", readable.message)
                writer.field("lastTransitionTime", metadata.creationTimestamp?.rfc3339() ?? createdAt.rfc3339())
            }
        }
    }

    /// NAME SERVICE TYPE POD DURATION SIZE AGE, wide: CONTAINER NODE TOTAL SOURCE; the order of ``ProfileColumns``.
    private var cells: [UInt8] {
        let duration = content?.facts.map { facts in
            facts.durationNanos > 0 ? HumanMeasurement.text(facts.durationNanos, unit: "nanoseconds") : "<none>"
        }
        let total = content?.facts?.shownSampleType.map { HumanMeasurement.text($0.total, unit: $0.valueType.unit) }
        return ObjectEncoder.cells(
            before: [
                metadata.name, origin.service, origin.type.rawValue, origin.pod?.name ?? "<none>",
                duration ?? "<unknown>",
                content.map { HumanBytes.text(Int64($0.size)) } ?? "<unknown>",
            ],
            after: [origin.container ?? "<none>", origin.nodeName ?? "<none>", total ?? "<unknown>", source])
    }

    private var source: String {
        origin.sourceName.map { "\(origin.sourceKind.rawValue)/\($0)" } ?? origin.sourceKind.rawValue
    }
}
