// SPDX-License-Identifier: Apache-2.0

/// Turns the pages of one column chunk into values, row by row.
struct ChunkDecoder {
  private let column: FileMetadata.Column
  private let codec: Codec
  private let rowCount: Int
  private var integers: [Int64] = []
  private var decimals: [Double] = []
  private var texts = TextColumn()
  private var isMissing: [Bool] = []
  /// Of the chunk's dictionary page; texts lie in `texts.distinct`.
  private var dictionaryIntegers: [Int64] = []
  private var dictionaryDecimals: [Double] = []
  private var dictionaryCount = 0

  init(_ column: FileMetadata.Column, codec: Codec, rowCount: Int) {
    self.column = column
    self.codec = codec
    self.rowCount = rowCount
  }

  private var isText: Bool { column.type == .bytes }
  private var isDecimal: Bool { column.type == .float || column.type == .double }
  private var filledCount: Int { isText ? texts.places.count : isDecimal ? decimals.count : integers.count }

  mutating func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> ParquetColumn {
    var cursor = ByteCursor(bytes)
    while filledCount < rowCount {
      let header = try PageHeader(&cursor)
      let packed = try cursor.take(header.byteCount)
      switch header.kind {
      case .other: continue
      case .dictionary:
        try unpacked(packed, header.unpackedByteCount) { decoder, page throws(MalformedBytes) in
          try decoder.readDictionary(page, count: header.valueCount)
        }
      case .data:
        try unpacked(packed, header.unpackedByteCount) { decoder, page throws(MalformedBytes) in
          var levels: UnsafeRawBufferPointer?
          if decoder.column.isOptional { levels = try page.take(try page.uint32()) }
          try decoder.readValues(&page, header, levels)
        }
      case .dataV2(let levelByteCount, let isPacked):
        guard levelByteCount <= packed.count, levelByteCount <= header.unpackedByteCount else {
          throw MalformedBytes(expected: "levels within the page", found: "\(levelByteCount) bytes of them")
        }
        let levels = UnsafeRawBufferPointer(rebasing: packed[..<levelByteCount])
        let values = UnsafeRawBufferPointer(rebasing: packed[levelByteCount...])
        try unpacked(values, header.unpackedByteCount - levelByteCount, isPacked: isPacked) {
          decoder, page throws(MalformedBytes) in
          try decoder.readValues(&page, header, decoder.column.isOptional ? levels : nil)
        }
      }
    }
    guard filledCount == rowCount else {
      throw MalformedBytes(expected: "\(rowCount) values", found: "\(filledCount)")
    }
    let values: ParquetColumn.Values =
      isText
      ? .texts(texts) : isDecimal ? .decimals(decimals, isSingle: column.type == .float) : .integers(integers)
    return ParquetColumn(
      values: values, isMissing: isMissing.contains(true) ? isMissing : [], ticksPerSecond: column.ticksPerSecond,
      isDate: column.isDate)
  }

  private mutating func unpacked(
    _ packed: UnsafeRawBufferPointer, _ byteCount: Int, isPacked: Bool = true,
    _ body: (inout ChunkDecoder, inout ByteCursor) throws(MalformedBytes) -> Void
  ) throws(MalformedBytes) {
    let page = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
    defer { page.deallocate() }
    try (isPacked ? codec : Codec.plain).unpack(packed, into: page)
    var cursor = ByteCursor(UnsafeRawBufferPointer(page))
    try body(&self, &cursor)
  }
}

extension ChunkDecoder {
  private mutating func readDictionary(_ page: ByteCursor, count: Int) throws(MalformedBytes) {
    guard dictionaryCount == 0, filledCount == 0 else {
      throw MalformedBytes(expected: "one dictionary, before the values", found: "another")
    }
    var page = page
    dictionaryCount = count
    if isText {
      texts.distinct = try plainTexts(&page, count)
    } else if isDecimal {
      dictionaryDecimals = try plainDecimals(&page, count)
    } else {
      dictionaryIntegers = try plainIntegers(&page, count)
    }
  }

  private mutating func readValues(
    _ page: inout ByteCursor, _ header: PageHeader, _ levels: UnsafeRawBufferPointer?
  ) throws(MalformedBytes) {
    guard header.valueCount <= rowCount - filledCount else {
      throw MalformedBytes(expected: "\(rowCount) values", found: "more")
    }
    var present = [Int32](repeating: 1, count: header.valueCount)
    if let levels {
      var cursor = ByteCursor(levels)
      present = try HybridRuns.decode(&cursor, bitWidth: 1, count: header.valueCount)
      guard present.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        throw MalformedBytes(expected: "levels of 0 and 1", found: "others")
      }
    }
    let count = present.reduce(0) { $0 + Int($1) }
    if count < header.valueCount || !isMissing.isEmpty {
      while isMissing.count < filledCount { isMissing.append(false) }
      isMissing.append(contentsOf: present.map { $0 == 0 })
    }
    switch header.encoding {
    case 0: try appendPlain(&page, count, present)
    case 2, 8: try appendFromDictionary(&page, count, present)
    case 3 where column.type == .boolean:
      _ = try page.uint32()
      spread(try HybridRuns.decode(&page, bitWidth: 1, count: count).map { Int64($0) }, present, into: &integers)
    case 5 where !isText && !isDecimal:
      spread(try checked(try DeltaValues.decode(&page, countMax: count), count), present, into: &integers)
    case 6 where isText:
      var texts: [String] = []
      for length in try checked(try DeltaValues.decode(&page, countMax: count), count) {
        texts.append(String(decoding: try page.take(Int(length)), as: UTF8.self))
      }
      appendTexts(texts, present)
    default:
      throw MalformedBytes(
        expected: "values that are plain, from a dictionary, or packed differences",
        found: "encoding \(header.encoding); write the file with pyarrow's default options")
    }
  }

  private func checked(_ values: [Int64], _ count: Int) throws(MalformedBytes) -> [Int64] {
    guard values.count == count else { throw MalformedBytes(expected: "\(count) values", found: "\(values.count)") }
    return values
  }

  private mutating func appendPlain(
    _ page: inout ByteCursor, _ count: Int, _ present: [Int32]
  ) throws(MalformedBytes) {
    if isText {
      appendTexts(try plainTexts(&page, count), present)
    } else if isDecimal {
      spread(try plainDecimals(&page, count), present, into: &decimals)
    } else {
      spread(try plainIntegers(&page, count), present, into: &integers)
    }
  }

  private mutating func appendFromDictionary(
    _ page: inout ByteCursor, _ count: Int, _ present: [Int32]
  ) throws(MalformedBytes) {
    let places = count == 0 ? [] : try HybridRuns.decode(&page, bitWidth: Int(try page.byte()), count: count)
    guard places.allSatisfy({ $0 >= 0 && $0 < dictionaryCount }) else {
      throw MalformedBytes(expected: "places in a dictionary of \(dictionaryCount)", found: "one outside")
    }
    if isText {
      spread(places, present, into: &texts.places)
    } else if isDecimal {
      spread(places.map { dictionaryDecimals[Int($0)] }, present, into: &decimals)
    } else {
      spread(places.map { dictionaryIntegers[Int($0)] }, present, into: &integers)
    }
  }

  private mutating func appendTexts(_ found: [String], _ present: [Int32]) {
    let first = Int32(truncatingIfNeeded: texts.distinct.count)
    texts.distinct += found
    spread(found.indices.map { first + Int32(truncatingIfNeeded: $0) }, present, into: &texts.places)
  }

  /// Puts the values into the rows that have one, and 0 into the others.
  private func spread<Value: Numeric>(_ found: [Value], _ present: [Int32], into values: inout [Value]) {
    if found.count == present.count {
      values += found
      return
    }
    var next = 0
    for isThere in present {
      values.append(isThere == 0 ? 0 : found[next])
      next += Int(isThere)
    }
  }

  private func plainIntegers(_ page: inout ByteCursor, _ count: Int) throws(MalformedBytes) -> [Int64] {
    switch column.type {
    case .boolean:
      let bytes = try page.take((count + 7) / 8)
      return (0..<count).map { Int64(bytes[$0 / 8] >> UInt8($0 % 8) & 1) }
    case .int32:
      let bytes = try page.take(count * 4)
      return (0..<count).map { Int64(bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Int32.self)) }
    default:
      let bytes = try page.take(count * 8)
      return (0..<count).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self) }
    }
  }

  private func plainDecimals(_ page: inout ByteCursor, _ count: Int) throws(MalformedBytes) -> [Double] {
    if column.type == .float {
      let bytes = try page.take(count * 4)
      return (0..<count).map { Double(bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self)) }
    }
    let bytes = try page.take(count * 8)
    return (0..<count).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
  }

  private func plainTexts(_ page: inout ByteCursor, _ count: Int) throws(MalformedBytes) -> [String] {
    var texts: [String] = []
    texts.reserveCapacity(count)
    for _ in 0..<count { texts.append(String(decoding: try page.take(try page.uint32()), as: UTF8.self)) }
    return texts
  }
}
