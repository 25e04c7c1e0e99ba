// SPDX-License-Identifier: Apache-2.0

import Sweeps

extension Manifest {
  /// The bytes of `manifest.json`: keys in the order of their meaning, one column a line, reals as the shortest decimal
  /// that reads back as the same bits. Written by hand and not by a JSON library, because these bytes are the data set's
  /// name: no library's next version may change them.
  package var json: [UInt8] {
    var text = "{\n"
    func add(_ key: CodingKeys, _ value: String, isLast: Bool = false) {
      text += "  \(quoted(key.rawValue)): \(value)\(isLast ? "" : ",")\n"
    }
    add(.format, "\(format)")
    add(.name, quoted(name))
    add(.outcome, quoted(outcome.rawValue))
    add(.source, quoted(source))
    add(.indexTime, quoted(indexTime))
    add(.createdBy, quoted(createdBy))
    add(.rowCount, "\(rowCount)")
    add(.patientCount, "\(patientCount)")
    add(.labels, labels.json)
    add(.stepCount, "\(stepCount)")
    add(.columns, list(columns.map(\.json)))
    add(.channels, list(channels.map(\.json)))
    add(
      .flow, list(flow.map { object([("reason", quoted($0.reason)), ("count", $0.count.map { "\($0)" } ?? "null")]) }))
    if !further.isEmpty { add(.further, list(further.map(\.json))) }
    add(.files, list(files.map(\.json)), isLast: true)
    return Array((text + "}\n").utf8)
  }
}

extension ShardFile {
  fileprivate var json: String {
    let rows = index.map {
      [
        ("rows_sha256", quoted($0.sha256.hex)),
        ("offsets", "[" + $0.offsets.map(String.init).joined(separator: ", ") + "]"),
      ]
    }
    return object(
      [("name", quoted(name)), ("sha256", quoted(sha256.hex)), ("bytes", "\(byteCount)"), ("rows", "\(rowCount)")]
        + (rows ?? []))
  }
}

extension FurtherLabel {
  fileprivate var json: String {
    object(
      [("outcome", quoted(outcome.rawValue))] + (knownShare.map { [("known", "\($0)")] } ?? [])
        + [("labels", labels.json)])
  }
}

extension LabelSummary {
  fileprivate var json: String {
    func known(_ name: String, _ value: Double?) -> [(String, String)] { value.map { [(name, "\($0)")] } ?? [] }
    return switch self {
    case .binary(let prevalence): object([("kind", quoted("binary"))] + known("prevalence", prevalence))
    case .regression(let mean, let sd):
      object([("kind", quoted("regression"))] + known("mean", mean) + known("sd", sd))
    }
  }
}

extension FeatureColumn {
  fileprivate var json: String {
    object([
      ("name", quoted(name)), ("item", quoted(item)), ("unit", quoted(unit)), ("window", quoted(window)),
      ("statistic", quoted(statistic)), ("items", "[" + items.map(String.init).joined(separator: ", ") + "]"),
      ("label", quoted(label)),
    ])
  }
}

private func object(_ pairs: [(String, String)]) -> String {
  "{" + pairs.map { "\(quoted($0.0)): \($0.1)" }.joined(separator: ", ") + "}"
}

private func list(_ items: [String]) -> String {
  items.isEmpty ? "[]" : "[\n" + items.map { "    \($0)" }.joined(separator: ",\n") + "\n  ]"
}

/// A JSON string (RFC 8259, section 7).
private func quoted(_ text: String) -> String {
  // Nearly all: 731 columns have ten texts each.
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
    return "\"\(text)\""
  }
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case _ where scalar.value < 0x20:
      let hex = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
