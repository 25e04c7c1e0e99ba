// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Hyperparameters

/// A study of Optuna's storage (schema 12: Optuna 3.2 to 5.0), one that Muster exported or Optuna's own.
///
/// A trial's folds are the user attributes `fold0.METRIC`, as Muster writes them. Without those a trial is one fold: its values
/// are that fold's metrics, as are attributes that are numbers, and intermediate values are its curve.
struct OptunaImport {
  private let file: SourceFile
  private let choice: ImportChoice
  private(set) var remarks: [String] = []

  init(_ path: String, _ choice: ImportChoice) throws {
    file = try SourceFile(
      path, tool: "optuna",
      tables: ["studies", "study_directions", "trials", "trial_params", "trial_values", "trial_user_attributes"])
    let version = try file.rows("SELECT schema_version FROM version_info").first?[0] as Int?
    guard let version, version >= 12 else {
      throw TrackerError(
        code: .refused, path: path,
        detail:
          "expected Optuna's schema 12, found \(version ?? 0); run optuna storage upgrade --storage sqlite:///FILE")
    }
    self.choice = choice
  }

  var source: SourceFile { file }

  mutating func sweep() throws -> (sweep: ImportedSweep, there: String) {
    let names = try file.rows("SELECT study_name FROM studies ORDER BY study_id").map { $0[0] as String }
    let name = try file.choose(choice.there, of: names, "studies")
    let id: Int64 = try file.rows("SELECT study_id FROM studies WHERE study_name = ?", [name])[0][0]
    let attributes = try self.attributes("study_user_attributes", "study_id = ?", id)[id] ?? [:]
    let system = try self.attributes("study_system_attributes", "study_id = ?", id)[id] ?? [:]
    let directions = try file.rows(
      "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective", [id]
    ).map { $0[0] as String }
    let named = (system["study:metric_names"] as? [String]) ?? []
    let metrics = directions.indices.map { index in
      index < named.count ? named[index] : index == 0 ? choice.metric ?? "objective" : "objective_\(index)"
    }
    if directions.count > 1 {
      remarks.append("of \(directions.count) objectives the first is the sweep's: \(metrics[0])")
    }
    var sweep = ImportedSweep(
      name: choice.name ?? name, metric: metrics.first ?? "objective",
      isMaximized: choice.isMaximized ?? (directions.first == "MAXIMIZE"), createdMilliseconds: 0)
    sweep.outcome = attributes["muster.outcome"] as? String ?? sweep.outcome
    sweep.version = attributes["muster.version"] as? String ?? "optuna"
    sweep.dataset.name = attributes["muster.dataset"] as? String ?? sweep.dataset.name
    sweep.dataset.digest = attributes["muster.dataset_sha256"] as? String
    if let folds = attributes["muster.folds"] as? String { Self.read(folds: folds, into: &sweep) }
    sweep.trials = try trials(of: id, metrics)
    sweep.foldCount = max(
      sweep.foldCount, 1 + (sweep.trials.flatMap { $0.folds.map(\.fold) }.max() ?? 0) / sweep.repeatCount)
    sweep.createdMilliseconds = sweep.trials.map(\.createdMilliseconds).min() ?? 0
    return (sweep, name)
  }

  private mutating func trials(of study: Int64, _ metrics: [String]) throws -> [ImportedSweep.Trial] {
    let ofStudy = "trial_id IN (SELECT trial_id FROM trials WHERE study_id = ?)"
    let attributes = try self.attributes("trial_user_attributes", ofStudy, study)
    func grouped(_ columns: String, _ table: String, _ order: String) throws -> [Int64: [Row]] {
      try Dictionary(
        grouping: file.rows("SELECT trial_id, \(columns) FROM \(table) WHERE \(ofStudy) ORDER BY \(order)", [study])
      ) { $0[0] as Int64 }
    }
    let parameters = try grouped("param_name, param_value, distribution_json", "trial_params", "param_id")
    let values = try grouped("objective, value, value_type", "trial_values", "objective")
    // JSON's 1.0 and 1 are one number to Foundation; SQLite tells them apart.
    let kinds = try Dictionary(
      grouping: file.rows(
        """
        SELECT a.trial_id, j.key, j.type FROM trial_user_attributes a, json_each(a.value_json) j
        WHERE a."key" = 'muster.params' AND a.\(ofStudy)
        """, [study])
    ) { $0[0] as Int64 }
    let steps = try grouped(
      "step, intermediate_value, intermediate_value_type", "trial_intermediate_values", "step")
    let rows = try file.rows(
      """
      SELECT trial_id, number, state, CAST(round((julianday(datetime_start) - 2440587.5) * 86400000) AS INTEGER),
        CAST(round((julianday(datetime_complete) - 2440587.5) * 86400000) AS INTEGER)
      FROM trials WHERE study_id = ? ORDER BY number
      """, [study])
    var skipped = 0
    var trials: [ImportedSweep.Trial] = []
    for row in rows {
      let id: Int64 = row[0]
      guard row[2] as String != "WAITING" else {
        skipped += 1
        continue
      }
      var trial = ImportedSweep.Trial(
        number: row[1], state: Self.state(row[2]), createdMilliseconds: (row[3] as Int64?) ?? 0,
        endedMilliseconds: row[4])
      if row[2] as String == "RUNNING" { trial.reason = "was running when it was imported" }
      let own = attributes[id] ?? [:]
      trial.learner = own["muster.learner"] as? String ?? trial.learner
      trial.reason = own["muster.reason"] as? String ?? trial.reason
      if let ends = own["muster.ci"] as? [Double], ends.count == 2 { trial.interval = (ends[0], ends[1]) }
      trial.parameters = Self.parameters(
        own["muster.params"], kinds[id] ?? [], parameters[id] ?? [])
      let found = (values[id] ?? []).map { finite($0[2], $0[3]) }
      trial.objective = trial.state == "completed" ? found.first ?? nil : nil
      // Optuna completes no trial without a value; ours says the same in its own way.
      if trial.state == "completed", trial.objective == nil { trial.state = "failed" }
      trial.folds = Self.folds(
        own, values: zip(metrics, found).map { ($0, $1) },
        steps: (steps[id] ?? []).map { ($0[1] as Int, finite($0[2], $0[3])) }, trial)
      trial.tags = own.compactMap { name, value in
        guard let text = value as? String, !name.hasPrefix("muster.") else { return nil }
        return (name: name.hasPrefix("tag.") ? String(name.dropFirst(4)) : name, value: text)
      }.sorted { $0.name < $1.name }
      trials.append(trial)
    }
    if skipped > 0 { remarks.append("\(skipped) trials that had not begun were left out") }
    return trials
  }

  private static func state(_ state: String) -> String {
    switch state {
    case "COMPLETE": "completed"
    case "PRUNED": "pruned"
    default: "failed"
    }
  }

  /// Ours come as they were, booleans and integers told apart; Optuna's from their distributions.
  private static func parameters(_ ours: Any?, _ kinds: [Row], _ rows: [Row]) -> Parameters {
    var result = Parameters()
    if let ours = ours as? [String: JSONScalar] {
      let reals = Set(kinds.filter { $0[2] as String == "real" }.map { $0[1] as String })
      for (name, scalar) in ours {
        if reals.contains(name), case .integer(let integer)? = scalar.value {
          result[name] = .real(Double(integer))
        } else {
          result[name] = scalar.value
        }
      }
      return result
    }
    for row in rows {
      let (name, value): (String, Double) = (row[1], row[2])
      let distribution =
        (try? JSONSerialization.jsonObject(with: Data((row[3] as String).utf8))) as? [String: Any] ?? [:]
      let attributes = distribution["attributes"] as? [String: Any] ?? [:]
      switch distribution["name"] as? String ?? "" {
      case "CategoricalDistribution":
        let choices = attributes["choices"] as? [Any] ?? []
        result[name] = Int(exactly: value).flatMap { choices.indices.contains($0) ? value_(of: choices[$0]) : nil }
      case let kind where kind.hasPrefix("Int"): result[name] = .integer(Int64(value))
      default: result[name] = .real(value)
      }
    }
    return result
  }

  private static func folds(
    _ attributes: [String: Any], values: [(String, Double?)], steps: [(Int, Double?)], _ trial: ImportedSweep.Trial
  ) -> [ImportedSweep.Fold] {
    var folds: [Int: ImportedSweep.Fold] = [:]
    var plain: [(name: String, value: Double?)] = []
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      let number = isNumber(value) ? (value as? NSNumber)?.doubleValue : nil
      guard number != nil || value is NSNull else { continue }
      guard name.hasPrefix("fold"), let dot = name.firstIndex(of: "."),
        let fold = Int(name[name.index(name.startIndex, offsetBy: 4)..<dot]), (0..<1_000_000).contains(fold)
      else {
        plain.append((name, number))
        continue
      }
      folds[fold, default: ImportedSweep.Fold(fold: fold)].metrics.append(
        (String(name[name.index(after: dot)...]), number))
    }
    guard folds.isEmpty else { return folds.values.sorted { $0.fold < $1.fold } }
    var fold = ImportedSweep.Fold()
    fold.metrics = values.map { (name: $0.0, value: $0.1) }
    fold.metrics += plain.filter { one in !values.contains { $0.0 == one.name } }
    if let metric = values.first?.0 ?? (steps.isEmpty ? nil : "objective") {
      fold.curve = steps.map { (metric: metric, step: $0.0, value: $0.1) }
    }
    (fold.startedMilliseconds, fold.endedMilliseconds) = (trial.createdMilliseconds, trial.endedMilliseconds)
    return fold.metrics.isEmpty && fold.curve.isEmpty ? [] : [fold]
  }

  /// "stratified-grouped 5x1 seed 17", as our export writes it.
  private static func read(folds text: String, into sweep: inout ImportedSweep) {
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 4, words[2] == "seed" else { return }
    let counts = words[1].split(separator: "x").compactMap { Int($0) }
    guard counts.count == 2, counts.allSatisfy({ (1...1_000).contains($0) }) else { return }
    (sweep.foldScheme, sweep.foldCount, sweep.repeatCount, sweep.foldSeed) = (words[0], counts[0], counts[1], words[3])
  }

  private func attributes(_ table: String, _ condition: String, _ id: Int64) throws -> [Int64: [String: Any]] {
    let owner = table.hasPrefix("study") ? "study_id" : "trial_id"
    var found: [Int64: [String: Any]] = [:]
    for row in try file.rows("SELECT \(owner), \"key\", value_json FROM \(table) WHERE \(condition)", [id]) {
      let value = Self.value(row[1], row[2])
      found[row[0], default: [:]][row[1]] = value
    }
    return found
  }
}

extension OptunaImport {
  /// Of an attribute. Foundation's `JSONSerialization` misses the last bit of some reals on Linux; its decoder and Swift do not.
  private static func value(_ name: String, _ text: String) -> Any? {
    if let integer = Int64(text) { return NSNumber(value: integer) }
    if let real = Double(text) { return real.isFinite ? NSNumber(value: real) : NSNull() }
    let data = Data(text.utf8)
    switch name {
    case "muster.params": return try? JSONDecoder().decode([String: JSONScalar].self, from: data)
    case "muster.ci": return try? JSONDecoder().decode([Double].self, from: data)
    default: return try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
    }
  }
}

/// A value of a parameter as JSON has it; a number without a fraction is an integer.
private struct JSONScalar: Decodable {
  let value: ParameterValue?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      value = .flag(flag)
    } else if let text = try? container.decode(String.self) {
      value = .text(text)
    } else if let real = try? container.decode(Double.self) {
      value = Int64(exactly: real).map { .integer($0) } ?? .real(real)
    } else {
      value = nil
    }
  }
}

/// `value_type` tells infinities; what is not finite is undefined here.
private func finite(_ value: Double?, _ type: String?) -> Double? {
  type == "FINITE" ? value.flatMap { $0.isFinite ? $0 : nil } : nil
}

/// JSON's `true` is a number to Foundation.
private func isNumber(_ value: Any) -> Bool { value is NSNumber && !isFlag(value) }
private func isFlag(_ value: Any) -> Bool { (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false }

private func value_(of value: Any) -> ParameterValue? {
  switch value {
  case let text as String: return .text(text)
  case let number as NSNumber where isFlag(value): return .flag(number.boolValue)
  case let number as NSNumber:
    let isReal = ["d", "f"].contains(String(cString: number.objCType))
    return isReal ? .real(number.doubleValue) : .integer(number.int64Value)
  default: return nil
  }
}
