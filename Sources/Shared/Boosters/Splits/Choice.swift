// SPDX-License-Identifier: Apache-2.0

/// A yes or no that is part of a type, so that the compiler makes a kernel for each answer and tests nothing inside it.
protocol Choice {
  static var isMade: Bool { get }
}

enum Yes: Choice {
  static var isMade: Bool { true }
}

enum No: Choice {
  static var isMade: Bool { false }
}
