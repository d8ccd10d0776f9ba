import Testing

@testable import APIServer

struct SelectorTransitionTests {
    @Test(arguments: [
        (false, true, SelectorTransition.entered), (true, true, .stayed), (true, false, .left),
        (false, false, .outside),
    ])
    func w07Transitions(_ before: Bool, _ after: Bool, _ expected: SelectorTransition) {
        #expect(SelectorTransition(before: before, after: after) == expected)
    }
}
