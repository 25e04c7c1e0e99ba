// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What kind of file system a folder is on, as far as SQLite's promises go.
package enum FileSystemKind {
  /// `f_type` of statfs(2), for those that several machines write: neither SQLite's locks nor its shared memory hold
  /// between them.
  static let network: [UInt32: String] = [
    0x6969: "NFS", 0x517B: "SMB", 0xFE53_4D42: "SMB2", 0xFF53_4D42: "CIFS", 0x5346_414F: "AFS", 0x6B41_4653: "AFS",
    0x7375_7245: "Coda", 0x564C: "NCP", 0x00C3_6400: "Ceph", 0x0BD0_0BD0: "Lustre", 0x4750_4653: "GPFS",
    0x1983_0326: "BeeGFS", 0x0116_1970: "GFS2", 0x7461_636F: "OCFS2",
  ]

  /// - Throws: `.networkFileSystem`. What statfs does not answer is not refused here: opening the file will say why.
  static func refuseNetwork(folder: String, tracker path: String) throws(TrackerError) {
    guard let type = type(of: folder), let name = network[type] else { return }
    throw TrackerError(
      code: .networkFileSystem, path: path,
      detail: "its folder is on \(name), where SQLite's locks do not hold; put it on a local disk (track.db)")
  }

  /// What the folder's file system is called, where it is one that several machines write.
  package static func networkName(ofFolder folder: String) -> String? { type(of: folder).flatMap { network[$0] } }

  /// 0 for a file that is not there.
  static func byteCount(_ path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }

  /// `f_type`, the first word of what statfs(2) fills in. Swift's Glibc leaves <sys/statfs.h> out, hence by name.
  private static func type(of folder: String) -> UInt32? {
    typealias Call = @convention(c) (UnsafePointer<CChar>, UnsafeMutableRawPointer) -> Int32
    guard let symbol = dlsym(nil, "statfs") else { return nil }
    // The structure is 120 bytes on 64-bit Linux.
    var words = [Int](repeating: 0, count: 64)
    let status = words.withUnsafeMutableBytes { unsafeBitCast(symbol, to: Call.self)(folder, $0.baseAddress!) }
    return status == 0 ? UInt32(truncatingIfNeeded: words[0]) : nil
  }
}
