// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Packs bytes in memory into one gzip member; nil where zlib cannot, which has no memory then.
package func deflateWhole(_ input: UnsafeRawBufferPointer, level: Int32 = 6) -> [UInt8]? {
  guard input.count <= Int(UInt32.max / 2) else { return nil }
  var stream = z_stream()
  // 31 = a window of 2^15 with a gzip header (zlib.h, deflateInit2); 8 is zlib's default memory level.
  let code = deflateInit2_(
    &stream, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  guard code == Z_OK else { return nil }
  defer { deflateEnd(&stream) }
  let room = Int(deflateBound(&stream, UInt(input.count)))
  var isWhole = false
  let output = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
    stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = UInt32(input.count)
    stream.next_out = buffer.baseAddress
    stream.avail_out = UInt32(room)
    isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END
    count = room - Int(stream.avail_out)
  }
  return isWhole ? output : nil
}
