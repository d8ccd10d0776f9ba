import Foundation
import TestSupport
import Testing

/// S09: the server's reviews don't queue behind other service accounts' work.
@Suite(.serialized, .controlPlane, .cluster(), .timeLimit(.minutes(3)))
struct PriorityTests {
    @Test func reviewsHaveAFlowSchemaOfTheirOwn() async throws {
        let plane = try ClusterServer.shared.plane
        let uid = try await plane.kubectl("get", "flowschema", "profefe-apiserver", "-o", "jsonpath={.metadata.uid}")
            .text
        let token = try String(contentsOfFile: plane.home.path("server.token"), encoding: .utf8)
        let review = #"""
            {"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"user":"u","nonResourceAttributes":{"path":"/","verb":"get"}}}
            """#
        try await eventually("kube-apiserver uses the FlowSchema", within: .seconds(60)) {
            let answer = try await plane.curl(
                "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                [
                    "-i", "-H", "Authorization: Bearer \(token)", "-H", "Content-Type: application/json", "-d", review,
                ])
            return answer.status == 201 && answer.body.lowercased().contains("x-kubernetes-pf-flowschema-uid: \(uid)")
        }
    }
}
