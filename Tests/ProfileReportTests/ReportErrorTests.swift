import ProfileReport
import Testing

struct ReportErrorTests {
    @Test func errorsAreEqualByCode() {
        #expect(ReportError(.tooLarge, "a") == ReportError(.tooLarge, "b"))
        #expect(ReportError(.tooLarge, "a") != ReportError(.badFilter, "a"))
    }
}
