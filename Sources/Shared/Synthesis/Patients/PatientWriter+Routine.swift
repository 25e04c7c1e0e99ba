// SPDX-License-Identifier: Apache-2.0

import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The bulk of CHARTEVENTS, at the density of MIMIC-III: about 7,000 rows a patient, very unevenly.
///
/// Written as bytes: a row's time and ids are those of the row before it far more often than not.
extension PatientWriter {
  mutating func writeRoutine(_ admission: Admission) {
    // Log-normal with mean 1: a tenth of the patients has twice the rows of the median.
    let density = exp(0.7 * random.normal() - 0.245)
    for stay in admission.stays {
      var time = stay.intime + Int64(random.below(3_600))
      var hourOfStay = 0
      let ids = line("\(patient.subject),\(admission.id),\(stay.id),")
      while time < stay.outtime {
        writeRoutine(ids, at: time, hourOfStay, density)
        time += hour
        hourOfStay += 1
      }
    }
  }

  private func line(_ text: String) -> [UInt8] { Array(text.utf8) }

  private mutating func writeRoutine(_ ids: [UInt8], at time: Int64, _ hourOfStay: Int, _ density: Double) {
    var times: [UInt8] = [UInt8(ascii: ",")]
    Field.time(time).append(to: &times)
    times.append(UInt8(ascii: ","))
    Field.time(time + 600).append(to: &times)
    times.append(UInt8(ascii: ","))
    Field.integer(14_000 + random.below(40)).append(to: &times)
    times.append(UInt8(ascii: ","))
    let isCareVue = patient.isCareVue
    var generator = random
    tables.appendCharts { bytes in
      for (index, item) in RoutineItem.all.enumerated() where hourOfStay % item.everyHours == 0 {
        // A whole number of rows, the fraction by chance.
        let wanted = density * 3.4
        let copies = Int(wanted) + (generator.uniform() < wanted - wanted.rounded(.down) ? 1 : 0)
        guard copies > 0 else { continue }
        let start = ids + (isCareVue ? Self.careVueItems[index] : Self.metaVisionItems[index]) + times
        let values = Self.values[index]
        for _ in 0..<copies {
          let word = generator.next()
          // MetaVision marks what was entered by mistake; CareVue leaves the columns empty.
          let ending = isCareVue ? 0 : (word >> 32) % 211 == 0 ? 2 : 1
          bytes += start
          bytes += values[Int(word % UInt64(values.count / 3)) * 3 + ending]
        }
      }
    }
    random = generator
  }

  private static let careVueItems = RoutineItem.all.map { Array("\($0.careVueItem)".utf8) }
  private static let metaVisionItems = RoutineItem.all.map { Array("\($0.metaVisionItem)".utf8) }
  /// WARNING to STOPPED: of CareVue, of MetaVision, of MetaVision's errors.
  private static let endings = [",,,\"NotStopd\"\n", "0,0,,\n", "0,1,,\n"].map { Array($0.utf8) }

  /// From VALUE to the end of the line, for each item: all that it can show, each with the three endings.
  private static let values: [[[UInt8]]] = RoutineItem.all.map { item in
    var shown: [[UInt8]] = []
    if item.texts.isEmpty {
      for step in 0..<41 {
        let value = max(0, item.mean * (0.7 + 0.015 * Double(step)))
        var bytes: [UInt8] = []
        Field.decimal(value, places: 0).append(to: &bytes)
        let number = bytes
        bytes += Array(",".utf8) + number + Array(",".utf8)
        if !item.unit.isEmpty { Field.text(item.unit).append(to: &bytes) }
        shown.append(bytes + Array(",".utf8))
      }
    } else {
      for text in item.texts {
        var bytes: [UInt8] = []
        Field.text(text).append(to: &bytes)
        shown.append(bytes + Array(",,,".utf8))
      }
    }
    return shown.flatMap { value in endings.map { value + $0 } }
  }
}
