// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// The state of a data set on disk, file by file, for `muster data verify`: unlike `Dataset.init`, which ends at the first
/// fault, it looks at all of them.
package struct DatasetVerification: Sendable {
  package struct File: Sendable {
    package let entry: ShardFile
    /// What is wrong with it, if anything.
    package let problem: ShardError?
  }

  package let manifest: Manifest
  package let digest: ContentDigest
  package let files: [File]

  package var isIntact: Bool { files.allSatisfy { $0.problem == nil } }

  /// - Throws: what is wrong with the manifest itself.
  package init(directory: String) throws(ShardError) {
    (manifest, digest) = try Manifest.read(directory: directory)
    var files: [File] = []
    for entry in manifest.files {
      do throws(ShardError) {
        let shard = try Shard(entry, of: manifest, directory: directory)
        for part in DatasetPart.allCases {
          for row in 0..<entry.rowCount { try shard.verify(part, row: row) }
        }
        files.append(File(entry: entry, problem: nil))
      } catch {
        files.append(File(entry: entry, problem: error))
      }
    }
    self.files = files
  }
}
