internal import APIMachinery

/// The shape of a ProfileService (`api.md` 6); only the server says it.
enum ServiceSchema {
    static let schema = Schema.resource([
        Schema.Field("spec", spec, "Which service it is."),
        Schema.Field("status", status, "What its profiles add up to."),
    ])
    .described("A service that there are profiles of: a view of the profiles, which can't be changed.")

    private static let spec = Schema.object([
        Schema.Field(
            "service", .string, "The service as its profiles name it; the object's name is one that Kubernetes allows.")
    ])
    .described("A service, as its profiles name it.")
    .named(ProfilesGroup.definition("ProfileServiceSpec"))

    private static let status = Schema.object([
        Schema.Field("types", .array(of: type), "The types that there are profiles of."),
        Schema.Field("profileCount", .integer(), "How many profiles there are."),
        Schema.Field("bytes", .integer(), "Bytes of all profiles as received."),
        Schema.Field("firstSeen", .time, "When the oldest profile was taken."),
        Schema.Field("lastSeen", .time, "When the newest profile was taken."),
        Schema.Field("labelKeys", .array(of: .string), "The keys of the profiles' labels."),
    ])
    .described("What the profiles of a service add up to.")
    .named(ProfilesGroup.definition("ProfileServiceStatus"))

    private static let type = Schema.object([
        Schema.Field("type", .string, "The type."),
        Schema.Field("profileCount", .integer(), "How many profiles of it."),
    ])
    .described("The profiles of one type.")
    .named(ProfilesGroup.definition("ProfileServiceType"))
}
