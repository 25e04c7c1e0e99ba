// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Sweeps

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The beginning of a content on its way to this disk, at `PATH`, and beside it `PATH.marks`, the SHA-256 of the
/// beginning at some of its lengths. Used on one thread.
///
/// After a cut, a crash or a power loss it is continued at the longest length whose digest is still that of the bytes on the
/// disk. Nothing is synced while it grows: what a power loss leaves of it is found out by those digests.
package final class PartialFile {
  /// Between two marks: what a crash can cost at most.
  package static let markByteCount: Int64 = 8 << 20

  private let path: String
  private let descriptor: Int32
  private var hash = SHA256()
  package private(set) var byteCount: Int64 = 0
  private var markedCount: Int64 = 0
  private let marksDescriptor: Int32

  /// - Parameter path: its folder is there.
  package init(path: String) throws(ContentError) {
    self.path = path
    descriptor = try Self.open(path)
    do throws(ContentError) {
      marksDescriptor = try Self.open(path + ".marks")
    } catch {
      close(descriptor)
      throw error
    }
    try resume()
  }

  deinit {
    close(descriptor)
    close(marksDescriptor)
  }

  private static func open(_ path: String) throws(ContentError) -> Int32 {
    let descriptor = systemOpen(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else { throw ContentError.last(path, "made") }
    return descriptor
  }

  /// Finds the longest beginning that is as it was written, and cuts off the rest.
  private func resume() throws(ContentError) {
    let marks = Self.marks(try Self.readAll(marksDescriptor, path + ".marks"))
    var hash = SHA256()
    var (length, sound) = (Int64(0), SHA256())
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    reading: for mark in marks where mark.length > length {
      var position = length
      while position < mark.length {
        let wanted = Int(min(Int64(buffer.count), mark.length - position))
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, wanted, off_t(position)) }
        guard count > 0 else { break reading }
        hash.update(data: buffer[..<count])
        position += Int64(count)
      }
      guard ContentDigest(bytes: hash.finalize()).hex == mark.digest else { break }
      (length, sound) = (mark.length, hash)
    }
    byteCount = length
    markedCount = length
    self.hash = sound
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw ContentError.last(path, "cut") }
    // Marks beyond it would speak of bytes that are to come anew.
    let kept = marks.filter { $0.length <= length }.map { "\($0.length) \($0.digest)\n" }.joined()
    guard ftruncate(marksDescriptor, 0) == 0 else { throw ContentError.last(path, "cut") }
    try put(Array(kept.utf8), in: marksDescriptor, at: 0)
  }

  private static func marks(_ bytes: [UInt8]) -> [(length: Int64, digest: String)] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 2, let length = Int64(words[0]), length > 0, words[1].utf8.count == 64 else { return nil }
      return (length, String(words[1]))
    }
  }

  private static func readAll(_ descriptor: Int32, _ path: String) throws(ContentError) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ContentError.last(path, "read") }
    // A mark is 80 bytes; a file beyond a few thousand of them is none of ours.
    var bytes = [UInt8](repeating: 0, count: min(Int(status.st_size), 1 << 24))
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    guard count >= 0 else { throw ContentError.last(path, "read") }
    return Array(bytes[..<count])
  }

  package func append(_ bytes: [UInt8]) throws(ContentError) {
    try put(bytes, in: descriptor, at: byteCount)
    hash.update(data: bytes)
    byteCount += Int64(bytes.count)
    if byteCount - markedCount >= Self.markByteCount { try mark() }
  }

  /// Notes how far it has come: at intervals, and when its fetching is given up for now.
  package func mark() throws(ContentError) {
    guard byteCount > markedCount else { return }
    let line = Array("\(byteCount) \(ContentDigest(bytes: hash.finalize()).hex)\n".utf8)
    let end = lseek(marksDescriptor, 0, SEEK_END)
    try put(line, in: marksDescriptor, at: Int64(max(0, end)))
    markedCount = byteCount
  }

  private func put(_ bytes: [UInt8], in descriptor: Int32, at offset: Int64) throws(ContentError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ContentError.last(path, "written") }
      done += count
    }
  }

  /// Whether what is there is the whole content of that digest.
  package func isSound(_ digest: ContentDigest) -> Bool { ContentDigest(bytes: hash.finalize()) == digest }

  /// Throws away what is there.
  package func startOver() throws(ContentError) {
    guard ftruncate(descriptor, 0) == 0, ftruncate(marksDescriptor, 0) == 0 else {
      throw ContentError.last(path, "cut")
    }
    hash = SHA256()
    byteCount = 0
    markedCount = 0
  }

  /// Gives the whole content its name, in one step.
  ///
  /// - Parameter isDurable: on the disk with its name when this returns: file, then folder synced. A content that can be
  ///   fetched again and is verified when it is read need not be.
  package func finish(as name: String, isDurable: Bool) throws(ContentError) {
    if isDurable, fsync(descriptor) != 0 { throw ContentError.last(path, "flushed") }
    guard rename(path, name) == 0 else { throw ContentError.last(path, "named") }
    unlink(path + ".marks")
    if isDurable { try syncFolder(String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)])) }
  }

  package func remove() {
    unlink(path)
    unlink(path + ".marks")
  }
}

/// A folder's names on the disk.
package func syncFolder(_ folder: String) throws(ContentError) {
  let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw ContentError.last(folder, "opened") }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw ContentError.last(folder, "flushed") }
}

/// A folder that this process may write, made with those above it where it is missing.
package func makeFolder(_ folder: String) throws(ContentError) {
  guard mkdir(folder, 0o750) != 0 else { return }
  switch errno {
  case EEXIST:
    var status = stat()
    guard stat(folder, &status) == 0 else { throw ContentError.last(folder, "opened") }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw ContentError(path: folder, step: "a folder", number: ENOTDIR)
    }
    guard access(folder, W_OK | X_OK) == 0 else { throw ContentError.last(folder, "written") }
  case ENOENT where folder.dropFirst().contains("/"):
    try makeFolder(String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)]))
    guard mkdir(folder, 0o750) == 0 || errno == EEXIST else { throw ContentError.last(folder, "made") }
  default: throw ContentError.last(folder, "made")
  }
}

private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
