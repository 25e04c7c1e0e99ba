// SPDX-License-Identifier: Apache-2.0

import Gzip

/// How the pages of a column are packed. The numbers are Parquet's.
enum Codec: Int {
  case plain = 0
  case snappy = 1
  case gzip = 2
  case zstandard = 6

  static let names = ["plain", "snappy", "gzip", "lzo", "brotli", "lz4", "zstd", "lz4_raw"]

  /// Fills `output` to its end.
  func unpack(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(MalformedBytes) {
    switch self {
    case .plain:
      guard input.count == output.count else {
        throw MalformedBytes(expected: "\(output.count) bytes in a page", found: "\(input.count)")
      }
      output.copyMemory(from: input)
    case .snappy: try Snappy.decompress(input, into: output)
    case .zstandard: try Zstandard.decompress(input, into: output)
    case .gzip:
      guard inflateWhole(input, into: output) else {
        throw MalformedBytes(expected: "\(output.count) bytes when unpacked", found: "bytes that zlib refuses")
      }
    }
  }
}
