// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import Boosters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct CapabilityTests {
  private func train(
    _ rows: Case, _ parameters: Parameters, matrix: BinnedMatrix? = nil, monotone: [Int8] = [],
    objective: ObjectiveKind = .binary, threads: BoosterThreads = .one
  ) throws -> BoosterFit {
    let options = try BoosterOptions(parameters)
    return try fitBooster(
      train: matrix ?? rows.binned(options.binCountMax), labels: rows.labels, validation: nil, objective: objective,
      options: options, seed: 3, monotone: monotone, threads: threads
    ) { _, _ in true }
  }

  /// Goal: growth by level fills a level before the next. Method: 12 leaves are four of depth 3 and eight of depth 4... only
  /// where all may be split; so leaves' depths differ by one at most while each leaf has a split left.
  @Test func levelGrowth_fillsLevels() throws {
    let rows = Case(seed: 1, rowCount: 4_000, columnCount: 8)
    let byLevel = try train(
      rows, ["growth": .text("level"), "trees": .integer(3), "leaves": .integer(16), "min_leaf": .integer(5)])
    for tree in byLevel.booster.trees { #expect(tree.depth == 4 && tree.leafValues.count == 16) }
    let byLeaf = try train(rows, ["trees": .integer(3), "leaves": .integer(16), "min_leaf": .integer(5)])
    #expect(byLeaf.booster.trees.contains { $0.depth > 4 })
  }

  @Test func rateSchedules_fallToAHundredth() throws {
    var parameters: Parameters = ["trees": .integer(11), "learning_rate": .real(0.2)]
    for (schedule, middle) in [("constant", 0.2), ("linear", 0.2 * 0.505), ("cosine", 0.2 * 0.505)] {
      parameters["rate_schedule"] = .text(schedule)
      let options = try BoosterOptions(parameters)
      #expect(options.learningRate(ofTree: 0) == 0.2)
      #expect(abs(options.learningRate(ofTree: 5) - middle) < 1e-12)
      #expect(abs(options.learningRate(ofTree: 10) - (schedule == "constant" ? 0.2 : 0.002)) < 1e-12)
    }
  }

  /// Goal: GOSS keeps the largest gradients and estimates sums without bias. Method: the kept share is counted; gradients
  /// of all rows and of the sample agree on the mean over many draws.
  @Test func goss_keepsTheLargest_andTheSums() {
    let rows = Case(seed: 1, rowCount: 1_000, columnCount: 3)
    let state = ScoredRows(labels: rows.labels, objective: Objective(.binary), initialScore: -1)
    state.differentiate()
    let largest = (0..<1_000).map { abs(state.gradients[$0] * state.hessians[$0]) }.max() ?? 0
    let whole = (0..<1_000).reduce(0) { $0 + state.gradients[$1] }
    var mean = 0.0
    for draw in 0..<200 as Range<UInt64> {
      state.differentiate()
      let sizes = (0..<1_000).map { abs(state.gradients[$0] * state.hessians[$0]) }
      let sample = state.sampleByGradient(top: 0.2, rest: 0.1, key: draw)
      #expect(sample.count == 300 && sample == sample.sorted() && Set(sample).count == 300)
      #expect(sizes.indices.filter { sizes[$0] == largest }.prefix(200).allSatisfy { sample.contains(UInt32($0)) })
      mean += sample.reduce(0) { $0 + state.gradients[Int($1)] } / 200
    }
    #expect(abs(mean - whole) < 0.05 * Double(rows.labels.count), "\(mean) for \(whole)")
  }

  @Test func gossAndDart_learn() throws {
    let rows = Case(seed: 1, rowCount: 3_000, columnCount: 10)
    let test = Case(seed: 2, rowCount: 3_000, columnCount: 10)
    for parameters: Parameters in [
      ["sampling": .text("goss"), "trees": .integer(60)],
      ["drop_rate": .real(0.1), "trees": .integer(60)],
    ] {
      let area = auroc(try train(rows, parameters).booster.predict(test), test.labels)
      #expect(area > 0.87, "AUROC \(area) with \(parameters)")
    }
  }

  /// Goal: the reported training loss is the model's. In real life: DART changes trees after they were added, and a slip
  /// leaves scores and trees apart.
  @Test func dart_scoresAreThoseOfItsTrees() throws {
    let rows = Case(seed: 1, rowCount: 500, columnCount: 5)
    let fit = try train(rows, ["drop_rate": .real(0.3), "drop_skip": .real(0), "trees": .integer(20)])
    let scores = fit.booster.scores(rows)
    let loss = zip(scores, rows.labels).reduce(0) { $0 + log1p(exp($1.1 > 0 ? -$1.0 : $1.0)) } / 500
    #expect(abs(loss - (fit.trainLoss.last ?? 0)) < 1e-9)
  }

  /// Goal: no row's prediction falls (rises) when its value rises. Method: 60 rows, 40 values of the column each; without
  /// the constraint the noise makes some fall.
  @Test(arguments: [1, -1] as [Int8]) func monotoneColumns_areMonotone(sign: Int8) throws {
    let rows = Case(seed: 5, rowCount: 800, columnCount: 4, missing: 0.1)
    func breaks(_ fit: BoosterFit, column: Int) -> Int {
      (0..<60).count { row in
        let grid = (0..<40).flatMap { step in
          var values = Array(rows.values[(row * 4)..<(row * 4 + 4)])
          values[column] = Float(step) / 8 - 2.5
          return values
        }
        let scores = fit.booster.scores(Case(values: grid, labels: [Float](repeating: 0, count: 40), columnCount: 4))
        return zip(scores, scores.dropFirst()).contains { Double(sign) * ($1 - $0) < 0 }
      }
    }
    let parameters: Parameters = ["trees": .integer(30), "min_leaf": .integer(3)]
    for column in [0, 3] {
      var monotone: [Int8] = [0, 0, 0, 0]
      monotone[column] = sign
      #expect(breaks(try train(rows, parameters, monotone: monotone), column: column) == 0)
      #expect(breaks(try train(rows, parameters), column: column) > 10)
    }
  }

  /// In real life: a ward number has no order, and the risk is high in a scattered few.
  @Test func categories_areSplitBySubsets() throws {
    var random = CounterGenerator(key: 4)
    let risky: Set<Int> = [1, 5, 6, 11, 17]
    var values: [Float] = []
    var labels: [Float] = []
    for _ in 0..<4_000 {
      let ward = random.below(20)
      values += [Float(random.normal()), random.uniform() < 0.05 ? .nan : Float(ward)]
      labels.append(random.uniform() < (risky.contains(ward) ? 0.8 : 0.1) ? 1 : 0)
    }
    let rows = Case(values: values, labels: labels, columnCount: 2)
    let matrix = values.withUnsafeBufferPointer {
      BinnedMatrix(binning: $0, rowCount: 4_000, columnCount: 2, binCountMax: 255, categoricalColumns: [1])
    }
    let fit = try train(rows, ["trees": .integer(1), "leaves": .integer(2), "min_leaf": .integer(5)], matrix: matrix)
    let tree = fit.booster.trees[0]
    #expect(tree.nodes[0].isCategorical)
    let sets = (0..<20).filter { tree.contains(Float($0), tree.nodes[0]) }
    #expect(Set(sets) == risky || Set(sets) == Set(0..<20).subtracting(risky))
    // Unseen, missing, negative and huge values go right, and 5.7 is category 5.
    for value: Float in [20, 900, .nan, -1, .infinity, -.infinity, 1e30] {
      #expect(!tree.contains(value, tree.nodes[0]))
    }
    #expect(tree.contains(5.7, tree.nodes[0]) == tree.contains(5, tree.nodes[0]))
    // Bins and raw values must part rows alike.
    let more = try train(rows, ["trees": .integer(20), "min_leaf": .integer(5)], matrix: matrix)
    for tree in more.booster.trees {
      values.withUnsafeBufferPointer { raw in
        for row in 0..<4_000 {
          #expect(raw.baseAddress.map { tree.leaf($0 + 2 * row) } == tree.leaf(row: row, of: matrix))
        }
      }
    }
  }

  /// Goal: the same bits with any number of threads. Method: the "threads" take their parts in reverse and at once.
  @Test(arguments: [2, 3, 7]) func threads_changeNothing(count: Int) throws {
    let rows = Case(seed: 6, rowCount: 1_500, columnCount: 200)
    let parameters: Parameters = ["trees": .integer(5), "min_leaf": .integer(2), "subsample": .real(0.7)]
    let backwards = BoosterThreads(count: count) { count, body in
      for index in (0..<count).reversed() { body(index) }
    }
    #expect(try train(rows, parameters, threads: backwards) == train(rows, parameters))
    #expect(try train(rows, parameters, threads: pthreads(count)) == train(rows, parameters))
  }

  /// In real life: a trial is judged by the area under the curve, and its log loss turns before that does.
  @Test func earlyStopping_followsTheGivenScore() throws {
    let rows = Case(seed: 1, rowCount: 400, columnCount: 6)
    let held = Case(seed: 2, rowCount: 400, columnCount: 6)
    let options = try BoosterOptions(["trees": .integer(200), "patience": .integer(5), "min_leaf": .integer(3)])
    var areas: [Double] = []
    let fit = try held.values.withUnsafeBufferPointer { values in
      try fitBooster(
        train: rows.binned(), labels: rows.labels, validation: (values, held.labels), objective: .binary,
        options: options, seed: 1,
        stoppingScore: { predictions, labels in
          areas.append(auroc(predictions, labels))
          return -auroc(predictions, labels)
        }
      ) { _, _ in true }
    }
    // The first call is for the model without trees.
    #expect(areas.count == fit.validLoss.count + 1)
    #expect(areas.firstIndex(of: areas.max() ?? 0) == fit.bestTreeCount && areas.count == fit.bestTreeCount + 6)
  }
}

/// A thread each, joined before the return.
private func pthreads(_ count: Int) -> BoosterThreads {
  BoosterThreads(count: count) { count, body in
    withoutActuallyEscaping(body) { body in
      let handles = (0..<count).map { index -> pthread_t in
        var handle = pthread_t()
        let work = Unmanaged.passRetained(Work { body(index) })
        let status = pthread_create(
          &handle, nil,
          { argument in
            if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
          }, work.toOpaque())
        precondition(status == 0, "no thread")
        return handle
      }
      for handle in handles { pthread_join(handle, nil) }
    }
  }
}

private final class Work {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}
