// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The few system calls this module makes, with their failures as `ShardError`.
enum SystemFiles {
  /// What `errno` says about `path`. Running out of something is told apart: that can pass, a bad data set cannot.
  static func failure(_ path: String, _ doing: String, errno number: Int32 = errno) -> ShardError {
    let isScarcity = [ENOSPC, EDQUOT, ENOMEM, EMFILE, ENFILE].contains(number)
    return ShardError(
      isScarcity ? .resources : .system, path: path, expected: doing, found: String(cString: strerror(number)),
      advice: isScarcity ? "free some of it and try again" : "check the path and its permissions")
  }

  /// A regular file opened for reading, never through a link: what a data set's directory lists is in that directory.
  static func openForReading(_ path: String) throws(ShardError) -> Int32 {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let number = errno
      if number == ENOENT {
        throw ShardError(
          .fileMissing, path: path, expected: "a file", found: "none", advice: ShardError.prepareAgain)
      }
      throw failure(path, number == ELOOP ? "a file, not a symbolic link" : "to open it", errno: number)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw failure(path, "a regular file", errno: EINVAL)
    }
    return descriptor
  }

  static func byteCount(of descriptor: Int32, path: String) throws(ShardError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path, "to learn its size") }
    return Int(status.st_size)
  }

  /// The whole of a small file.
  static func read(_ path: String, byteCountMax: Int) throws(ShardError) -> [UInt8] {
    let descriptor = try openForReading(path)
    defer { close(descriptor) }
    let count = try byteCount(of: descriptor, path: path)
    guard count <= byteCountMax else {
      throw ShardError(
        .manifestInvalid, path: path, expected: "at most \(byteCountMax) bytes", found: "\(count) bytes",
        advice: ShardError.prepareAgain)
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress! + done, count - done, off_t(done)) }
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else { throw failure(path, "\(count) bytes", errno: got == 0 ? EIO : errno) }
      done += got
    }
    return bytes
  }

  /// Writes a new file and has it on the disk before it returns.
  static func writeDurably(_ bytes: [UInt8], to path: String) throws(ShardError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw failure(path, "to create it") }
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
      let put = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress! + done, bytes.count - done) }
      if put < 0 && errno == EINTR { continue }
      guard put > 0 else { throw failure(path, "to write \(bytes.count) bytes") }
      done += put
    }
    guard fsync(descriptor) == 0 else { throw failure(path, "to sync it to the disk") }
  }

  /// Syncs a file that another library wrote, or a directory's list of names.
  static func sync(_ path: String) throws(ShardError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, "to open it") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(path, "to sync it to the disk") }
  }

  /// Names in a directory, ascending, without "." and "..".
  static func names(in directory: String) throws(ShardError) -> [String] {
    guard let stream = opendir(directory) else { throw failure(directory, "a directory") }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw failure(directory, "to list it") }
        break
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// - Throws: for a directory whose files this process may not see.
  static func checkReadable(_ directory: String) throws(ShardError) {
    guard access(directory, R_OK | X_OK) == 0 else { throw failure(directory, "to open the directory") }
  }

  static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Makes a directory and those above it.
  static func makeDirectories(_ path: String) throws(ShardError) {
    if isDirectory(path) { return }
    let (parent, _) = split(path)
    if parent != path { try makeDirectories(parent) }
    guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw failure(path, "to make the directory") }
  }

  /// Exchanges two names in one step (Linux 3.15, `renameat2`); false where kernel or file system cannot.
  ///
  /// Looked up by name: the headers declare it only for programs that ask for GNU's extensions, and Swift does not.
  static func exchange(_ first: String, _ second: String) -> Bool {
    typealias RenameAt2 =
      @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
    guard let symbol = dlsym(nil, "renameat2") else { return false }
    let exchangeNames: UInt32 = 1 << 1
    return unsafeBitCast(symbol, to: RenameAt2.self)(AT_FDCWD, first, AT_FDCWD, second, exchangeNames) == 0
  }

  /// ("/a/b", "c") for "/a/b/c" and "/a/b/c/", (".", "c") for "c".
  static func split(_ path: String) -> (parent: String, name: String) {
    var trimmed = Substring(path)
    while trimmed.utf8.count > 1, trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return (".", String(trimmed)) }
    let parent = trimmed[..<slash]
    return (parent.isEmpty ? "/" : String(parent), String(trimmed[trimmed.index(after: slash)...]))
  }
}

#if canImport(Glibc)
  private let writeBytes = Glibc.write
#elseif canImport(Musl)
  private let writeBytes = Musl.write
#endif
