// SPDX-License-Identifier: Apache-2.0

import Access
import Launching
import Reporting
import Scheduling
import Sockets
import SweepPlans

/// Workers on other machines: how they find this coordinator, and who asks for them.
extension CrewOptions {
  /// `nil` unless workers can join from elsewhere.
  func makePost(
    _ plan: SweepPlan, _ keys: KeyGuard, bound: Endpoint, epoch: Int64, _ mailbox: Mailbox<SweepSession.Note>
  ) throws -> RendezvousPost? {
    guard bind != nil else { return nil }
    let content = Rendezvous(
      endpoint: try advertisedEndpoint(bound, host: advertise), publicKey: keys.publicKey, epoch: epoch, state: .open,
      sweep: plan.name)
    return RendezvousPost(path: rendezvousPath(plan), content) { mailbox.post(.crew($0, isAlarm: true)) }
  }

  func rendezvousPath(_ plan: SweepPlan) -> String { absolute(rendezvous ?? plan.trackerPath + ".rendezvous") }

  func makeForeman(_ plan: SweepPlan, _ mailbox: Mailbox<SweepSession.Note>) throws -> Foreman? {
    guard let launch, let range = workers?.range else { return nil }
    guard keys == nil || launch == .kubernetes || order.keyFile != nil else {
      throw CommandFailure(
        .usage, "the workers of --launch need a key that is listed: expected --key-file FILE, where they can read it",
        help: "muster keys new cluster --keys \(keys ?? "DIR")")
    }
    let order = try order.order(
      launch, rendezvous: rendezvousPath(plan), data: [plan.datasetPath], artifacts: plan.artifactsPath)
    return Foreman(order: order, policy: CrewPolicy(range)) { mailbox.post(.crew($0, isAlarm: $1)) }
  }
}
