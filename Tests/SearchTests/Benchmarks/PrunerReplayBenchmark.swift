// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Search
import Sweeps
import Testing

/// What pruning saves, on sweeps that were trained once and are replayed: fold-trainings until a whole trial is within
/// 0.5 % of the table's best. `make bench-search` prints the table of docs/Search.md.
@Suite struct PrunerReplayBenchmark {
  static let isLarge = ProcessInfo.processInfo.environment["MUSTER_BENCH"] == "search"

  static func tables() throws -> [ScoreTable] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Tables")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".csv") }
      .sorted()
    return try names.map {
      try ScoreTable(name: $0, text: String(contentsOf: folder.appending(path: $0), encoding: .utf8))
    }
  }

  static func candidates() -> [(name: String, pruner: (any Pruner)?)] {
    let reduction2 = SuccessiveHalvingPruner(reduction: 2)
    return [
      ("none", nil), ("median", MedianPruner(startupCount: 5, warmupFolds: 1)), ("asha η=3", SuccessiveHalvingPruner()),
      ("asha η=2", reduction2), ("hyperband η=2", HyperbandPruner(reduction: 2)), ("wilcoxon", WilcoxonPruner()),
      ("bound", LosslessBoundPruner()), ("fold-rungs", FoldRungsPruner()), ("paired-test", PairedTestPruner()),
      ("paired-test α=0.2", PairedTestPruner(alpha: 0.2)),
    ]
  }

  // Goal: the figures are those of the coordinator's own book of trials. Method: each pruner over 100 orders of a table's
  // trials (5 in a test run), two workers; medians of fold-trainings to the goal and in all, and how often it was missed.
  @Test func trainingsToGoal() throws {
    let tables = try Self.tables()
    #expect(!tables.isEmpty)
    if Self.isLarge { print("replay,table,pruner,toGoalMedian,toGoalP90,missed,totalMedian,bestLossMean") }
    for table in tables {
      for (name, pruner) in Self.candidates() {
        var (reached, totals, missed, loss) = ([Int](), [Int](), 0, 0.0)
        let orders = Self.isLarge ? 100 : 5
        for order in 0..<orders {
          let outcome = try SweepReplay(table: table, workerCount: 2).run(
            TableSampler(table, seed: UInt64(order)), pruner: pruner, settings: PrunerSettings(),
            trials: table.rows.count)
          totals.append(outcome.trainings)
          loss += max(0, table.best - (outcome.best ?? 0)) / table.best / Double(orders)
          if let goal = outcome.trainingsToGoal { reached.append(goal) } else { missed += 1 }
        }
        #expect(totals.allSatisfy { $0 <= table.rows.count * table.foldCount })
        if pruner == nil { #expect(missed == 0 && totals.allSatisfy { $0 == table.rows.count * table.foldCount }) }
        // What never got there counts as having trained all there was.
        let padded = (reached + Array(repeating: table.rows.count * table.foldCount, count: missed)).sorted()
        totals.sort()
        if Self.isLarge {
          print(
            "replay,\(table.name),\(name),\(padded[padded.count / 2]),\(padded[padded.count * 9 / 10]),\(missed),"
              + "\(totals[totals.count / 2]),\(loss)")
        }
      }
    }
  }
}

extension ScoreTable {
  /// `trial,learner,fold,cpu_ms,score,curve`, as Peers/make_table.py writes it; whole trials only.
  init(name: String, text: String) throws {
    var rows: [Row] = []
    var open: (trial: String, learner: Learner, scores: [Double], costs: [Int])?
    func close(_ open: (trial: String, learner: Learner, scores: [Double], costs: [Int])?) {
      guard let open, open.scores.count == 5 else { return }
      rows.append(Row(learner: open.learner, scores: open.scores, milliseconds: open.costs))
    }
    for line in text.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let learner = try #require(Learner(rawValue: fields[1]))
      if open?.trial != fields[0] {
        close(open)
        open = (fields[0], learner, [], [])
      }
      open?.scores.append(try #require(Double(fields[4])))
      open?.costs.append(max(1, try #require(Int(fields[3]))))
    }
    close(open)
    self.init(name: name, rows: rows)
  }
}
