extension ValidatedProfile {
    /// The profile without what its own `drop_frames` calls uninteresting and `keep_frames` doesn't save
    /// (google/pprof `RemoveUninteresting`): of each stack everything beneath the first such frame from the root, and it.
    ///
    /// Frames before the first interesting one stay, so that no stack loses everything. The patterns must match a name,
    /// its argument list taken off, from end to end. A pattern that is none is passed over, as pprof does.
    ///
    /// - Throws: `patternTooCostly`.
    public func withoutDroppedFrames(budget: MatchBudget = MatchBudget()) throws(PprofError) -> ValidatedProfile {
        guard !header.dropFrames.isEmpty, let drop = wholeName(strings[header.dropFrames]) else { return self }
        var keep: FramePattern?
        if !header.keepFrames.isEmpty {
            guard let pattern = wholeName(strings[header.keepFrames]) else { return self }
            keep = pattern
        }
        let isDropped = try droppedFunctions(drop, keep, budget)
        guard isDropped.contains(true) else { return self }
        var locations = self.locations
        let cuts = locations.cutLines { isDropped[Int($0.function.rawValue)] }
        let samples = self.samples.pruned(cuts)
        return with { parts in
            parts.locations = locations
            parts.samples = samples
        }
    }

    private func wholeName(_ text: String) -> FramePattern? { try? FramePattern("^(" + text + ")$") }

    private func droppedFunctions(
        _ drop: FramePattern, _ keep: FramePattern?, _ budget: MatchBudget
    ) throws(PprofError) -> [Bool] {
        let dropped = try NameMatcher(drop, strings, budget)
        var answers = [Bool](repeating: false, count: functions.count)
        for row in answers.indices {
            let name = simpleName(functions.names[row])
            if !name.isEmpty { answers[row] = try dropped.matchNow(name) }
        }
        guard let keep else { return answers }
        let kept = try NameMatcher(keep, strings, budget)
        for row in answers.indices where answers[row] {
            answers[row] = try !kept.matchNow(simpleName(functions.names[row]))
        }
        return answers
    }

    /// Where the name without a leading dot (PowerPC) and without its argument list lies: it ends at the first "(" that isn't
    /// of "(anonymous namespace)" or "operator()".
    private func simpleName(_ index: StringIndex) -> Range<Int> {
        var range = strings.extents[Int(index.rawValue)].range
        let bytes = strings.message
        if let first = bytes[range].first, first == UInt8(ascii: ".") {
            range = range.lowerBound + 1..<range.upperBound
        }
        var place = range.lowerBound
        while place < range.upperBound {
            let rest = bytes[place..<range.upperBound]
            if rest.starts(with: "(anonymous namespace)".utf8) {
                place += "(anonymous namespace)".utf8.count
            } else if rest.starts(with: "operator()".utf8) {
                place += "operator()".utf8.count
            } else if bytes[place] == UInt8(ascii: "(") {
                return range.lowerBound..<place
            } else {
                place += 1
            }
        }
        return range
    }
}

/// What pruning does to a stack that has the location.
private enum FrameCut: UInt8 {
    case none
    /// Ends the stack behind this location, which keeps its outer lines.
    case beneath
    /// Ends the stack before this location.
    case whole
}

extension LocationColumns {
    /// Takes the outermost dropped line of each location and those inside of it away, unless it is the outermost of all.
    fileprivate mutating func cutLines(_ isDropped: (LocationLine) -> Bool) -> [FrameCut] {
        var cuts = [FrameCut](repeating: .none, count: count)
        var kept: [LocationLine] = []
        kept.reserveCapacity(lines.count)
        var starts: [UInt32] = [0]
        for row in cuts.indices {
            let old = lines(of: LocationIndex(UInt32(truncatingIfNeeded: row)))
            if let place = old.lastIndex(where: isDropped) {
                cuts[row] = place == old.endIndex - 1 ? .whole : .beneath
                kept.append(contentsOf: cuts[row] == .whole ? old : old[(place + 1)...])
            } else {
                kept.append(contentsOf: old)
            }
            starts.append(UInt32(truncatingIfNeeded: kept.count))
        }
        lines = kept
        lineStarts = starts
        return cuts
    }
}

extension SampleColumns {
    fileprivate func pruned(_ cuts: [FrameCut]) -> SampleColumns {
        rewriting { row, stack in
            let old = self.stack(of: row)
            var begin = old.startIndex
            var foundUser = false
            for place in old.indices.reversed() {
                let cut = cuts[Int(old[place].rawValue)]
                if cut == .none {
                    foundUser = true
                } else if foundUser {
                    begin = cut == .whole ? place + 1 : place
                    break
                }
            }
            stack.append(contentsOf: old[begin...])
            return true
        }
    }
}
