extension PartReader {
    mutating func readMappings() throws(PprofError) -> IDTable {
        var rows: [Mapping] = []
        rows.reserveCapacity(layout.mappings.count)
        for (index, extent) in layout.mappings.enumerated() {
            do throws(PprofError) {
                var cursor = try context.cursor(extent)
                rows.append(try mapping(&cursor))
            } catch {
                throw error.of("mapping \(index)")
            }
        }
        parts.mappings.rows = rows
        return try table(rows.map(\.id), layout.mappings, "Mapping")
    }

    private func mapping(_ cursor: inout WireCursor) throws(PprofError) -> Mapping {
        let fields = try ScalarFields(.mapping, &cursor)
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
        var functions = FunctionColumns()
        functions.reserveCapacity(layout.functions.count)
        for (index, extent) in layout.functions.enumerated() {
            do throws(PprofError) {
                var cursor = try context.cursor(extent)
                let fields = try ScalarFields(.function, &cursor)
                functions.ids.append(fields[1])
                functions.names.append(try context.string(fields[2], at: fields.offset, "Function.name"))
                functions.systemNames.append(try context.string(fields[3], at: fields.offset, "Function.system_name"))
                functions.filenames.append(try context.string(fields[4], at: fields.offset, "Function.filename"))
                functions.startLines.append(fields.signed(5))
            } catch {
                throw error.of("function \(index)")
            }
        }
        parts.functions = functions
        return try table(functions.ids, layout.functions, "Function")
    }

    mutating func readLocations(mappings: IDTable, functions: IDTable) throws(PprofError) -> IDTable {
        var reader = LocationReader(context, mappings: mappings, functions: functions)
        parts.locations = try reader.readAll(layout.locations)
        return try table(parts.locations.ids, layout.locations, "Location")
    }
}
