/// Which objects a ``Reflector`` follows.
public struct ListWatchSource: Sendable, Hashable {
    /// The collection: `/api/v1/namespaces`, `/api/v1/namespaces/kube-system/configmaps`.
    public var path: String
    /// Empty is all of them. RBAC roles with `resourceNames` allow a list only with `metadata.name=…` here.
    public var fieldSelector: String
    /// Empty is all of them.
    public var labelSelector: String
    /// Objects in one page of the list.
    public var pageSize: Int
    /// How long kube-apiserver is asked to keep a watch; by chance between this and twice as much.
    public var watchTime: Duration
    /// A watch that is silent for so long, bookmarks included, is taken for dead and asked for anew. kube-apiserver sends a bookmark
    /// about every minute.
    public var silence: Duration
    /// How often the list is asked for anew although nothing is wrong.
    public var resync: Duration

    /// Makes a source.
    public init(
        path: String, fieldSelector: String = "", labelSelector: String = "", pageSize: Int = 500,
        watchTime: Duration = .seconds(300), silence: Duration = .seconds(180), resync: Duration = .seconds(12 * 3600)
    ) {
        self.path = path
        self.fieldSelector = fieldSelector
        self.labelSelector = labelSelector
        self.pageSize = pageSize
        self.watchTime = watchTime
        self.silence = silence
        self.resync = resync
    }

    /// The selectors as parameters.
    var selectors: [(name: String, value: String)] {
        [("fieldSelector", fieldSelector), ("labelSelector", labelSelector)].filter { !$0.1.isEmpty }
    }

    /// All namespaces.
    public static let namespaces = ListWatchSource(path: "/api/v1/namespaces")
    /// The quotas of all namespaces.
    public static let resourceQuotas = ListWatchSource(path: "/api/v1/resourcequotas")
    /// The one ConfigMap that says how kube-apiserver's front proxy is recognised; its Role allows no other.
    public static let authenticationConfigMap = ListWatchSource(
        path: "/api/v1/namespaces/kube-system/configmaps",
        fieldSelector: "metadata.name=extension-apiserver-authentication")
}
