import Platform
import Testing

@Suite struct CheckedSizeTests {
    @Test func multipliesDimensions() throws {
        #expect(try CheckedSize.elements([3, 4, 5]) == 60)
        #expect(try CheckedSize.elements([]) == 1)
    }

    @Test func anEmptyDimensionMakesNoElementsHoweverLargeTheOthers() throws {
        #expect(try CheckedSize.elements([Int.max, Int.max, 0]) == 0)
    }

    @Test func refusesNegativeDimensions() {
        #expect(throws: SizeError.negative([2, -1])) { try CheckedSize.elements([2, -1]) }
        #expect(throws: SizeError.negative([0, -1])) { try CheckedSize.elements([0, -1]) }
    }

    @Test func refusesAProductThatOverflows() {
        #expect(throws: SizeError.overflow([Int.max, 2])) { try CheckedSize.elements([Int.max, 2]) }
        #expect(throws: SizeError.overflow([1 << 32, 1 << 32])) { try CheckedSize.elements([1 << 32, 1 << 32]) }
    }

    @Test func refusesAByteCountThatOverflows() {
        #expect(throws: SizeError.overflow([Int.max / 2])) { try CheckedSize.elements([Int.max / 2]) }
    }

    @Test func refusesMoreThanTheBudget() throws {
        #expect(try CheckedSize.elements([25], bytesPerElement: 4, budget: 100) == 25)
        #expect(throws: SizeError.overBudget(bytes: 104, budget: 100)) {
            try CheckedSize.elements([26], bytesPerElement: 4, budget: 100)
        }
    }

    @Test func describesARefusalInOneLineWithTheWayOut() {
        let text = SizeError.overBudget(bytes: 104, budget: 100).description
        #expect(text.contains("104") && text.contains("100") && text.contains("CODETTA_MEMORY_BUDGET"))
        #expect(!text.contains("\n"))
    }
}
