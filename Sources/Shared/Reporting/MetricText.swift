// SPDX-License-Identifier: Apache-2.0

/// Metrics as Prometheus reads them (text format 0.0.4): a family at a time, its samples after its help and kind.
///
/// Labels are states, sweeps and versions; never a patient's, never a value of a feature.
///
/// - Source: https://prometheus.io/docs/instrumenting/exposition_formats/
package struct MetricText: Sendable {
  package enum Kind: String, Sendable { case counter, gauge, histogram }

  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  package private(set) var text = ""

  package init() {}

  /// - Parameter samples: labels and value; what is not there is left out.
  package mutating func family(
    _ name: StaticString, _ kind: Kind, _ help: StaticString, _ samples: [(labels: [(String, String)], value: Double?)]
  ) {
    guard samples.contains(where: { $0.value != nil }) else { return }
    head("\(name)", kind, "\(help)")
    for sample in samples {
      if let value = sample.value { line("\(name)", sample.labels, value) }
    }
  }

  package mutating func number(_ name: StaticString, _ kind: Kind, _ help: StaticString, _ value: Double?) {
    family(name, kind, help, [(labels: [], value: value)])
  }

  package mutating func histogram(_ name: StaticString, _ help: StaticString, _ histogram: MetricHistogram) {
    head("\(name)", .histogram, "\(help)")
    var count = 0
    for (bound, inBucket) in zip(histogram.bounds, histogram.counts) {
      count += inBucket
      line("\(name)_bucket", [("le", Self.number(bound))], Double(count))
    }
    line("\(name)_bucket", [("le", "+Inf")], Double(histogram.count))
    line("\(name)_sum", [], histogram.sum)
    line("\(name)_count", [], Double(histogram.count))
  }

  private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  private mutating func line(_ name: String, _ labels: [(String, String)], _ value: Double) {
    let list = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
    text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(Self.number(value))\n"
  }

  private static func number(_ value: Double) -> String {
    if value == .infinity { return "+Inf" }
    if value == -.infinity { return "-Inf" }
    guard value.isFinite else { return "NaN" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      case _ where scalar.value < 0x20: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// Counts by upper bound.
package struct MetricHistogram: Sendable {
  package let bounds: [Double]
  package private(set) var counts: [Int]
  package private(set) var count = 0
  package private(set) var sum = 0.0

  /// - Parameter bounds: ascending.
  package init(bounds: [Double]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count)
  }

  package mutating func observe(_ value: Double) {
    if let index = bounds.firstIndex(where: { value <= $0 }) { counts[index] += 1 }
    count += 1
    sum += value
  }
}
