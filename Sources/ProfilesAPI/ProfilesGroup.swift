public import APIMachinery

/// The names of this API group.
public enum ProfilesGroup {
    /// `profefe.io/v1`.
    public static let groupVersion = GroupVersion(group: "profefe.io", version: "v1")

    /// The profiles.
    public static let profiles = "profiles"
    /// The captures of profiles.
    public static let captures = "profilecaptures"
    static let services = "profileservices"

    /// Their kinds.
    static let profileKind = "Profile"
    static let captureKind = "ProfileCapture"
    static let serviceKind = "ProfileService"
    /// What `top` answers as JSON.
    static let topKind = "ProfileTop"

    /// The category: `kubectl get profefe` shows them all.
    static let category = "profefe"

    /// The name of a type's OpenAPI definition.
    static func definition(_ type: String) -> String { "io.profefe.v1.\(type)" }

    /// The resource with its group, as error texts name it.
    static func resource(_ name: String) -> GroupResource {
        GroupResource(group: groupVersion.group, resource: name)
    }
}
