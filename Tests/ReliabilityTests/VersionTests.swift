// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Sockets
import Sweeps
import Testing
import WireProtocol

extension LiveTests {
  /// I16: other versions of the protocol meet this one. Method: stand-ins that speak the bytes of another version.
  @Suite struct VersionTests {
    /// Fields 1 and 2 of an envelope are its major and minor version, as varints: docs/Protocol.md, "Versions".
    private func asVersion(_ payload: [UInt8], major: UInt8, minor: UInt8) -> [UInt8] {
      // Later fields of the same number win (protobuf encoding, "Last One Wins").
      payload + [0x08, major, 0x10, minor]
    }

    private func hello(_ sweep: LiveSweep, version: String) -> WorkerMessage {
      let incarnation = Incarnation(high: 7, low: UInt64(sweep.taskCount))
      let identity = WorkerIdentity(
        incarnation: incarnation, name: "stub", host: "here", processID: 1, codeVersion: version, machineType: "stub")
      return WorkerMessage(
        incarnation: incarnation, epoch: 0,
        body: .hello(WorkerHello(identity: identity, slotCount: 1, datasets: [])))
    }

    /// What the coordinator answers to a message, if anything, within some seconds.
    private func answer(_ payload: [UInt8], from sweep: LiveSweep) throws -> [UInt8]? {
      let socket = try DealerSocket(MessageContext(), connecting: Endpoint(sweep.endpoint))
      let wake = try WakeSignal()
      var found: [UInt8]?
      for _ in 0..<20 where found == nil {
        _ = socket.send(payload)
        socket.wait(orFor: wake, milliseconds: 250)
        found = try socket.receive()
      }
      return found
    }

    private func codeVersion(_ sweep: LiveSweep) throws -> String {
      let text = try sweep.installation.run(["--version"]).output
      return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// In real life: the workers' image is a major version ahead, or two. Each gets a reason, none is believed; a worker of
    /// this version beside them trains on.
    @Test func otherMajor_isRejected_andTheNextMinorIsServed() throws {
      let sweep = try LiveSweep("version-skew", LiveSweep.Shape(trials: 4))
      try sweep.startCoordinator()
      let version = try codeVersion(sweep)
      for major: UInt8 in [2, 3] {
        let reply = try answer(asVersion(encode(hello(sweep, version: version)), major: major, minor: 0), from: sweep)
        let message = try decodeCoordinatorMessage(#require(reply, "major \(major) got no answer"))
        guard case .reject = message.body else {
          Issue.record("major \(major): expected a rejection, found \(message.body)")
          continue
        }
      }
      // A newer minor has a field that this version does not know: number 200, a varint.
      let newer = asVersion(encode(hello(sweep, version: version)), major: 1, minor: 1) + [0xC0, 0x0C, 0x01]
      let reply = try decodeCoordinatorMessage(#require(try answer(newer, from: sweep)))
      guard case .welcome = reply.body else {
        Issue.record("minor 1: expected a welcome, found \(reply.body)")
        return
      }
      let other = try decodeCoordinatorMessage(
        #require(try answer(encode(hello(sweep, version: version + "-other")), from: sweep)))
      guard case .reject(let code, _) = other.body else {
        Issue.record("another build: expected a rejection, found \(other.body)")
        return
      }
      #expect(code == "version")
      try sweep.startWorker(0)
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.violations() == [])
    }

    /// In real life: the coordinator was upgraded, a worker was not. It ends at once with a reason, instead of knocking for ever.
    @Test func coordinatorOfAnotherMajor_endsTheWorker() throws {
      let sweep = try LiveSweep("other-coordinator", LiveSweep.Shape(trials: 1))
      let router = try RouterSocket(MessageContext(), binding: Endpoint("tcp://127.0.0.1:*"))
      let worker = try sweep.startWorker(0, endpoint: router.endpoint)
      let wake = try WakeSignal()
      wait(20) {
        router.wait(orFor: wake, milliseconds: 100)
        guard let message = try? router.receive(), let payload = message.payload,
          let hello = try? decodeWorkerMessage(payload)
        else { return !worker.isRunning }
        let reject = CoordinatorMessage(
          epoch: 1, recipient: hello.incarnation, body: .welcome(heartbeatMilliseconds: 200, leaseMilliseconds: 2_000))
        _ = try? router.send(asVersion(encode(reject), major: 2, minor: 0), to: message.peer)
        return !worker.isRunning
      }
      #expect(worker.end(within: 10) == 69, "\(worker.said)")
      #expect(worker.said.contains("version") || worker.said.contains("major"), "\(worker.said)")
    }
  }
}
