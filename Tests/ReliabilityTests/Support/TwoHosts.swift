// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Two network namespaces with a cable between them. Needs root.
///
/// Both ends have addresses of 127.77.0.0/24, and the kernel is told to route them: so what is bound to a loopback address
/// crosses a link that can be cut. Or of 10.77.0.0/24, as hosts of a network have, where keys are needed.
final class TwoHosts {
  static let firstAddress = "127.77.0.1"
  static let firstFarAddress = "10.77.0.1"
  private let addresses: [String]
  private let names: [String]

  init(isLoopback: Bool = true) throws {
    addresses = isLoopback ? [Self.firstAddress, "127.77.0.2"] : [Self.firstFarAddress, "10.77.0.2"]
    let prefix = "muster-\(getpid())-"
    names = [prefix + "a", prefix + "b"]
    for name in names { try tool("ip", "netns", "add", name) }
    try tool("ip", "-n", names[0], "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", names[1])
    for (name, address) in zip(names, addresses) {
      try tool("ip", "-n", name, "link", "set", "lo", "up")
      if isLoopback { try routeLoopback(name) }
      try tool("ip", "-n", name, "address", "add", address + "/24", "dev", "cable")
      try tool("ip", "-n", name, "link", "set", "cable", "up")
    }
  }

  private func routeLoopback(_ name: String) throws {
    for device in ["all", "cable"] {
      try tool("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv4.conf.\(device).route_localnet=1")
    }
    try tool("ip", "-n", name, "route", "del", "local", "127.0.0.0/8", "dev", "lo", "table", "local")
    try tool("ip", "-n", name, "address", "del", "127.0.0.1/8", "dev", "lo")
  }

  deinit { for name in names { _ = try? tool("ip", "netns", "del", name) } }

  var onFirst: [String] { ["ip", "netns", "exec", names[0]] }
  var onSecond: [String] { ["ip", "netns", "exec", names[1]] }

  /// The cable is pulled: nothing passes, and nobody is told.
  func cut() throws { try tool("ip", "-n", names[1], "link", "set", "cable", "down") }

  func mend() throws {
    try tool("ip", "-n", names[1], "link", "set", "cable", "up")
  }

  /// What the first host sends passes at this rate, as "1gbit".
  func limit(_ rate: String) throws {
    try tool(
      onFirst + [
        "tc", "qdisc", "add", "dev", "cable", "root", "tbf", "rate", rate, "burst", "256kb", "latency", "400ms",
      ])
  }

  /// What the given host sends is lost; what it is sent arrives.
  func silence(first: Bool) throws {
    try tool("ip", "-n", names[first ? 0 : 1], "route", "add", "blackhole", other(first))
  }

  func unsilence(first: Bool) throws {
    try tool("ip", "-n", names[first ? 0 : 1], "route", "del", "blackhole", other(first))
  }

  private func other(_ first: Bool) -> String { addresses[first ? 1 : 0] + "/32" }
}
