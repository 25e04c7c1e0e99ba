// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Files that are there, whole and under their names, after a power cut.
enum DurableFile {
  struct Failure: Error, CustomStringConvertible {
    let step: String
    let number: Int32
    var description: String { "\(step): \(String(cString: strerror(number)))" }
  }

  /// Writes `bytes` to `path`, which lies in a folder of `root` that is made if missing. A file of that name and size is
  /// taken for the same one: names are digests.
  static func write(_ bytes: [UInt8], to path: String, under root: String) throws(Failure) {
    let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
    var found = stat()
    if stat(path, &found) != 0 || found.st_size != bytes.count {
      guard mkdir(folder, 0o750) == 0 || errno == EEXIST else { throw Failure(step: "given a folder", number: errno) }
      // The process in the name: two workers may write the same bytes at once.
      let temporary = "\(folder)/.\(path.suffix(16)).\(getpid())"
      do throws(Failure) {
        try writeAndFlush(bytes, to: temporary)
        guard rename(temporary, path) == 0 else { throw Failure(step: "named", number: errno) }
      } catch {
        unlink(temporary)
        throw error
      }
    }
    // Another process may have named it and not come to this yet.
    try flush(folder: folder)
    try flush(folder: root)
  }

  private static func writeAndFlush(_ bytes: [UInt8], to path: String) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else { throw Failure(step: "made", number: errno) }
    var problem: Failure?
    var done = 0
    while done < bytes.count, problem == nil {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done) }
      if count < 0, errno != EINTR { problem = Failure(step: "written", number: errno) }
      if count > 0 { done += count }
    }
    if problem == nil, fsync(descriptor) != 0 { problem = Failure(step: "flushed", number: errno) }
    if close(descriptor) != 0, problem == nil { problem = Failure(step: "closed", number: errno) }
    if let problem { throw problem }
  }

  private static func flush(folder: String) throws(Failure) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(step: "found its folder for", number: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Failure(step: "flushed by name", number: errno) }
  }
}
