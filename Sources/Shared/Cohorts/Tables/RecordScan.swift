// SPDX-License-Identifier: Apache-2.0

import CSeparators

enum RecordScan {
  /// `next` is where the record behind it starts; `lineCount` is 1 and the line breaks inside quotes.
  case record(fieldCount: Int, next: Int, lineCount: Int)
  /// The bytes end before the record does, and the file does not.
  case incomplete
  case brokenQuote
}

/// How many bytes behind the last one a scan may look at. Their content does not matter.
let scanPadding = 64

/// The separators of 64 bytes at a time, asked for in ascending order of places.
struct SeparatorWindow {
  private let base: UnsafePointer<UInt8>
  private var start: Int
  private var mask: UInt64

  @inline(__always)
  init(_ base: UnsafePointer<UInt8>, from: Int) {
    self.base = base
    start = from
    mask = cseparators_mask(base + from)
  }

  /// The first comma, line feed or quote at `place` or behind it. There must be one.
  @inline(__always)
  mutating func next(from place: Int) -> Int {
    var place = place
    while true {
      let offset = place - start
      if offset < 64 {
        let rest = mask >> UInt64(truncatingIfNeeded: offset)
        if rest != 0 { return place + rest.trailingZeroBitCount }
        place = start + 64
      }
      start = place
      mask = cseparators_mask(base + place)
    }
  }
}

/// Finds the fields of the record that starts at `from`. Fields beyond `capacity` are counted, not stored.
///
/// `base[end]` must be a line break: it ends every search. `scanPadding` bytes behind it must be readable.
@inline(__always)
func scanRecord(
  _ base: UnsafePointer<UInt8>, from: Int, end: Int, isFinal: Bool,
  into offsets: UnsafeMutablePointer<TableReader.FieldOffsets>, capacity: Int
) -> RecordScan {
  let comma = UInt8(ascii: ",")
  let quote = UInt8(ascii: "\"")
  var window = SeparatorWindow(base, from: from)
  var p = from
  var count = 0
  var lineCount = 1
  while true {
    var start = p
    var fieldEnd = p
    var hasDoubledQuotes = false
    if base[p] == quote {
      switch scanQuoted(base, &window, from: p + 1, end: end, isFinal: isFinal) {
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
      p = window.next(from: p)
      // Inside an unquoted field a quote is a letter like any other.
      while base[p] == quote { p = window.next(from: p + 1) }
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

@inline(__always)
private func scanQuoted(
  _ base: UnsafePointer<UInt8>, _ window: inout SeparatorWindow, from: Int, end: Int, isFinal: Bool
) -> QuotedScan {
  let newline = UInt8(ascii: "\n")
  let quote = UInt8(ascii: "\"")
  var p = from
  var breaks = 0
  var isDoubled = false
  while true {
    p = window.next(from: p)
    while base[p] != quote {
      if base[p] == newline {
        if p >= end { return isFinal ? .broken : .incomplete }
        breaks += 1
      }
      p = window.next(from: p + 1)
    }
    // A quote behind the end is what an earlier, longer filling left there.
    if p >= end { return isFinal ? .broken : .incomplete }
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
