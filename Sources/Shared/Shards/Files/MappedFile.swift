// SPDX-License-Identifier: Apache-2.0

import Crypto
import Sweeps

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A whole file mapped for reading. Processes that map the same file share its pages.
///
/// `@unchecked`: the mapping is read-only and lives from `init` to `deinit`; nothing in it ever changes.
final class MappedFile: @unchecked Sendable {
  let path: String
  let byteCount: Int
  /// Kept open so that libhdf5 can be given the very file whose bytes were hashed, whatever its name stands for by then.
  let descriptor: Int32
  private let base: UnsafeMutableRawPointer

  init(path: String) throws(ShardError) {
    let descriptor = try SystemFiles.openForReading(path)
    do throws(ShardError) {
      byteCount = try SystemFiles.byteCount(of: descriptor, path: path)
      guard byteCount > 0 else {
        throw ShardError(
          .sizeMismatch, path: path, expected: "an HDF5 file", found: "0 bytes", advice: ShardError.prepareAgain)
      }
      let mapping = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0)
      guard let mapping, mapping != MAP_FAILED else { throw SystemFiles.failure(path, "to map \(byteCount) bytes") }
      base = mapping
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    munmap(base, byteCount)
    close(descriptor)
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: byteCount) }

  /// SHA-256 of every byte, in pieces small enough to stay in the cache.
  var digest: ContentDigest { bytes.sha256 }
}

extension UnsafeRawBufferPointer {
  var sha256: ContentDigest {
    var hash = SHA256()
    var position = 0
    while position < count {
      let end = Swift.min(position + (1 << 20), count)
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: self[position..<end]))
      position = end
    }
    return ContentDigest(bytes: hash.finalize())
  }
}
