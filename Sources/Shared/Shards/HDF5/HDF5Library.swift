// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// "1.10.8", of the library that this program found.
package func hdf5Version() -> String {
  var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
  _ = try? HDF5Library.call { () throws(ShardError) in _ = H5get_libversion(&major, &minor, &release) }
  return "\(major).\(minor).\(release)"
}

/// Every call of libhdf5 in the process goes through here: one at a time, and silent.
///
/// Debian's library has a lock of its own; one built without it has not, and nothing tells them apart at link time.
enum HDF5Library {
  private static let gate = Guarded(())

  static func call<Result>(_ body: () throws(ShardError) -> Result) throws(ShardError) -> Result {
    try gate.withLock { (_: inout Void) throws(ShardError) -> Result in
      // Per thread in a thread-safe build, so again on each call: it costs nanoseconds.
      chdf5_quiet()
      return try body()
    }
  }

  /// Throws unless `id` is a handle or a status of success (libhdf5 says failure with a negative number).
  @discardableResult static func check<Number: BinaryInteger>(
    _ number: Number, _ doing: String, path: String, dataset: String = ""
  ) throws(ShardError) -> Number {
    guard number < 0 else { return number }
    var text = [CChar](repeating: 0, count: 256)
    chdf5_last_error(&text)
    let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw ShardError(
      .hdf5, path: path, subject: dataset, expected: doing, found: reason.isEmpty ? "a failure of libhdf5" : reason,
      advice: ShardError.prepareAgain)
  }
}

/// The datasets of a shard, their element and what one row of each holds.
enum ShardDataset: String, CaseIterable {
  case tabular = "/tabular/values"
  case sequence = "/sequence/values"
  case label = "/rows/label"
  case group = "/rows/group"
  case rowID = "/rows/id"
  /// SHA-256 of the row's tabular values, then that of its sequence. Since format 2.
  case digest = "/rows/digest"
  /// Labels of other outcomes. Since format 3.
  case further = "/rows/further"

  var elementByteCount: Int {
    switch self {
    case .tabular, .sequence, .label, .further: 4
    case .group, .rowID: 8
    case .digest: 1
    }
  }

  /// Little-endian on every machine.
  var fileType: hid_t {
    switch elementByteCount {
    case 4: chdf5_ieee_f32le()
    case 8: chdf5_std_i64le()
    default: chdf5_std_u8le()
    }
  }

  var typeName: String {
    switch elementByteCount {
    case 4: "little-endian float32"
    case 8: "little-endian int64"
    default: "uint8"
    }
  }
}
