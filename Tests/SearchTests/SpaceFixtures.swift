// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search

enum SpaceFixtures {
  /// Three learners, one of them with a branch in its branch; continuous.
  static func mixed() throws -> SearchSpace {
    SearchSpace(
      [.init("model", .choice(try Choice([.text("a"), .text("b"), .text("c")], weights: [5, 4, 1])))],
      branches: [
        .init(
          if: [.init("model", [.text("a")])],
          SearchSpace(
            [
              .init("lr", .real(try RealRange(1e-4, 0.1, log: true))),
              .init("layers", .integer(try IntegerRange(1, 2))),
              .init("units", .integer(try IntegerRange(4, 300, log: true))), .init("epochs", .fixed(.integer(20))),
            ],
            branches: [
              .init(
                if: [.init("layers", [.integer(2)])],
                SearchSpace([.init("between", .real(try RealRange(-0.5, 0.4)))]))
            ])),
        .init(
          if: [.init("model", [.text("b"), .text("c")])],
          SearchSpace([
            .init("l2", .real(try RealRange(0, 1, step: 0.05))), .init("leaves", .integer(try IntegerRange(7, 255))),
          ])),
      ])
  }

  static func stepped() throws -> SearchSpace {
    SearchSpace([
      .init("x", .real(try RealRange(0.1, 0.4, step: 0.1))), .init("y", .integer(try IntegerRange(10, 30, step: 10))),
      .init("z", .choice(try Choice([.text("p"), .flag(true)]))), .init("k", .fixed(.real(2))),
    ])
  }

  /// Values in an order, beside a weighted choice.
  static func ordinal() throws -> SearchSpace {
    SearchSpace([
      .init("size", .choice(try Choice([.text("s"), .text("m"), .text("l"), .text("xl")], ordered: true))),
      .init("kind", .choice(try Choice([.text("u"), .text("v")], weights: [3, 1]))),
      .init("rate", .real(try RealRange(1e-3, 1, log: true))),
    ])
  }

  /// About a third of the square is allowed.
  static func required() throws -> SearchSpace {
    SearchSpace(
      [
        .init("leaves", .integer(try IntegerRange(2, 256, log: true))),
        .init("max_depth", .integer(try IntegerRange(1, 8))), .init("x", .real(try RealRange(0, 1))),
      ], requirements: [try Requirement("leaves <= 2 ** max_depth")])
  }

  /// 2·(1 + 3) + 2 = 10 cells: b exists only with m = 1 and a = 2, two branches can hold at a time.
  static func nested() throws -> SearchSpace {
    SearchSpace(
      [.init("m", .integer(try IntegerRange(1, 2)))],
      branches: [
        .init(
          if: [.init("m", [.integer(1)])],
          SearchSpace(
            [.init("a", .integer(try IntegerRange(1, 2)))],
            branches: [
              .init(
                if: [.init("a", [.integer(2)])],
                SearchSpace([.init("b", .real(try RealRange(1e-3, 0.1, log: true, points: 3)))]))
            ])),
        .init(
          if: [.init("m", [.integer(1), .integer(2)])],
          SearchSpace([.init("c", .choice(try Choice([.text("u"), .text("v")])))])),
      ])
  }
}
