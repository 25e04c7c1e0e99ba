// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Puts a file that is whole in another's place.
package func replaceFile(_ path: String, with whole: String) throws(ShardError) {
  try SystemFiles.sync(whole)
  guard rename(whole, path) == 0 else { throw SystemFiles.failure(path, "to put it in its place") }
}

extension ShardError {
  /// A frame that is one, but not the one that is needed.
  package static func unfitFrame(path: String, key: String, expected: String) -> ShardError {
    ShardError(
      .shapeMismatch, path: path, subject: "/" + key, expected: expected, found: "others",
      advice: "give the file as MIMIC-Extract writes it")
  }

  package static func unreadableScratch(_ problem: String, path: String) -> ShardError {
    ShardError(
      .system, path: path, expected: "the events read before", found: problem, advice: "free the disk and run again")
  }
}
