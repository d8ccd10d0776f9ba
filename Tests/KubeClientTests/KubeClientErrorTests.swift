import KubeClient
import Testing

struct KubeClientErrorTests {
    @Test func errorsAreEqualByCode() {
        #expect(KubeClientError(.refused, "a", status: 403) == KubeClientError(.refused, "b"))
        #expect(KubeClientError(.refused, "a") != KubeClientError(.timedOut, "a"))
    }
}
