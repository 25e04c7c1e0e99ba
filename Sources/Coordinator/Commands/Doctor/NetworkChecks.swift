// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import Reporting
import Sockets

/// Ports here, and whether a coordinator elsewhere answers.
enum NetworkChecks {
  static func ports(bind: String?) -> [Finding] {
    var findings: [Finding] = []
    let isFree = portIsFree(8_080)
    findings.append(
      Finding(
        "Network", "port 8080", isFree ? .good : .warning, isFree ? "free for muster dashboard" : "in use",
        fix: isFree ? nil : "muster dashboard --port 0 takes a free one"))
    guard let bind else { return findings }
    do {
      let endpoint = try Endpoint(bind)
      guard let port = UInt16(endpoint.port) else {
        return findings + [Finding("Network", bind, .good, "takes any free port")]
      }
      let isOurs = portIsFree(port)
      findings.append(
        Finding(
          "Network", bind, isOurs ? .good : .wrong, isOurs ? "free" : "something listens there",
          fix: isOurs ? nil : "name another port; ss -ltnp | grep :\(port) shows who"))
    } catch {
      findings.append(Finding("Network", bind, .wrong, "\(error)", fix: "tcp://ADDRESS:PORT"))
    }
    return findings
  }

  static func reach(_ coordinator: String, withKeys: Bool) -> [Finding] {
    do {
      let endpoint = try Endpoint(coordinator)
      let greeting = try Greeting.ask(endpoint)
      let isPlain = greeting.mechanism == "NULL"
      let isOpen = isPlain && !endpoint.isLoopback
      return [
        Finding(
          "Network", coordinator, isOpen ? .wrong : .good,
          "answers in \(greeting.roundTripMilliseconds) ms, \(isPlain ? "plain" : greeting.mechanism)",
          fix: isOpen
            ? "that is no coordinator of ours: beyond loopback it encrypts"
            : isPlain && withKeys ? "workers need no keys for it" : nil)
      ]
    } catch {
      return [
        Finding(
          "Network", coordinator, .wrong, error.detail,
          fix: "is muster sweep run --bind \(coordinator) there, and does a firewall let the port through?")
      ]
    }
  }
}

/// Keys: who may join, and whether secrets are.
enum KeyChecks {
  static func findings(of folder: String, now: CalendarTime) -> [Finding] {
    let keys = KeyFolder(path: folder)
    var findings: [Finding] = []
    do {
      _ = try KeyFile(path: keys.coordinatorPath)
      findings.append(Finding("Keys", "coordinator.key", .good, "a secret that others cannot read"))
    } catch {
      findings.append(
        Finding(
          "Keys", "coordinator.key", .wrong, error.detail,
          fix: error.code == .missing
            ? "muster keys new coordinator --keys \(folder)" : "chmod 600 \(keys.coordinatorPath)"))
    }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
    where name.hasSuffix(".key") && name != "coordinator.key" {
      do { _ = try KeyFile(path: "\(folder)/\(name)") } catch {
        findings.append(Finding("Keys", name, .wrong, error.detail, fix: "chmod 600 \(folder)/\(name)"))
      }
    }
    do {
      guard let list = try keys.readList(), !list.keys.isEmpty else {
        findings.append(
          Finding(
            "Keys", "allow-list", .warning, "nobody is listed: only workers of this machine could join",
            fix: "muster keys new NAME --keys \(folder)"))
        return findings
      }
      let soon = CalendarTime(seconds: now.seconds + 7 * 86_400)
      let (gone, going) = (
        list.keys.filter { $0.isExpired(at: now) },
        list.keys.filter { !$0.isExpired(at: now) && $0.isExpired(at: soon) }
      )
      func names(_ keys: [AllowedKey]) -> String { keys.prefix(5).map(\.name).joined(separator: ", ") }
      let good = list.keys.count - gone.count - going.count
      findings.append(
        Finding("Keys", "allow-list", good + going.count > 0 ? .good : .wrong, "\(good + going.count) keys may join"))
      if !going.isEmpty {
        findings.append(
          Finding(
            "Keys", "expiry", .warning, "\(going.count) end within 7 days: \(names(going))",
            fix: "muster keys new NAME --keys \(folder) --expires 365d, and give it to the host"))
      }
      if !gone.isEmpty {
        findings.append(
          Finding(
            "Keys", "expiry", .warning, "\(gone.count) have ended: \(names(gone))",
            fix: "muster keys revoke NAME --keys \(folder) takes them out"))
      }
    } catch {
      findings.append(Finding("Keys", "allow-list", .wrong, error.detail, fix: "muster keys list --keys \(folder)"))
    }
    return findings
  }
}
