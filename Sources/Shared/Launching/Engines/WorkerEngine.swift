// SPDX-License-Identifier: Apache-2.0

/// What starts workers on machines: a scheduler, or ssh. Each call runs that engine's own programs and waits for them, so none
/// is made on a thread that has a socket to serve.
package protocol WorkerEngine: Sendable {
  /// What would be run or applied, for `--dry-run`.
  func script(_ order: WorkerOrder, count: Int) throws(LaunchError) -> String

  /// Asks for `count` workers more.
  func launch(_ order: WorkerOrder, count: Int) throws(LaunchError) -> Launch

  /// The workers of these launches that run or wait; those that ended are left out.
  func survey(_ launches: [Launch]) throws(LaunchError) -> [EngineWorker]

  /// Lets workers go: those that wait are withdrawn, those that run finish or give back what they train, and end. None is
  /// started again in their place.
  func release(_ workers: [EngineWorker]) throws(LaunchError)
}

/// One answered request for workers.
package struct Launch: Codable, Hashable, Sendable {
  /// What the engine calls it: a Slurm job, a Kubernetes Deployment, the pids of an ssh launch.
  package let handle: String
  package let count: Int
  package let order: WorkerOrder
  /// Milliseconds since 1970.
  package let at: Int64

  package init(handle: String, count: Int, order: WorkerOrder, at: Int64) {
    self.handle = handle
    self.count = count
    self.order = order
    self.at = at
  }
}

/// One worker as its engine sees it.
package struct EngineWorker: Hashable, Sendable {
  package enum State: String, Sendable {
    /// Asked for, not started.
    case waiting
    case running
    /// Told to end, or ending.
    case leaving
  }

  /// As the engine names it: `8123_4`, `node7:4711`, a pod.
  package let id: String
  /// What the worker calls itself, in the tracker and in the coordinator's view.
  package let name: String
  package var state: State
  package let host: String
  /// Why it waits, in the engine's word.
  package let note: String
  package let launch: String

  package init(id: String, name: String, state: State, host: String, note: String = "", launch: String) {
    self.id = id
    self.name = name
    self.state = state
    self.host = host
    self.note = note
    self.launch = launch
  }
}

extension WorkerOrder.Engine {
  package func make() -> any WorkerEngine {
    switch self {
    case .slurm(let settings): SlurmEngine(settings: settings)
    case .ssh(let settings): SSHEngine(settings: settings)
    case .kubernetes(let settings): KubernetesEngine(settings: settings)
    }
  }
}

/// Those to let go first: who waits costs nobody anything; then who trains nothing; then the youngest.
///
/// - Parameter busy: names of workers that train.
package func releaseOrder(_ workers: [EngineWorker], busy: Set<String>) -> [EngineWorker] {
  func rank(_ worker: EngineWorker) -> Int {
    worker.state == .waiting ? 0 : busy.contains(worker.name) ? 2 : 1
  }
  return workers.filter { $0.state != .leaving }.enumerated().sorted { left, right in
    let (a, b) = (rank(left.element), rank(right.element))
    return a != b ? a < b : left.offset > right.offset
  }.map(\.element)
}
