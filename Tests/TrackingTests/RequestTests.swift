// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps
import Testing
import Tracking

@Suite struct RequestTests {
  /// In real life: two requests to two sweeps of one tracker wait, beside a file that somebody dropped there.
  @Test func box_keepsRequestsUntilTheyAreTaken() throws {
    let fixture = try Fixture()
    let box = RequestBox(tracker: fixture.path)
    #expect(box.requests(to: "demo").requests.isEmpty)
    let late = SweepRequest(sweep: "demo", kind: .stopTrial, trial: 3, at: 20)
    let early = SweepRequest(sweep: "demo", kind: .enqueue, parameters: "{model: linear}", at: 10)
    for request in [late, early, SweepRequest(sweep: "other", kind: .stopSweep, at: 5)] { try box.put(request) }
    try Data("{}".utf8).write(to: URL(fileURLWithPath: box.folder + "/note.json"))
    #expect(box.requests(to: "demo").requests == [early, late])
    #expect(box.requests(to: "demo").strange == ["note.json"])
    box.remove(early.token)
    #expect(box.requests(to: "demo").requests == [late])
    #expect(box.requests(to: "other").requests.count == 1)
  }

  /// In real life: a fold failed until it was given up, somebody mends the disk and asks for another try, and the coordinator is
  /// killed. The next start hands the fold out, and its old failures count no more.
  @Test func retriedTask_isOpenAgain_withoutItsFailures() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 1).id
    let fold = task(sweep, 0, 2)
    let taken = ControlRecord(
      token: String(repeating: "a", count: 32), effect: .trialRetried, trial: 0, note: "tried again")
    func fail(_ number: Int64) -> [TrackerRecord] {
      [
        .leaseGranted(attempt(fold, 1, number), to: worker),
        .leaseEnded(attempt(fold, 1, number), .failed, message: "disk"), .taskQuarantined(fold, reason: "disk"),
      ]
    }
    try store.commit([trial(sweep, 0), .workerJoined(identity)] + fail(1), at: 2)
    #expect(try store.openSweep(registration(), at: 3).recovered.quarantined == [fold])
    try store.commit([.requestTaken(sweep, taken)], at: 4)
    let retried = try store.openSweep(registration(), at: 5)
    #expect(retried.recovered.quarantined.isEmpty && retried.recovered.open.isEmpty)
    #expect(retried.givenUp == [fold] && retried.requests == [taken])
    // It fails again: given up again.
    try store.commit(fail(2), at: 6)
    #expect(try store.openSweep(registration(), at: 7).recovered.quarantined == [fold])
    // The same request twice is a fault of ours, and refused by the table.
    #expect(throws: TrackerError.self) { try store.commit([.requestTaken(sweep, taken)], at: 8) }
  }

  @Test func tracker_isInUse_whileACoordinatorHasIt() throws {
    let fixture = try Fixture()
    #expect(!trackerIsInUse(fixture.path))
    var store: TrackerStore? = try fixture.store()
    #expect(store != nil && trackerIsInUse(fixture.path))
    try store?.close()
    store = nil
    #expect(!trackerIsInUse(fixture.path))
  }
}
