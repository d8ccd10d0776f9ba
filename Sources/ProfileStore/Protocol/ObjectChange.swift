/// What an update's closure decides after it saw the latest state.
public enum ObjectChange: Sendable {
    /// Write nothing; the version stays.
    case unchanged
    /// Write this state. Its resource and key must be those of the object; a nil payload keeps the payload.
    case replace(ObjectDraft)
    /// Remove the object.
    case delete
}
