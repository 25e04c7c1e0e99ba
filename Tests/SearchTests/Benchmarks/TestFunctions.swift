// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Search

/// Functions of the search literature, all minimised, as `Peers/optuna_quality.py` has them for Optuna.
struct TestFunction: Sendable {
  let name: String
  let optimum: Double
  let space: SearchSpace
  let value: @Sendable (Parameters) -> Double

  static func all() throws -> [TestFunction] {
    [try branin(), try hartmann6(), try rosenbrock5(), try ackley10(), try conditional()]
  }

  static func cube(_ count: Int, _ low: Double, _ high: Double) throws -> SearchSpace {
    SearchSpace(try (0..<count).map { .init("x\($0)", .real(try RealRange(low, high))) })
  }

  static func vector(_ parameters: Parameters, _ count: Int) -> [Double] {
    (0..<count).map { parameters["x\($0)"]?.number ?? .nan }
  }

  private static func branin() throws -> TestFunction {
    let space = SearchSpace([
      .init("x0", .real(try RealRange(-5, 10))), .init("x1", .real(try RealRange(0, 15))),
    ])
    return TestFunction(name: "branin", optimum: 0.397887, space: space) { parameters in
      let x = vector(parameters, 2)
      let pi = Double.pi
      let parabola: Double = x[1] - 5.1 / (4 * pi * pi) * x[0] * x[0] + 5 / pi * x[0] - 6
      let wave: Double = 10 * (1 - 1 / (8 * pi)) * cos(x[0])
      return parabola * parabola + wave + 10
    }
  }

  /// Dixon & Szegő 1978.
  private static func hartmann6() throws -> TestFunction {
    let a: [[Double]] = [
      [10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14],
    ]
    let p: [[Double]] = [
      [1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
      [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381],
    ]
    let c: [Double] = [1, 1.2, 3, 3.2]
    return TestFunction(name: "hartmann6", optimum: -3.32237, space: try cube(6, 0, 1)) { parameters in
      let x = vector(parameters, 6)
      var value = 0.0
      for i in 0..<4 {
        var square = 0.0
        for j in 0..<6 {
          let off = x[j] - 1e-4 * p[i][j]
          square += a[i][j] * off * off
        }
        value -= c[i] * exp(-square)
      }
      return value
    }
  }

  private static func rosenbrock5() throws -> TestFunction {
    TestFunction(name: "rosenbrock5", optimum: 0, space: try cube(5, -5, 10)) { parameters in
      let x = vector(parameters, 5)
      var value = 0.0
      for i in 0..<4 {
        let (bend, off) = (x[i + 1] - x[i] * x[i], 1 - x[i])
        value += 100 * bend * bend + off * off
      }
      return value
    }
  }

  private static func ackley10() throws -> TestFunction {
    TestFunction(name: "ackley10", optimum: 0, space: try cube(10, -32.768, 32.768)) { parameters in
      let x = vector(parameters, 10)
      var (square, wave) = (0.0, 0.0)
      for value in x {
        square += value * value / 10
        wave += cos(2 * Double.pi * value) / 10
      }
      let (bowl, ripple) = (-20 * exp(-0.2 * square.squareRoot()), -exp(wave))
      return bowl + ripple + 20 + exp(1)
    }
  }

  /// Two learners with parameters of their own, some in a branch of the branch. 0 at an LSTM of two layers; the best
  /// booster has 0.15.
  private static func conditional() throws -> TestFunction {
    func choice(_ values: [String]) throws -> Distribution { .choice(try Choice(values.map(ParameterValue.text))) }
    let booster = SearchSpace(
      [
        .init("gbt_lr", .real(try RealRange(1e-3, 1, log: true))),
        .init("leaves", .integer(try IntegerRange(4, 512, log: true))),
        .init("depth", .integer(try IntegerRange(2, 12))), .init("l2", .real(try RealRange(1e-8, 10, log: true))),
        .init("boost", try choice(["gbdt", "dart", "goss"])),
      ],
      branches: [
        .init(if: [.init("boost", [.text("dart")])], SearchSpace([.init("drop", .real(try RealRange(0, 0.5)))]))
      ])
    let lstm = SearchSpace(
      [
        .init("lstm_lr", .real(try RealRange(1e-5, 1e-1, log: true))),
        .init("hidden", .integer(try IntegerRange(16, 256, step: 16))),
        .init("layers", .integer(try IntegerRange(1, 3))), .init("dropout", .real(try RealRange(0, 0.6))),
        .init("optim", try choice(["adam", "sgd", "rms"])),
      ],
      branches: [
        .init(
          if: [.init("layers", [.integer(2), .integer(3)])],
          SearchSpace([.init("rec_drop", .real(try RealRange(0, 0.5)))]))
      ])
    let space = SearchSpace(
      [.init("model", try choice(["gbt", "lstm"]))],
      branches: [
        .init(if: [.init("model", [.text("gbt")])], booster), .init(if: [.init("model", [.text("lstm")])], lstm),
      ])
    return TestFunction(name: "mixed", optimum: 0, space: space) { parameters in
      func number(_ name: String) -> Double { parameters[name]?.number ?? .nan }
      func square(_ value: Double) -> Double { value * value }
      if parameters["model"] == .text("gbt") {
        var value: Double = 0.15 + 0.5 * square(log10(number("gbt_lr") / 0.05))
        value += 0.3 * square(log(number("leaves") / 63) / log(4))
        value += 0.02 * square(number("depth") - 7)
        value += 0.01 * square(log10(number("l2")) + 2)
        if parameters["boost"] == .text("dart") { return value + 0.05 + 2 * square(number("drop") - 0.1) }
        return parameters["boost"] == .text("goss") ? value + 0.1 : value
      }
      let layers: [Double] = [0, 0.15, 0, 0.08]
      let optimizers: [String: Double] = ["adam": 0, "rms": 0.05, "sgd": 0.3]
      var value: Double = 0.6 * square(log10(number("lstm_lr") / 3e-3))
      value += 0.1 * square(log2(number("hidden") / 128))
      value += layers[Int(number("layers"))] + 3 * square(number("dropout") - 0.2)
      value += optimizers[parameters["optim"]?.description ?? ""] ?? .nan
      return number("layers") > 1 ? value + 2 * square(number("rec_drop") - 0.1) : value
    }
  }
}
