// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
import Sweeps

/// A row of one of the benchmark's data sets.
struct BenchmarkRow: Sendable {
  let patient: Int
  let stay: Int
  let label: Float
  let tabular: [Float]
  let sequence: [Float]
}

/// How an episode becomes rows of one task.
struct BenchmarkRowMaker: Sendable {
  let outcome: Outcome
  /// Place in `Phenotype.all`, of that outcome.
  let phenotype: Int?
  let hoursBetweenSamples: Int

  /// What was known some hours after the time in.
  struct Known: Sendable {
    let tabular: [Float]
    let sequence: [Float]

    init(_ episode: BenchmarkEpisode, hours: Double) {
      let rows = episode.rows(within: hours)
      tabular = BenchmarkFeatures.values(rows)
      // In-hospital mortality: the first 48 hours. The others: the last 48 before the sample.
      sequence = BenchmarkTensor.values(rows, start: max(0, hours - Double(BenchmarkTensor.stepCount)))
    }
  }

  /// - Parameter known: of this episode, by hours; what is made is added.
  func rows(_ episode: BenchmarkEpisode, _ known: inout [Double: Known]) -> [BenchmarkRow] {
    var rows: [BenchmarkRow] = []
    for sample in samples(episode) {
      let found = known[sample.hours] ?? Known(episode, hours: sample.hours)
      known[sample.hours] = found
      rows.append(
        BenchmarkRow(
          patient: episode.stay.patient, stay: episode.stay.stay, label: Float(sample.label), tabular: found.tabular,
          sequence: found.sequence))
    }
    return rows
  }

  private func samples(_ episode: BenchmarkEpisode) -> [BenchmarkEpisode.Sample] {
    switch outcome {
    case .inHospitalMortality: return [episode.mortalitySample].compactMap { $0 }
    case .decompensation: return thinned(episode.decompensationSamples)
    case .remainingLengthOfStay: return thinned(episode.remainingStaySamples)
    case .phenotype:
      guard let phenotype, let sample = episode.phenotypingSample else { return [] }
      let isPresent = episode.stay.phenotypes >> UInt32(phenotype) & 1 == 1
      return [.init(hours: sample.hours, label: isPresent ? 1 : 0)]
    default: return []
    }
  }

  private func thinned(_ samples: [BenchmarkEpisode.Sample]) -> [BenchmarkEpisode.Sample] {
    samples.filter { Int($0.hours) % hoursBetweenSamples == 0 }
  }
}

/// Writes one of the benchmark's data sets.
final class BenchmarkWriter {
  let maker: BenchmarkRowMaker
  private let directory: String
  private let writer: DatasetWriter
  private let records: HospitalRecords
  private let flow: [CohortStep]
  private let indexTime: String
  private var group: Int64 = -1
  private var patient = -1
  private var rowCount = 0
  private var positiveCount = 0
  private var labelSum = 0.0

  static func all(
    _ gathered: GatheredBenchmark, outputDirectory: String, source: String, settings: PreparationSettings,
    benchmark: BenchmarkSettings
  ) throws(PreparationError) -> [BenchmarkWriter] {
    var wanted: [(outcome: Outcome, phenotype: Int?, folder: String)] = [
      Outcome.inHospitalMortality, .decompensation, .remainingLengthOfStay,
    ].map { ($0, nil, $0.rawValue) }
    for name in benchmark.phenotypes {
      let place = Phenotype.all.firstIndex { $0.slug == name }
      wanted.append((.phenotype, place, "\(Outcome.phenotype.rawValue)/\(name)"))
    }
    return try wanted.map { entry throws(PreparationError) in
      try BenchmarkWriter(
        gathered,
        BenchmarkRowMaker(
          outcome: entry.outcome, phenotype: entry.phenotype, hoursBetweenSamples: benchmark.hoursBetweenSamples),
        directory: "\(outputDirectory)/\(entry.folder)", source: source, settings: settings)
    }
  }

  private init(
    _ gathered: GatheredBenchmark, _ maker: BenchmarkRowMaker, directory: String, source: String,
    settings: PreparationSettings
  ) throws(PreparationError) {
    self.maker = maker
    self.directory = directory
    records = gathered.records
    flow = gathered.cohort.flow
    indexTime = settings.indexTimeText(maker.outcome)
    let phenotype = maker.phenotype.map { "-" + Phenotype.all[$0].slug } ?? ""
    do throws(ShardError) {
      writer = try DatasetWriter(
        directory: directory,
        description: DatasetDescription(
          name: "\(source)-mimic3-benchmarks-\(maker.outcome.rawValue)\(phenotype)", outcome: maker.outcome,
          source: source, indexTime: settings.indexTimeText(maker.outcome), columns: BenchmarkFeatures.columns,
          channels: BenchmarkTensor.channels, stepCount: BenchmarkTensor.stepCount,
          flow: SmallCells.shown(flow), createdBy: settings.createdBy),
        rowsPerShard: settings.rowsPerShard)
    } catch {
      throw PreparationError(cause: .output(error))
    }
  }

  func append(_ rows: [BenchmarkRow]) throws(PreparationError) {
    for row in rows {
      if row.patient != patient {
        patient = row.patient
        group += 1
      }
      rowCount += 1
      if row.label == 1 { positiveCount += 1 }
      labelSum += Double(row.label)
      do throws(ShardError) {
        try writer.append(
          ShardRow(
            tabular: row.tabular, sequence: row.sequence, label: row.label, group: group,
            rowID: records.stays[row.stay].stayID))
      } catch {
        throw PreparationError(cause: .output(error))
      }
    }
  }

  /// nil where no stay has a sample of this task: then nothing is written.
  func finish() throws(PreparationError) -> PreparationReport.OutcomeReport? {
    guard rowCount > 0 else { return nil }
    let manifest: Manifest
    do throws(ShardError) { manifest = try writer.finish() } catch { throw PreparationError(cause: .output(error)) }
    let isBinary = maker.outcome.isBinary
    let isHidden = isBinary && [positiveCount, rowCount - positiveCount].contains { (1...10).contains($0) }
    return PreparationReport.OutcomeReport(
      outcome: maker.outcome.rawValue, directory: directory, indexTime: indexTime,
      flow: SmallCells.shown(flow), rowCount: rowCount,
      patientCount: Int(group + 1), columnCount: BenchmarkFeatures.count,
      positiveCount: isBinary && !isHidden ? positiveCount : nil, isPositiveCountHidden: isHidden,
      labelMean: !isBinary && rowCount > 10 ? labelSum / Double(rowCount) : nil, fileCount: manifest.files.count)
  }
}
