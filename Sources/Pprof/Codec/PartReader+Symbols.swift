extension PartReader {
    mutating func readMappings() throws(PprofError) -> IDTable {
        var rows: [Mapping] = []
        rows.reserveCapacity(layout.mappings.count)
        var walk = PartWalk(layout.mappings, context)
        while let part = try walk.next() {
            do throws(PprofError) {
                rows.append(try mapping(part))
            } catch {
                throw error.of("mapping \(rows.count)")
            }
        }
        parts.mappings.rows = rows
        return try table(rows.map(\.id), layout.mappings, "Mapping")
    }

    private func mapping(_ part: WireCursor) throws(PprofError) -> Mapping {
        let fields = try ScalarFields(part, highest: 10, .mapping)
        var resolution = SymbolResolution()
        for bit in 0..<4 where fields[7 + bit] != 0 {
            resolution.insert(SymbolResolution(rawValue: 1 << UInt8(bit)))
        }
        return Mapping(
            id: fields[1], memoryStart: fields[2], memoryLimit: fields[3], fileOffset: fields[4],
            filename: try context.string(fields[5], at: fields.offset, "Mapping.filename"),
            buildID: try context.string(fields[6], at: fields.offset, "Mapping.build_id"), resolution: resolution)
    }

    mutating func readFunctions() throws(PprofError) -> IDTable {
        let count = layout.functions.count
        var ids = [UInt64](repeating: 0, count: count)
        var names = [StringIndex](repeating: .empty, count: count)
        var (systemNames, filenames) = (names, names)
        var startLines = [Int64](repeating: 0, count: count)
        // Spans, because an array asks at each write whether it is shared.
        var idSpan = ids.mutableSpan
        var nameSpan = names.mutableSpan
        var systemNameSpan = systemNames.mutableSpan
        var filenameSpan = filenames.mutableSpan
        var startLineSpan = startLines.mutableSpan
        var walk = PartWalk(layout.functions, context)
        for row in 0..<count {
            guard let part = try walk.next() else { break }
            do throws(PprofError) {
                let fields = try ScalarFields(part, highest: 5, .function)
                idSpan[row] = fields[1]
                nameSpan[row] = try context.string(fields[2], at: fields.offset, "Function.name")
                systemNameSpan[row] = try context.string(fields[3], at: fields.offset, "Function.system_name")
                filenameSpan[row] = try context.string(fields[4], at: fields.offset, "Function.filename")
                startLineSpan[row] = fields.signed(5)
            } catch {
                throw error.of("function \(row)")
            }
        }
        parts.functions = FunctionColumns(
            ids: ids, names: names, systemNames: systemNames, filenames: filenames, startLines: startLines)
        return try table(ids, layout.functions, "Function")
    }

    mutating func readLocations(mappings: IDTable, functions: IDTable) throws(PprofError) -> IDTable {
        var reader = LocationReader(context, mappings: mappings, functions: functions)
        parts.locations = try reader.readAll(layout.locations)
        return try table(parts.locations.ids, layout.locations, "Location")
    }
}
