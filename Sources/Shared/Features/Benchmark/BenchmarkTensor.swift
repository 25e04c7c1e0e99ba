// SPDX-License-Identifier: Apache-2.0

import Shards

/// The 48 × 76 tensors: hourly steps of the 17 variables, one column for a number and one for each text of a category, and
/// 17 masks. An hour shows its last value; one without a value the value before it, or the normal one.
enum BenchmarkTensor {
  static let stepCount = 48

  private static let starts: [Int] = BenchmarkVariable.all.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.width) }
  private static let valueWidth = starts.last ?? 0
  static let width = valueWidth + BenchmarkVariable.all.count

  static let channels: [FeatureColumn] = {
    func column(_ name: String, _ variable: BenchmarkVariable, _ unit: String, _ statistic: String) -> FeatureColumn {
      FeatureColumn(
        name: name, item: variable.itemText, unit: unit, window: "hour", statistic: statistic,
        items: variable.chartItems + variable.labItems)
    }
    let values = BenchmarkVariable.all.flatMap { variable in
      variable.categories.isEmpty
        ? [column(variable.name, variable, variable.unit, "last, or the one before, or the normal value")]
        : variable.categories.map { column("\(variable.name)->\($0.text)", variable, "0 or 1", "is the last value") }
    }
    return values + BenchmarkVariable.all.map { column("mask->\($0.name)", $0, "0 or 1", "was recorded") }
  }()

  /// [48 × 76], of the hours from `start` after the time in; rows before it only serve to fill its first hours.
  static func values(_ known: KnownRows, start: Double = 0) -> [Float] {
    var tensor = [Float](repeating: 0, count: stepCount * width)
    for (place, variable) in BenchmarkVariable.all.enumerated() {
      let isCategory = !variable.categories.isEmpty
      known.withValues(of: place) { hours, numbers, categories in
        // Where in the lists the value of each hour lies, and the one before the first hour.
        var cells = [Int](repeating: -1, count: stepCount)
        var shown = -1
        for (index, hour) in hours.enumerated() {
          let hours = hour - start
          if hours <= -BenchmarkEpisode.epsilon {
            shown = index
            continue
          }
          // Exactly on the hour belongs to the hour that ends there.
          let step = Int(hours - BenchmarkEpisode.epsilon)
          if step < stepCount { cells[step] = index }
        }
        for step in 0..<stepCount {
          let base = step * width
          if cells[step] >= 0 {
            shown = cells[step]
            tensor[base + valueWidth + place] = 1
          }
          if isCategory {
            let category = shown >= 0 ? Int(categories[shown]) : normals[place].category
            if category >= 0 { tensor[base + starts[place] + category] = 1 }
          } else {
            tensor[base + starts[place]] = Float(shown >= 0 ? numbers[shown] : normals[place].number)
          }
        }
      }
    }
    return tensor
  }

  /// What is shown before the first value.
  private static let normals: [(number: Double, category: Int)] = BenchmarkVariable.all.map { variable in
    (Double(variable.normal) ?? 0, variable.category(.text(variable.normal)) ?? -1)
  }
}
