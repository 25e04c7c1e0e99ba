// SPDX-License-Identifier: Apache-2.0

/// Who a worker process is. Names are for people and may repeat; the incarnation may not.
package struct WorkerIdentity: Hashable, Sendable {
  package let incarnation: Incarnation
  package let name: String
  package let host: String
  package let processID: Int64
  package let codeVersion: String
  /// CPU model and kernel set: results are promised bit-equal within one machine type.
  package let machineType: String
  /// Of the key that its connection was let in by, as the coordinator's allow-list names it; never what a worker says.
  package var keyName: String?

  package init(
    incarnation: Incarnation, name: String, host: String, processID: Int64, codeVersion: String, machineType: String
  ) {
    self.incarnation = incarnation
    self.name = name
    self.host = host
    self.processID = processID
    self.codeVersion = codeVersion
    self.machineType = machineType
  }
}
