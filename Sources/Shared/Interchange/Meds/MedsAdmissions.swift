// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// A subject's admissions and ICU stays, put together from the events that begin and end them.
struct MedsAdmissions {
  struct Admission {
    let hadmID: Int64
    let start: Int64
    let event: MedsEvent
    var end: Int64?
    var dischargeLocation: String?
    var emergencyStart: Int64?
    var emergencyEnd: Int64?
  }

  struct Stay {
    let stayID: Int64
    let start: Int64
    let firstUnit: String?
    let hadmID: Int64?
    var end: Int64?
    var lastUnit: String?
  }

  private(set) var admissions: [Admission] = []
  private(set) var stays: [Stay] = []
  private(set) var birth: Int64?
  private(set) var death: Int64?
  private(set) var gender: String?

  /// - Parameters:
  ///   - nextAdmission: number for an admission that has none; counted up. So is `nextStay`.
  init(_ events: [MedsEvent], nextAdmission: inout Int64, nextStay: inout Int64) {
    for event in events {
      switch event.code {
      case .birth: birth = event.time
      case .death: death = event.time
      case .gender(let text): gender = text
      case .admission:
        guard let start = event.time else { continue }
        var hadmID = event.hadmID
        if hadmID == nil {
          nextAdmission += 1
          hadmID = nextAdmission
        }
        admissions.append(Admission(hadmID: hadmID ?? 0, start: start, event: event))
      case .stayStart(let unit):
        guard let start = event.time else { continue }
        var stayID = event.stayID
        if stayID == nil {
          nextStay += 1
          stayID = nextStay
        }
        stays.append(Stay(stayID: stayID ?? 0, start: start, firstUnit: unit, hadmID: event.hadmID))
      default: break
      }
    }
    for event in events { if let time = event.time { end(event, time) } }
  }

  private mutating func end(_ event: MedsEvent, _ time: Int64) {
    switch event.code {
    case .discharge(let location):
      guard let place = place(of: event, time, hasEnd: false) else { return }
      admissions[place].end = time
      admissions[place].dischargeLocation = location
    case .stayEnd(let unit):
      let place = stays.lastIndex { stay in
        event.stayID.map { $0 == stay.stayID } ?? (stay.start <= time && stay.end == nil)
      }
      guard let place else { return }
      stays[place].end = time
      stays[place].lastUnit = unit
    case .emergencyStart: if let place = nearest(event, time) { admissions[place].emergencyStart = time }
    case .emergencyEnd: if let place = nearest(event, time) { admissions[place].emergencyEnd = time }
    default: break
    }
  }

  private func place(of event: MedsEvent, _ time: Int64, hasEnd: Bool) -> Int? {
    if let hadmID = event.hadmID { return admissions.lastIndex { $0.hadmID == hadmID } }
    return admissions.lastIndex { $0.start <= time && ($0.end != nil) == hasEnd }
  }

  /// The published conversion does not say which admission an emergency registration led to: the one that starts nearest, within two days.
  private func nearest(_ event: MedsEvent, _ time: Int64) -> Int? {
    if let hadmID = event.hadmID { return admissions.lastIndex { $0.hadmID == hadmID } }
    let best = admissions.indices.min { abs(admissions[$0].start - time) < abs(admissions[$1].start - time) }
    return best.flatMap { abs(admissions[$0].start - time) <= 2 * CivilTime.secondsPerDay ? $0 : nil }
  }

  /// The admission that was under way, ends included.
  func admission(at time: Int64) -> Int64? {
    admissions.last { $0.start <= time && time <= ($0.end ?? .max) }?.hadmID
  }

  /// Whether this admission ended in death, and when, if more than the day is known.
  func death(in admission: Admission) -> (isDead: Bool, time: Int64?) {
    let words = admission.dischargeLocation?.uppercased() ?? ""
    let isSaid = words.hasPrefix("DEAD") || words.hasPrefix("DIED") || words.contains("EXPIRED")
    guard let death else { return (isSaid, nil) }
    let isDay = death % CivilTime.secondsPerDay == 0
    let end = admission.end ?? .max
    // A day of death reaches from its midnight on; a moment may be written a little after the discharge.
    let isWithin = death >= admission.start - (isDay ? CivilTime.secondsPerDay : 0) && death <= end
    let isDead = isSaid || (isWithin && !isDay)
    return (isDead, isDead && !isDay ? death : nil)
  }

  /// The admission of a stay that names none.
  func hadmID(of stay: Stay) -> Int64? { stay.hadmID ?? admission(at: stay.start) }
}
