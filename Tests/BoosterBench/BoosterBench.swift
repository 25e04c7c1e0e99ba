// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Trains, predicts and explains on raw matrices, and times itself: one JSON line a repeat. The scripts in
/// `Tests/BoostersTests/Peers` run it beside its peers.
///
///     BoosterBench train FILE ROWS COLUMNS REPEATS [key=value…]     the model goes to FILE.model.txt
///     BoosterBench sweep FILE ROWS COLUMNS REPEATS                  20 settings × 5 folds
///     BoosterBench predict FILE ROWS COLUMNS REPEATS model=PATH     scores (doubles) go to FILE.scores
///     BoosterBench shap|pairs FILE ROWS COLUMNS REPEATS model=PATH  values (doubles) go to FILE.shap, FILE.pairs
///     BoosterBench onnx FILE 0 0 0 model=PATH                       the model goes to FILE
///
/// FILE holds [N, F] floats row-major; FILE.y the N labels. A model is LightGBM's text, or XGBoost's where it ends in .json.
@main struct BoosterBench {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count >= 5, let rowCount = Int(arguments[2]), let columnCount = Int(arguments[3]),
      let repeats = Int(arguments[4])
    else {
      print("usage: BoosterBench train|sweep|predict|shap|pairs|onnx FILE ROWS COLUMNS REPEATS [key=value…]")
      exit(2)
    }
    var parameters: Parameters = [:]
    var model = ""
    for pair in arguments.dropFirst(5) {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      if parts[0] == "model" {
        model = parts[1]
      } else {
        parameters[parts[0]] =
          Int64(parts[1]).map { .integer($0) } ?? Double(parts[1]).map { .real($0) } ?? .text(parts[1])
      }
    }
    let rows = RawRows(path: arguments[1], rowCount: rowCount, columnCount: columnCount)
    do {
      try run(arguments, rows, repeats: repeats, parameters, model: model)
    } catch {
      print("\(error)")
      exit(1)
    }
  }

  static func run(
    _ arguments: [String], _ rows: RawRows, repeats: Int, _ parameters: Parameters, model: String
  ) throws {
    switch arguments[0] {
    case "train": try train(rows, repeats: repeats, parameters)
    case "sweep": try sweep(rows)
    case "predict": try predict(rows, repeats: repeats, model: model)
    case "shap": try explain(rows, repeats: repeats, model: model, isPairwise: false)
    case "pairs": try explain(rows, repeats: repeats, model: model, isPairwise: true)
    case "onnx": write(try booster(model).onnx(), to: arguments[1])
    default: print("\(arguments[0]): no such command")
    }
  }

  static func train(_ rows: RawRows, repeats: Int, _ given: Parameters) throws {
    var parameters: Parameters = ["trees": .integer(100), "patience": .integer(0), "l2": .real(0)]
    for entry in given.entries { parameters[entry.name] = entry.value }
    let options = try BoosterOptions(parameters)
    let kind: ObjectiveKind = rows.labels.allSatisfy { $0 == 0 || $0 == 1 } ? .binary : .regression
    for _ in 0..<repeats {
      let base = residentMegabytes()
      var start = cpuSeconds()
      let matrix = rows.binned(options)
      let binning = cpuSeconds() - start
      start = cpuSeconds()
      let fit = try fitBooster(
        train: matrix, labels: rows.labels, validation: nil, objective: kind, options: options, seed: 1
      ) { _, _ in true }
      let training = cpuSeconds() - start
      let text = fit.booster.encoded
      print(
        """
        {"bin": \(binning), "train": \(training), "loss": \(fit.trainLoss.last ?? .nan), "base_mb": \(base), \
        "peak_mb": \(peakMegabytes()), "checksum": "\(checksum(text))"}
        """)
      write(text, to: rows.path + ".model.txt")
    }
  }

  static func predict(_ rows: RawRows, repeats: Int, model: String) throws {
    let predictor = BoosterPredictor(try booster(model))
    var scores: [Double] = []
    for _ in 0..<max(repeats, 1) {
      var start = cpuSeconds()
      scores = predictor.scores(rows.values, rowCount: rows.rowCount)
      let batch = cpuSeconds() - start
      start = cpuSeconds()
      let count = min(rows.rowCount, 2_000)
      var sum = 0.0
      for row in 0..<count { sum += predictor.scores(rows.row(row), rowCount: 1)[0] }
      let single = (cpuSeconds() - start) / Double(max(count, 1))
      print("{\"rows_per_s\": \(Double(rows.rowCount) / batch), \"single_s\": \(single), \"checksum\": \"\(sum)\"}")
    }
    write(scores, to: rows.path + ".scores")
  }

  static func explain(_ rows: RawRows, repeats: Int, model: String, isPairwise: Bool) throws {
    let attribution = Attribution(try booster(model))
    var values: [Double] = []
    for _ in 0..<max(repeats, 1) {
      let start = cpuSeconds()
      values =
        isPairwise
        ? attribution.interactions(rows.values, rowCount: rows.rowCount)
        : attribution.values(rows.values, rowCount: rows.rowCount)
      print("{\"rows_per_s\": \(Double(rows.rowCount) / (cpuSeconds() - start))}")
    }
    write(values, to: rows.path + (isPairwise ? ".pairs" : ".shap"))
  }

  static func booster(_ path: String) throws -> Booster {
    let bytes = readBytes(path)
    return path.hasSuffix(".json") ? try Booster(xgboostJSON: bytes) : try Booster(lightGBMText: bytes)
  }

  static func checksum(_ bytes: [UInt8]) -> String {
    String(bytes.reduce(0 as UInt64) { $0 &* 31 &+ UInt64($1) }, radix: 16)
  }
}
