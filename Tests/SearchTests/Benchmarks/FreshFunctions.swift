// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Search

/// Functions on which no setting of a sampler was ever chosen, as `Peers/optuna_quality.py --fresh` has them for Optuna. None has
/// its optimum in the middle of its cube.
extension TestFunction {
  static func fresh() throws -> [TestFunction] {
    [
      try camel(), try hartmann3(), try levy6(), try styblinski5(), try michalewicz5(), try rastrigin4(),
      try families(),
    ]
  }

  /// Six-hump camel (Dixon & Szegő 1978).
  private static func camel() throws -> TestFunction {
    let space = SearchSpace([.init("x0", .real(try RealRange(-3, 3))), .init("x1", .real(try RealRange(-2, 2)))])
    return TestFunction(name: "camel", optimum: -1.031629, space: space) { parameters in
      let (x, y) = (square(parameters, "x0"), square(parameters, "x1"))
      let product: Double = number(parameters, "x0") * number(parameters, "x1")
      let first: Double = (4 - 2.1 * x + x * x / 3) * x
      return first + product + (4 * y - 4) * y
    }
  }

  private static func hartmann3() throws -> TestFunction {
    let a: [[Double]] = [[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]]
    let p: [[Double]] = [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]]
    let c: [Double] = [1, 1.2, 3, 3.2]
    return TestFunction(name: "hartmann3", optimum: -3.86278, space: try cube(3, 0, 1)) { parameters in
      let x = vector(parameters, 3)
      var value = 0.0
      for i in 0..<4 {
        var exponent = 0.0
        for j in 0..<3 {
          let off = x[j] - 1e-4 * p[i][j]
          exponent += a[i][j] * off * off
        }
        value -= c[i] * exp(-exponent)
      }
      return value
    }
  }

  private static func levy6() throws -> TestFunction {
    TestFunction(name: "levy6", optimum: 0, space: try cube(6, -10, 10)) { parameters in
      let w = vector(parameters, 6).map { 1 + ($0 - 1) / 4 }
      let (head, tail) = (sin(Double.pi * w[0]), sin(2 * Double.pi * w[5]))
      var value: Double = head * head + (w[5] - 1) * (w[5] - 1) * (1 + tail * tail)
      for v in w.prefix(5) {
        let wave = sin(Double.pi * v + 1)
        value += (v - 1) * (v - 1) * (1 + 10 * wave * wave)
      }
      return value
    }
  }

  private static func styblinski5() throws -> TestFunction {
    TestFunction(name: "styblinski5", optimum: -195.83083, space: try cube(5, -5, 5)) { parameters in
      vector(parameters, 5).reduce(0) { sum, v in
        let square: Double = v * v
        return sum + (square * square - 16 * square + 5 * v) / 2
      }
    }
  }

  private static func michalewicz5() throws -> TestFunction {
    TestFunction(name: "michalewicz5", optimum: -4.687659, space: try cube(5, 0, Double.pi)) { parameters in
      var value = 0.0
      for (i, v) in vector(parameters, 5).enumerated() {
        value -= sin(v) * pow(sin(Double(i + 1) * v * v / Double.pi), 20)
      }
      return value
    }
  }

  private static func rastrigin4() throws -> TestFunction {
    TestFunction(name: "rastrigin4", optimum: 0, space: try cube(4, -5.12, 5.12)) { parameters in
      vector(parameters, 4).reduce(40) { sum, x in
        let v: Double = x - 1.7
        return sum + v * v - 10 * cos(2 * Double.pi * v)
      }
    }
  }

  /// Three families with parameters of their own; 0 or a little above at the best net.
  private static func families() throws -> TestFunction {
    func choice(_ values: [String]) throws -> Distribution { .choice(try Choice(values.map(ParameterValue.text))) }
    let kernel = SearchSpace(
      [.init("c", .real(try RealRange(1e-3, 1e3, log: true))), .init("kernel", try choice(["rbf", "poly"]))],
      branches: [
        .init(
          if: [.init("kernel", [.text("rbf")])],
          SearchSpace([.init("gamma", .real(try RealRange(1e-4, 10, log: true)))])),
        .init(if: [.init("kernel", [.text("poly")])], SearchSpace([.init("degree", .integer(try IntegerRange(2, 6)))])),
      ])
    let forest = SearchSpace([
      .init("depth", .integer(try IntegerRange(2, 20))), .init("share", .real(try RealRange(0.1, 1))),
    ])
    let net = SearchSpace([
      .init("rate", .real(try RealRange(1e-5, 1, log: true))),
      .init("width", .integer(try IntegerRange(8, 1_024, log: true))),
    ])
    let space = SearchSpace(
      [.init("family", try choice(["kernel", "forest", "net"]))],
      branches: [
        .init(if: [.init("family", [.text("kernel")])], kernel),
        .init(if: [.init("family", [.text("forest")])], forest), .init(if: [.init("family", [.text("net")])], net),
      ])
    return TestFunction(name: "families", optimum: 0, space: space, value: familyValue)
  }

  @Sendable private static func familyValue(_ parameters: Parameters) -> Double {
    func power(_ value: Double) -> Double { value * value }
    switch parameters["family"] {
    case .text("kernel"):
      let c = log10(number(parameters, "c"))
      guard parameters["kernel"] == .text("rbf") else {
        return 0.2 + 0.05 * c * c + 0.03 * power(number(parameters, "degree") - 3)
      }
      let ridge: Double = log10(number(parameters, "gamma")) + c / 2 + 1
      return 0.1 + 0.05 * power(c - 1) + 0.1 * ridge * ridge
    case .text("forest"):
      let (depth, share) = (number(parameters, "depth") - 14, number(parameters, "share") - 0.4)
      let bowl: Double = 0.05 + 0.002 * depth * depth + 0.5 * share * share
      return bowl + 0.2 * abs(share) * abs(depth) / 10
    default:
      let (rate, width) = (number(parameters, "rate"), number(parameters, "width"))
      let bowl: Double = 0.3 * power(log10(rate) + 2.5) + 0.04 * power(log2(width) - 8)
      return bowl + 0.1 * abs(log10(rate * width))
    }
  }

  private static func number(_ parameters: Parameters, _ name: String) -> Double { parameters[name]?.number ?? .nan }
  private static func square(_ parameters: Parameters, _ name: String) -> Double {
    let value = number(parameters, name)
    return value * value
  }
}
