// SPDX-License-Identifier: Apache-2.0

package import Sweeps

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where a host keeps the data sets that its workers fetched: one folder for all of them.
///
/// `DIR/data/<digest>/` holds a data set as it was prepared, its manifest the last to get its name, so that a data set is seen
/// whole or not at all; `DIR/locks` holds two locks for each, to fetch it and to use it. A process that dies gives its locks
/// up, and the next one continues what it had begun.
package struct ContentCache: Sendable {
  package static let manifestName = "manifest.json"

  package let directory: String
  /// Of all data sets together, beginnings included.
  package let quotaBytes: Int64

  package init(directory: String, quotaBytes: Int64) throws(ContentError) {
    self.directory = directory
    self.quotaBytes = quotaBytes
    for folder in [directory, directory + "/data", directory + "/locks"] { try makeFolder(folder) }
  }

  package func folder(of dataset: ContentDigest) -> String { "\(directory)/data/\(dataset.hex)" }

  package func isWhole(_ dataset: ContentDigest) -> Bool {
    access("\(folder(of: dataset))/\(Self.manifestName)", F_OK) == 0
  }

  /// `nil` while another process fetches or mends it.
  package func lockForFetch(_ dataset: ContentDigest) throws(ContentError) -> FileLock? {
    try FileLock(path: "\(directory)/locks/\(dataset.hex).fetch", .exclusive)
  }

  /// Keeps a data set from being removed; `nil` while it is being removed. Its last use is now.
  package func lockForUse(_ dataset: ContentDigest) throws(ContentError) -> FileLock? {
    guard let lock = try FileLock(path: useLock(dataset), .shared) else { return nil }
    utimes(useLock(dataset), nil)
    return lock
  }

  private func useLock(_ dataset: ContentDigest) -> String { "\(directory)/locks/\(dataset.hex).use" }

  package func makeFolder(of dataset: ContentDigest) throws(ContentError) { try makeFolder(folder(of: dataset)) }

  private func makeFolder(_ path: String) throws(ContentError) {
    guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw ContentError.last(path, "made") }
  }

  /// Removes data sets that nobody uses, the one used longest ago first, until the rest and `byteCount` fit the quota.
  ///
  /// - Parameter dataset: the one the room is for; what is there of it stays and is not counted.
  /// - Returns: whether there is room now.
  package func makeRoom(for dataset: ContentDigest, byteCount: Int64) throws(ContentError) -> Bool {
    var kept = try names(in: directory + "/data").compactMap { ContentDigest(hex: $0) }.filter { $0 != dataset }
    kept.sort { (lastUse($0), $0) < (lastUse($1), $1) }
    var used = kept.reduce(0) { $0 + self.byteCount(of: $1) }
    for candidate in kept where used + byteCount > quotaBytes {
      let size = self.byteCount(of: candidate)
      if try remove(candidate) { used -= size }
    }
    return used + byteCount <= quotaBytes
  }

  /// False when a process uses or fetches it.
  private func remove(_ dataset: ContentDigest) throws(ContentError) -> Bool {
    guard let fetching = try lockForFetch(dataset) else { return false }
    guard let using = try FileLock(path: useLock(dataset), .exclusive) else { return false }
    defer { withExtendedLifetime((fetching, using)) {} }
    // Without its manifest it is no data set to anybody, whatever else happens.
    try forgetWhole(dataset)
    for name in try names(in: folder(of: dataset)) { unlink("\(folder(of: dataset))/\(name)") }
    rmdir(folder(of: dataset))
    return true
  }

  /// The data set is not whole any more: some of its files are to be fetched again. The manifest is kept as a beginning.
  package func forgetWhole(_ dataset: ContentDigest) throws(ContentError) {
    let path = "\(folder(of: dataset))/\(Self.manifestName)"
    guard unlink(path) == 0 || errno == ENOENT else { throw ContentError.last(path, "removed") }
  }

  /// On the disk, the files of bins beside the shards included.
  package func byteCount(of dataset: ContentDigest) -> Int64 {
    let folder = folder(of: dataset)
    return ((try? names(in: folder)) ?? []).reduce(0) { sum, name in
      var status = stat()
      return lstat("\(folder)/\(name)", &status) == 0 ? sum + Int64(status.st_blocks) * 512 : sum
    }
  }

  private func lastUse(_ dataset: ContentDigest) -> Int64 {
    var status = stat()
    return stat(useLock(dataset), &status) == 0
      ? Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec) : 0
  }

  private func names(in folder: String) throws(ContentError) -> [String] {
    guard let stream = opendir(folder) else { throw ContentError.last(folder, "listed") }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
