// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Unpacks one gzip member in memory; false unless it is sound and fills `output` to its end.
package func inflateWhole(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
  guard input.count <= Int(UInt32.max), output.count <= Int(UInt32.max) else { return false }
  var stream = z_stream()
  // 31 = a window of 2^15 with a gzip header (zlib.h, inflateInit2).
  guard inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return false }
  defer { inflateEnd(&stream) }
  stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
  stream.avail_in = UInt32(input.count)
  stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
  stream.avail_out = UInt32(output.count)
  return inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0
}
