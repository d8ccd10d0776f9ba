import APIMachinery
import Testing

/// R04: the options of create, update and patch, and field validation (conformance 8.9, 8.13).
struct WriteOptionsTests {
    @Test(
        arguments: [
            ("dryRun=bogus", "dryRun: Unsupported value: [\"bogus\"]: supported values: \"All\""),
            (
                "fieldManager=\(String(repeating: "a", count: 129))",
                "fieldManager: Too long: may not be more than 128 bytes"
            ),
            ("fieldManager=a%0Ab", "fieldManager: Invalid value: \"a\\nb\": invalid character U+000A (at position 1)"),
            (
                "fieldManager=%E2%80%8B",
                "fieldManager: Invalid value: \"\\u200b\": invalid character U+200B (at position 0)"
            ),
            (
                "fieldValidation=bogus",
                "fieldValidation: Unsupported value: \"bogus\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""
            ),
        ])
    func faultsAre422(query: String, fault: String) {
        let items = QueryItems(parsing: query)
        let create = #expect(throws: StatusError.self) { try CreateOptions(query: items) }
        #expect(create?.code == 422 && create?.message == "CreateOptions.meta.k8s.io \"\" is invalid: \(fault)")
        let update = #expect(throws: StatusError.self) { try UpdateOptions(query: items) }
        #expect(update?.message == "UpdateOptions.meta.k8s.io \"\" is invalid: \(fault)")
        let patch = #expect(throws: StatusError.self) { try PatchOptions(query: items, isApply: false) }
        #expect(patch?.message == "PatchOptions.meta.k8s.io \"\" is invalid: \(fault)")
    }

    @Test func readsEveryOption() throws {
        let query = QueryItems(parsing: "dryRun=All&dryRun=All&fieldManager=kubectl+x&fieldValidation=Strict&pretty=1")
        let options = try CreateOptions(query: query)
        #expect(options.dryRun && options.fieldManager == "kubectl x" && options.fieldValidation == .strict)
        #expect(try CreateOptions(query: QueryItems(parsing: "fieldValidation=&dryRun=")) == CreateOptions())
    }

    @Test func forceBelongsToApply() throws {
        let error = #expect(throws: StatusError.self) {
            try PatchOptions(query: QueryItems(parsing: "force=false"), isApply: false)
        }
        #expect(
            error?.message
                == "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch"
        )
        let apply = #expect(throws: StatusError.self) { try PatchOptions(query: QueryItems(), isApply: true) }
        #expect(
            apply?.message
                == "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch"
        )
        #expect(try PatchOptions(query: QueryItems(parsing: "force=1&fieldManager=x"), isApply: true).force)
    }

    @Test func strangeFieldsAreJudgedByTheMode() throws {
        let kind = GroupVersionKind(group: "profefe.io", version: "v1", kind: "Profile")
        let (unknown, twice) = (["spec.x", "y"], ["spec.size"])
        #expect(try FieldValidation.ignore.judge(unknown: unknown, duplicates: twice, kind: kind) == [])
        #expect(
            try FieldValidation.warn.judge(unknown: unknown, duplicates: twice, kind: kind)
                == ["unknown field \"spec.x\"", "unknown field \"y\"", "duplicate field \"spec.size\""])
        #expect(try FieldValidation.strict.judge(unknown: [], duplicates: [], kind: kind) == [])
        let error = #expect(throws: StatusError.badRequest("")) {
            try FieldValidation.strict.judge(unknown: ["spec.x"], duplicates: twice, kind: kind)
        }
        #expect(
            error?.message == "Profile in version \"v1\" cannot be handled as a Profile: strict decoding error: "
                + "unknown field \"spec.x\", duplicate field \"spec.size\"")
    }

    @Test func getReadsItsVersion() throws {
        #expect(try GetOptions(query: QueryItems(parsing: "resourceVersion=7")).resourceVersion == ResourceVersion(7))
        #expect(try GetOptions(query: QueryItems()).resourceVersion == nil)
        #expect(throws: StatusError.badRequest("")) {
            try GetOptions(query: QueryItems(parsing: "resourceVersion=x"))
        }
    }
}
