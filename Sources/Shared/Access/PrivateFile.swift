// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Files that only their owner may read.
enum PrivateFile {
  /// What tells one state of a file from the next.
  struct Stamp: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    let byteCount: Int64
    let modified: [Int64]
  }

  static let byteCountMax = 4 << 20

  /// - Throws: `.missing`; `.loose` where group or others may read or write it, or it is another user's; `.failed`.
  /// - Parameter othersMayRead: only writing by group or others is refused then.
  static func read(
    _ path: String, othersMayRead: Bool = false
  ) throws(AccessError) -> (text: String, stamp: Stamp) {
    // O_NONBLOCK: a FIFO in its place must not make us wait.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let isMissing = errno == ENOENT || errno == ENOTDIR
      throw AccessError(isMissing ? .missing : .failed, path, "could not be opened: \(lastError())")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw AccessError(.failed, path, lastError()) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw AccessError(.failed, path, "expected a file") }
    guard status.st_mode & (othersMayRead ? 0o022 : 0o077) == 0 else {
      let (mode, expected) = (String(status.st_mode & 0o777, radix: 8), othersMayRead ? "644" : "600")
      throw AccessError(.loose, path, "mode \(mode): expected \(expected); run: chmod \(expected) \(path)")
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw AccessError(.loose, path, "it belongs to user \(status.st_uid): expected \(geteuid())")
    }
    guard status.st_size <= byteCountMax else {
      throw AccessError(.malformed, path, "\(status.st_size) bytes: expected at most \(byteCountMax)")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        return readBytes(descriptor, rest.baseAddress, rest.count)
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      count += got
    }
    guard count == bytes.count, let text = String(validating: bytes, as: UTF8.self) else {
      throw AccessError(.malformed, path, "expected UTF-8 text")
    }
    return (text, stamp(of: status))
  }

  /// `nil` when nothing is there.
  static func stamp(_ path: String) -> Stamp? {
    var status = stat()
    return stat(path, &status) == 0 ? stamp(of: status) : nil
  }

  private static func stamp(of status: stat) -> Stamp {
    Stamp(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), byteCount: Int64(status.st_size),
      modified: [
        Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec), Int64(status.st_ctim.tv_sec),
        Int64(status.st_ctim.tv_nsec),
      ])
  }

  /// Whole or not at all, mode 600 from its first byte on, and on the disk when this returns.
  ///
  /// - Parameter mode: what it has in place; looser than 600 only for what is no secret.
  /// - Throws: `.exists` unless it `replaces`; `.failed`.
  static func write(
    _ text: String, to path: String, replaces: Bool, mode: mode_t = 0o600
  ) throws(AccessError) {
    let folder = folder(of: path)
    let temporary = "\(path).\(getpid()).new"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw AccessError(.failed, temporary, "could not be made: \(lastError())") }
    defer { unlink(temporary) }
    defer { close(descriptor) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw AccessError(.failed, path, "could not be written: \(lastError())") }
      bytes = bytes.dropFirst(count)
    }
    guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
      throw AccessError(.failed, path, "could not be written: \(lastError())")
    }
    // link(2), unlike rename(2), never takes the place of a file that is there.
    let isMoved = replaces ? rename(temporary, path) == 0 : link(temporary, path) == 0
    guard isMoved else {
      let error = errno
      throw error == EEXIST
        ? AccessError(.exists, path, "it is kept as it is; choose another name, or remove it first")
        : AccessError(.failed, path, "could not be put in place: \(String(cString: strerror(error)))")
    }
    sync(folder: folder)
  }

  /// Makes a folder that only its owner may enter; an existing one is left as it is.
  static func makeFolder(_ path: String) throws(AccessError) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw AccessError(.failed, path, "could not be made: \(lastError())")
    }
  }

  /// Runs `body` while no other process that asks for it is in the folder.
  static func whileLocked<Value>(
    _ folder: String, _ body: () throws(AccessError) -> Value
  ) throws(AccessError) -> Value {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AccessError(.missing, folder, "could not be opened: \(lastError())") }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw AccessError(.failed, folder, "could not be locked: \(lastError())") }
    }
    return try body()
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func sync(folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func lastError() -> String { String(cString: strerror(errno)) }
}

private func readBytes(_ descriptor: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, start, count)
}

private func writeBytes(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, start, count)
}
