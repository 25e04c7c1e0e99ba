// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Search
import Testing

/// What samplers find, and what a suggestion costs. Tiny in every test run; `make bench-search` runs it large, beside
/// Optuna on the same functions, seeds and budgets.
@Suite(.serialized) struct SamplerQualityBenchmark {
  static let environment = ProcessInfo.processInfo.environment
  static let isLarge = environment["MUSTER_BENCH"] == "search"
  static let seedCount = isLarge ? Int(environment["SEEDS"] ?? "") ?? 10 : 1
  static let firstSeed = Int(environment["FIRST_SEED"] ?? "") ?? 0
  static let kinds: [SamplerKind] =
    environment["SAMPLERS"].map { $0.split(separator: ",").compactMap { SamplerKind(rawValue: String($0)) } }
    ?? [.random, .sobol, .halton, .tpe, .cmaes, .gp]

  /// Best values after 50, 100 and 200 trials, and CPU ms a suggestion. A round of one is how Optuna's sequential loop runs.
  static func run(_ function: TestFunction, _ settings: SamplerSettings, trials: Int) throws -> (
    best: [Double], ms: Double
  ) {
    var sampler = try settings.makeSampler(space: function.space)
    var history = TrialHistory(UnitCube(function.space))
    var (best, lowest, cpu) = ([Double](), Double.infinity, 0.0)
    for number in 0..<trials {
      let start = cpuMilliseconds()
      history.knownCount = sampler.prefixCount(trial: number)
      let proposal = sampler.suggest(trial: number, after: history)
      cpu += cpuMilliseconds() - start
      guard let proposal else { break }
      let value = function.value(proposal)
      history.append(proposal)
      history.settle(number, loss: value)
      lowest = min(lowest, value)
      if [50, 100, 200].contains(number + 1) { best.append(lowest) }
    }
    return (best, cpu / Double(trials))
  }

  static func cpuMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
  }

  // Goal: every sampler that learns finds more than chance does; the large run prints the table of docs/Search.md.
  @Test func quality() throws {
    let (tuned, fresh) = (try TestFunction.all(), try TestFunction.fresh())
    let suite = Self.isLarge ? Self.environment["SUITE"] == "fresh" ? fresh : tuned : tuned + fresh
    let functions = suite.filter {
      Self.environment["FUNCTIONS"].map { $0.split(separator: ",").map(String.init) }?.contains($0.name) ?? true
    }
    let roundSize = Self.environment["ROUND"].flatMap { Int($0) }
    if Self.isLarge { print("function,sampler,seed,best50,best100,best200,cpu_ms") }
    for function in functions {
      for kind in Self.kinds {
        for seed in Self.firstSeed..<(Self.firstSeed + Self.seedCount) {
          let settings = SamplerSettings(
            kind: kind, seed: UInt64(seed), roundSize: kind == .cmaes || kind == .nsga2 ? nil : roundSize)
          let (best, ms) = try Self.run(function, settings, trials: Self.isLarge ? 200 : 50)
          #expect(best.allSatisfy { $0 >= function.optimum - 1e-5 && $0.isFinite })
          if Self.isLarge {
            print(
              ([function.name, kind.rawValue, "\(seed)"] + best.map { "\($0)" } + ["\(ms)"]).joined(separator: ","))
          }
        }
      }
    }
  }

  // Goal: a suggestion stays cheap with many trials. Method: the cost of the next one after 100, 1,000 and 5,000 random
  // trials of five parameters, the median of 20; the sampler has seen nothing before, and then has.
  @Test func suggestionCost() throws {
    let function = try #require(try TestFunction.all().first { $0.name == "rosenbrock5" })
    for count in Self.isLarge ? [100, 1_000, 5_000] : [100] {
      var history = TrialHistory(UnitCube(function.space))
      let random = RandomSampler(space: function.space, seed: 1)
      for number in 0..<count {
        let proposal = try #require(random.suggest(trial: number, after: .none))
        history.append(proposal)
        history.settle(number, loss: function.value(proposal))
      }
      for kind in Self.kinds where kind != .grid {
        var sampler = try SamplerSettings(kind: kind, seed: 3, roundSize: kind == .cmaes || kind == .nsga2 ? nil : 1)
          .makeSampler(space: function.space)
        var costs: [Double] = []
        var grown = history
        for number in count..<(count + 21) {
          grown.knownCount = sampler.prefixCount(trial: number)
          let start = Self.cpuMilliseconds()
          let suggested = sampler.suggest(trial: number, after: grown)
          costs.append(Self.cpuMilliseconds() - start)
          let proposal = try #require(suggested)
          grown.append(proposal)
          grown.settle(number, loss: function.value(proposal))
        }
        let first = costs.removeFirst()
        if Self.isLarge {
          let median = costs.sorted()[costs.count / 2]
          print("cost,\(kind.rawValue),\(count),first,\(first),median,\(median),worst,\(costs.max() ?? 0)")
        }
      }
    }
  }
}
