// SPDX-License-Identifier: Apache-2.0

enum RecordScan {
  /// `next` is where the record behind it starts; `lineCount` is 1 and the line breaks inside quotes.
  case record(fieldCount: Int, next: Int, lineCount: Int)
  /// The bytes end before the record does, and the file does not.
  case incomplete
  case brokenQuote
}

/// Finds the fields of the record that starts at `from`. Fields beyond `capacity` are counted, not stored.
///
/// `base[end]` must be a line break: it ends every inner loop.
func scanRecord(
  _ base: UnsafePointer<UInt8>, from: Int, end: Int, isFinal: Bool,
  into offsets: UnsafeMutablePointer<TableReader.FieldOffsets>, capacity: Int
) -> RecordScan {
  let comma = UInt8(ascii: ",")
  let newline = UInt8(ascii: "\n")
  let quote = UInt8(ascii: "\"")
  var p = from
  var count = 0
  var lineCount = 1
  while true {
    var start = p
    var fieldEnd = p
    var hasDoubledQuotes = false
    if base[p] == quote {
      switch scanQuoted(base, from: p + 1, end: end, isFinal: isFinal) {
      case .incomplete: return .incomplete
      case .broken: return .brokenQuote
      case .field(let close, let next, let breaks, let isDoubled):
        start = p + 1
        fieldEnd = close
        p = next
        lineCount += breaks
        hasDoubledQuotes = isDoubled
      }
    } else {
      // Digits, letters, points, colons and dashes lie above the comma: one comparison for most bytes.
      while true {
        let byte = base[p]
        if byte > comma { p += 1 } else if byte == comma || byte == newline { break } else { p += 1 }
      }
      fieldEnd = p
    }
    if count < capacity {
      offsets[count] = TableReader.FieldOffsets(
        start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: fieldEnd),
        hasDoubledQuotes: hasDoubledQuotes)
    }
    count += 1
    if base[p] == comma, p < end {
      p += 1
      continue
    }
    if p == end, !isFinal { return .incomplete }
    return .record(fieldCount: count, next: p == end ? end : p + 1, lineCount: lineCount)
  }
}

private enum QuotedScan {
  /// `close` is the closing quote; `next` the comma, line break or end behind it.
  case field(close: Int, next: Int, breaks: Int, isDoubled: Bool)
  case incomplete
  case broken
}

private func scanQuoted(_ base: UnsafePointer<UInt8>, from: Int, end: Int, isFinal: Bool) -> QuotedScan {
  let newline = UInt8(ascii: "\n")
  let quote = UInt8(ascii: "\"")
  var p = from
  var breaks = 0
  var isDoubled = false
  while true {
    while base[p] != quote {
      if base[p] == newline {
        if p >= end { return isFinal ? .broken : .incomplete }
        breaks += 1
      }
      p += 1
    }
    if p + 1 >= end, !isFinal { return .incomplete }
    guard p + 1 < end, base[p + 1] == quote else { break }
    isDoubled = true
    p += 2
    if p > end { return .broken }
  }
  var next = p + 1
  while next < end, base[next] != newline, FieldParsing.isBlank(base[next]) { next += 1 }
  if next >= end, !isFinal { return .incomplete }
  guard next >= end || base[next] == newline || base[next] == UInt8(ascii: ",") else { return .broken }
  return .field(close: p, next: min(next, end), breaks: breaks, isDoubled: isDoubled)
}
