public import APIMachinery
public import KubeClient
internal import NIOConcurrencyHelpers

/// Keeps the `count/<resource>.<group>` of ResourceQuotas (conformance 12.2), which kube-apiserver doesn't for aggregated resources.
///
/// What is counted is what the store has, plus what is being created at the moment, against `spec.hard`: exact at any time. The quotas'
/// `status.used`, which kube-controller-manager counts anew every few minutes, is not waited for and not written, so that it may lag
/// behind what is enforced. Beyond the limit: 403 `exceeded quota: …` in Kubernetes' words. Quotas with scopes concern pods only.
public final class ObjectCountQuota: Admission {
    /// How many objects of a resource a namespace has. Sees every creation that was answered.
    public typealias Count = @Sendable (_ resource: GroupResource, _ namespace: String) async throws(StatusError) -> Int

    private struct Place: Hashable {
        let resource: GroupResource
        let namespace: String
    }
    private struct State {
        var creating: [Place: Set<Int>] = [:]
        var nextTicket = 0
    }
    private struct Limit {
        let quota: String
        let hard: Quantity
    }
    private let quotas: ObjectCache<KubeResourceQuota>
    private let count: Count
    private let clock: any Clock<Duration>
    private let state = NIOLockedValueBox(State())

    /// How often a creation near the limit looks whether those before it have ended, and how long in between.
    private static let looks = 200
    private static let pause = Duration.milliseconds(10)

    /// - Parameters:
    ///   - quotas: those of all namespaces.
    ///   - clock: waits for creations that may or may not reach the limit.
    ///   - count: counts objects; asked only in namespaces whose quotas limit the resource.
    public init(
        quotas: ObjectCache<KubeResourceQuota>, clock: any Clock<Duration> = ContinuousClock(), count: @escaping Count
    ) {
        self.quotas = quotas
        self.clock = clock
        self.count = count
    }

    /// Lets the object come into being if no quota of its namespace is used up.
    public func admit(_ attributes: AdmissionAttributes) async throws(StatusError) -> AdmissionHold? {
        guard !attributes.namespace.isEmpty else { return nil }
        guard quotas.synced else { throw .serviceUnavailable("the quotas of the namespace are not known yet") }
        let limits = limits(on: attributes)
        guard !limits.isEmpty else { return nil }
        let place = Place(resource: attributes.resource, namespace: attributes.namespace)
        if attributes.isDryRun {
            let used = try await count(place.resource, place.namespace)
            if let limit = Self.exceeded(limits, used) { throw Self.refusal(attributes, limit, used: used) }
            return nil
        }
        let ticket = take(place)
        do throws(StatusError) {
            try await wait(ticket, place, limits, attributes)
        } catch {
            giveBack(ticket, place)
            throw error
        }
        return AdmissionHold { [self] in giveBack(ticket, place) }
    }

    /// Returns when the object fits whatever becomes of those that are being created since before.
    ///
    /// They are counted before the store is asked, so none is missed; one that has been stored in between is counted twice, and then
    /// looked at again. Those that began later wait for this one, so that two never wait for each other.
    private func wait(
        _ ticket: Int, _ place: Place, _ limits: [Limit], _ attributes: AdmissionAttributes
    ) async throws(StatusError) {
        for _ in 0..<Self.looks {
            let before = earlier(than: ticket, place)
            let used = try await count(place.resource, place.namespace)
            if let limit = Self.exceeded(limits, used) { throw Self.refusal(attributes, limit, used: used) }
            if Self.exceeded(limits, used.addingReportingOverflow(before).partialValue) == nil { return }
            do { try await clock.sleep(for: Self.pause) } catch { break }
        }
        throw .serviceUnavailable("others are using up the quota of the namespace at this moment, try again")
    }

    private func limits(on attributes: AdmissionAttributes) -> [Limit] {
        let name = Self.resourceName(attributes)
        return quotas.elements(inNamespace: attributes.namespace).filter { !$0.isScoped }
            .compactMap { quota in
                quota.hard[name].flatMap(Quantity.init).map { Limit(quota: quota.key.name, hard: $0) }
            }
            .sorted { $0.quota < $1.quota }
    }

    private static func resourceName(_ attributes: AdmissionAttributes) -> String { "count/\(attributes.resource)" }

    /// The first limit that one more than `used` would exceed.
    private static func exceeded(_ limits: [Limit], _ used: Int) -> Limit? {
        limits.first { used >= $0.hard.floor }
    }

    private static func refusal(_ attributes: AdmissionAttributes, _ limit: Limit, used: Int) -> StatusError {
        let name = resourceName(attributes)
        return attributes.forbidden(
            "exceeded quota: \(limit.quota), requested: \(name)=1, used: \(name)=\(used), limited: \(name)=\(limit.hard.text)"
        )
    }

    // MARK: creations under way

    private func take(_ place: Place) -> Int {
        state.withLockedValue { state in
            state.nextTicket &+= 1
            state.creating[place, default: []].insert(state.nextTicket)
            return state.nextTicket
        }
    }

    private func earlier(than ticket: Int, _ place: Place) -> Int {
        state.withLockedValue { $0.creating[place, default: []].count { $0 < ticket } }
    }

    private func giveBack(_ ticket: Int, _ place: Place) {
        state.withLockedValue { state in
            state.creating[place]?.remove(ticket)
            if state.creating[place]?.isEmpty == true { state.creating[place] = nil }
        }
    }
}
