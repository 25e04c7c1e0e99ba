// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// The data sets of a few directories, by digest: what a worker can offer. Each is opened once, when it is first asked for;
/// its rows are for `Dataset.verify` to verify before they are used.
package final class DatasetCatalog: Sendable {
  private struct State {
    var roots: [String]
    var directories: [ContentDigest: String] = [:]
    var problems: [ShardError] = []
    var opened: [ContentDigest: Dataset] = [:]
  }

  private let state: Guarded<State>

  /// - Parameter directories: each is looked at with its direct sub-directories.
  package init(directories: [String]) {
    state = Guarded(State(roots: directories))
    scan()
  }

  /// One more data set's folder.
  package func add(_ directory: String) {
    state.withLock { if !$0.roots.contains(directory) { $0.roots.append(directory) } }
    scan()
  }

  /// Reads the manifests anew. Data sets that are open stay open.
  package func scan() {
    var found: [ContentDigest: String] = [:]
    var problems: [ShardError] = []
    for root in state.withLock({ $0.roots }) {
      do throws(ShardError) {
        let names = try SystemFiles.names(in: root).filter { !$0.hasPrefix(".") }
        let directories = [root] + names.map { root + "/" + $0 }.filter(SystemFiles.isDirectory)
        for directory in directories {
          do throws(ShardError) {
            try SystemFiles.checkReadable(directory)
            guard SystemFiles.exists(directory + "/" + Manifest.fileName) else { continue }
            let digest = try Manifest.read(directory: directory).1
            // The first of two copies of the same bytes will do.
            if found[digest] == nil { found[digest] = directory }
          } catch {
            problems.append(error)
          }
        }
      } catch {
        problems.append(error)
      }
    }
    state.withLock {
      $0.directories = found
      $0.problems = problems
    }
  }

  /// Ascending.
  package var digests: [ContentDigest] {
    state.withLock { Set($0.directories.keys).union($0.opened.keys).sorted() }
  }

  /// Directories and manifests that could not be read at the last scan.
  package var problems: [ShardError] { state.withLock { $0.problems } }

  /// Where the data set of that digest was found.
  package func directory(of digest: ContentDigest) -> String? { state.withLock { $0.directories[digest] } }

  /// The data set of that digest, or `nil` where no directory holds it, also after another look.
  ///
  /// A data set that fails its verification is tried again when next asked for: someone may have mended it.
  package func dataset(_ digest: ContentDigest) throws(ShardError) -> Dataset? {
    if let dataset = state.withLock({ $0.opened[digest] }), !dataset.isDamaged { return dataset }
    if let dataset = try open(digest) { return dataset }
    scan()
    return try open(digest)
  }

  private func open(_ digest: ContentDigest) throws(ShardError) -> Dataset? {
    guard let directory = directory(of: digest) else { return nil }
    // Not under the lock: hashing takes long. Of two threads that ask at once the first one's stays.
    let dataset: Dataset
    do throws(ShardError) {
      dataset = try Dataset(directory: directory, scope: .rowsOnDemand)
    } catch  where error.code == .manifestMissing {
      return nil
    }
    // Replaced by another data set since the scan: not the one that was asked for.
    guard dataset.digest == digest else { return nil }
    return state.withLock {
      if let earlier = $0.opened[digest], !earlier.isDamaged { return earlier }
      $0.opened[digest] = dataset
      return dataset
    }
  }
}
