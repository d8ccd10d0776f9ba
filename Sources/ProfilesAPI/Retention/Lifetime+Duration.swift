internal import APIMachinery
public import ProfileStore

extension RetentionPolicy.Lifetime {
    /// What a duration must be to say how long profiles are kept.
    public static let accepted = "must be a duration such as 240h or 1h30m, from 1s to 876000h; 0 keeps for ever"

    /// The annotation of a namespace that says how long its profiles are kept.
    public static let annotation = "profefe.io/retention"

    /// Reads a duration as Go writes it; nil if it is none, or out of bounds. Parts of a second are cut off.
    public init?(goDuration text: String) {
        guard let duration = Duration(goDuration: text) else { return nil }
        if duration == .zero {
            self = .forever
        } else {
            guard (Duration.seconds(1)...Duration.seconds(876_000 * 3600)).contains(duration) else { return nil }
            self = .seconds(duration.components.seconds)
        }
    }
}
