internal import APIMachinery
internal import APIServer
internal import Digests
internal import KubeClient
internal import Logging
internal import ProfilesAPI

/// A serving certificate that the server makes itself: where it lies, on disk and in the cluster.
struct OwnCertificate: Sendable {
    let files: ServingCertificateFiles
    let namespace: String
    let secret: String
    /// This replica's name: the pod's.
    let replica: String

    /// What keeps it right, and whether it does.
    func keeper(_ client: KubeClient, logger: Logger) -> Keeper {
        let lease = LeaderElectionLease(
            namespace: namespace, name: "profefe-apiserver", identity: "\(replica)_\(uuidV4())")
        let elector = LeaderElector(client: client, lease: lease, logger: logger)
        let (group, version) = (ProfilesGroup.groupVersion.group, ProfilesGroup.groupVersion.version)
        let controller = ServingCertificateController(
            ServingCertificateController.Configuration(
                namespace: namespace, secret: secret, apiService: "\(version).\(group)", service: "profefe-apiserver"),
            client: client, files: files, isLeader: { elector.isLeader }, now: { Timestamp.now().seconds },
            clock: .continuous, logger: logger)
        return Keeper(elector: elector, controller: controller)
    }

    /// The services behind it.
    struct Keeper: Sendable {
        let elector: LeaderElector
        let controller: ServingCertificateController

        var check: HealthCheck {
            HealthCheck("serving-certificate", in: .readyz) { [controller] in
                guard controller.hasCertificate else {
                    throw HealthFailure("the Secret with the serving certificate has not been read yet")
                }
            }
        }

        var services: [AppService] {
            [
                AppService("the Lease of the serving certificate") { await elector.run {} },
                AppService("the keeping of the serving certificate") { await controller.run() },
            ]
        }
    }
}
