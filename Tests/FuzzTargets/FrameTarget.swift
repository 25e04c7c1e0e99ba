// SPDX-License-Identifier: Apache-2.0

import Sweeps
import WireProtocol

/// I12: what any peer may send. Reads the bytes as both directions; what is taken must come back equal, to the byte.
///
/// - Returns: what went wrong, or `nil`.
package func fuzzFrame(_ bytes: [UInt8]) -> String? {
  if let message = try? decodeWorkerMessage(bytes) {
    let again = encode(message)
    // Bytes, not values: NaN is not equal to itself.
    guard let second = try? decodeWorkerMessage(again), encode(second) == again else {
      return "a worker's message changes when it is written and read again"
    }
  }
  if let message = try? decodeCoordinatorMessage(bytes) {
    let again = encode(message)
    guard let second = try? decodeCoordinatorMessage(again), encode(second) == again else {
      return "a coordinator's message changes when it is written and read again"
    }
  }
  if let message = try? decodeBulkMessage(bytes) {
    let again = encode(message)
    guard let second = try? decodeBulkMessage(again), encode(second) == again else {
      return "a message of the bulk socket changes when it is written and read again"
    }
  }
  return nil
}
