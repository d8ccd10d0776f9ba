internal import APIMachinery
internal import APIServer
internal import ProfileCapture
internal import ProfileStore

/// Turns what a capture fetched into Profile objects.
struct CaptureSink: ProfileSink {
    let writer: ProfileWriter
    let admission: AdmissionChain

    func store(_ profile: CapturedProfile) async throws(CaptureError) -> String {
        let pod = profile.target.pod
        var metadata = ObjectMeta()
        metadata.namespace = pod.key.namespace
        var origin = ProfileOrigin(
            metadata: metadata, service: profile.target.service, type: profile.type, requestedBy: profile.requester.name
        )
        origin.labels = profile.labels
        origin.instance = profile.target.host
        origin.pod = ProfileOrigin.PodReference(name: pod.key.name, uid: pod.uid)
        origin.container = profile.target.container.isEmpty ? nil : profile.target.container
        origin.nodeName = pod.nodeName.isEmpty ? nil : pod.nodeName
        origin.workload = pod.workload.map { "\($0.kind.lowercased()).\($0.name)" }
        origin.sourceKind = .capture
        origin.sourceName = profile.capture.name
        origin.sourceUID = profile.captureUID
        let checked = CheckedProfile(bytes: profile.bytes, facts: profile.facts)
        do {
            return try await admission.creating(Self.attributes(profile, metadata.namespace)) { [writer, origin] in
                try await writer.write(origin, checked).name
            }
        } catch let refusal as StatusError where refusal.code < 500 {
            throw CaptureError(.forbidden, "the profile may not be kept: \(refusal.message)")
        } catch let error as StoreError {
            throw CaptureError(.storeUnavailable, "the profile could not be kept: \(error.message)")
        } catch {
            throw CaptureError(.storeUnavailable, "the profile could not be kept: \(error)")
        }
    }

    /// A profile is made for whoever asked for the capture.
    private static func attributes(_ profile: CapturedProfile, _ namespace: String) -> AdmissionAttributes {
        let requester = profile.requester
        return AdmissionAttributes(
            user: UserInfo(
                name: requester.name, uid: requester.uid, groups: requester.groups, extra: requester.extra),
            resource: ProfilesGroup.resource(ProfilesGroup.profiles), namespace: namespace, name: "")
    }
}
