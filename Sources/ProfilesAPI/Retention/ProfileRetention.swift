public import APIMachinery
public import ProfileStore

/// How the embedded store removes profiles: the parts of ``RetentionConfiguration`` that know what a profile is.
public enum ProfileRetention {
    /// - Parameters:
    ///   - limits: what may be kept.
    ///   - now: the time of day, for deletionTimestamps.
    ///   - policy: how long profiles are kept; nil while that isn't known.
    public static func configuration(
        _ limits: StoreLimits, now: @escaping @Sendable () -> Timestamp = { Timestamp.now() },
        policy: @escaping @Sendable () -> RetentionPolicy?
    ) -> RetentionConfiguration {
        var configuration = RetentionConfiguration()
        configuration.resource = ProfilesGroup.profiles
        configuration.pinnedLabel = ProfileLabels.pinned
        configuration.classField = "spec.type"
        configuration.limits = limits
        configuration.policy = policy
        configuration.stamp = { ProfileExpiry.stamp($0, $1) }
        // As a client would with no options: one with finalizers is marked, and goes when they are gone.
        configuration.retire = { stored throws(StoreError) in
            try Deletion(options: DeleteOptions(), now: now()).change(stored)
        }
        return configuration
    }
}
