// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A folder `.NAME.writing` beside the data set NAME, held by one process at a time, that ends as NAME or not at all.
///
/// A process that is killed leaves the folder without its lock; the next writer of the same data set clears it. Its name
/// starts with a dot, so no catalog takes it for a data set.
final class StagingDirectory {
  let path: String
  private let target: String
  private let parent: String
  private let lock: Int32
  private var isInPlace = false

  init(for directory: String) throws(ShardError) {
    let (parent, name) = SystemFiles.split(directory)
    guard !name.isEmpty, name != ".", name != ".." else {
      throw ShardError(
        .occupied, path: directory, expected: "a directory that can be replaced", found: "one that cannot",
        advice: "name a directory of its own for the data set")
    }
    target = parent + "/" + name
    self.parent = parent
    path = parent + "/." + name + ".writing"
    try SystemFiles.makeDirectories(parent)
    try Self.requireReplaceable(target)
    // Last: once every property has its value, a throw here would run `deinit` on a folder that is another's.
    lock = try Self.claim(path, for: directory)
  }

  /// Makes the folder, or takes over an abandoned one, and empties it.
  private static func claim(_ path: String, for directory: String) throws(ShardError) -> Int32 {
    guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw SystemFiles.failure(path, "to make the directory") }
    let lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard lock >= 0 else { throw SystemFiles.failure(path, "a directory") }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      close(lock)
      guard number == EWOULDBLOCK else { throw SystemFiles.failure(path, "to lock it", errno: number) }
      throw ShardError(
        .busy, path: directory, expected: "no other writer", found: "a process that writes this data set",
        advice: "wait until it has ended")
    }
    do throws(ShardError) {
      try clear(path)
    } catch {
      close(lock)
      throw error
    }
    return lock
  }

  deinit {
    if !isInPlace {
      // What cannot be removed now is removed by the next writer; there is no one to tell in a deinit.
      try? Self.clear(path)
      rmdir(path)
    }
    close(lock)
  }

  /// Puts the folder in the place of the data set, in one step where there was one before.
  func moveIntoPlace() throws(ShardError) {
    try SystemFiles.sync(path)
    try Self.requireReplaceable(target)
    guard SystemFiles.exists(target) else {
      guard rename(path, target) == 0 else { throw SystemFiles.failure(target, "to put the data set there") }
      isInPlace = true
      return try SystemFiles.sync(parent)
    }
    let aside: String
    if SystemFiles.exchange(path, target) {
      aside = path
    } else {
      // File systems such as NFS cannot exchange names: for a moment there is neither.
      aside = parent + "/." + SystemFiles.split(target).name + ".replaced"
      if SystemFiles.exists(aside) { try Self.remove(aside) }
      guard rename(target, aside) == 0 else { throw SystemFiles.failure(target, "to replace it") }
      guard rename(path, target) == 0 else {
        let number = errno
        rename(aside, target)
        throw SystemFiles.failure(target, "to put the data set there", errno: number)
      }
    }
    isInPlace = true
    try SystemFiles.sync(parent)
    // Who has the older data set mapped keeps its bytes.
    try Self.remove(aside)
  }

  /// A directory is replaced only if it is empty or holds nothing but a data set: no one's files are ever removed.
  private static func requireReplaceable(_ directory: String) throws(ShardError) {
    guard SystemFiles.exists(directory) else { return }
    guard !SystemFiles.isLink(directory) else {
      throw ShardError(
        .occupied, path: directory, expected: "no directory, or a data set to replace", found: "a symbolic link",
        advice: "name the directory that it leads to")
    }
    for name in try SystemFiles.names(in: directory) where !isOurs(name) {
      throw ShardError(
        .occupied, path: directory, expected: "no directory, or a data set to replace",
        found: "a file \(name.debugDescription)", advice: "name another directory or move the file away")
    }
  }

  private static func isOurs(_ name: String) -> Bool {
    if name == Manifest.fileName { return true }
    guard name.hasPrefix("shard-"), name.hasSuffix(".h5") else { return false }
    let digits = name.dropFirst("shard-".count).dropLast(".h5".count)
    return digits.utf8.count >= 4 && digits.utf8.allSatisfy { (48...57).contains($0) }
  }

  private static func clear(_ directory: String) throws(ShardError) {
    for name in try SystemFiles.names(in: directory) {
      guard unlink(directory + "/" + name) == 0 || errno == ENOENT else {
        throw SystemFiles.failure(directory + "/" + name, "to remove it")
      }
    }
  }

  private static func remove(_ directory: String) throws(ShardError) {
    try clear(directory)
    guard rmdir(directory) == 0 else { throw SystemFiles.failure(directory, "to remove it") }
  }
}
