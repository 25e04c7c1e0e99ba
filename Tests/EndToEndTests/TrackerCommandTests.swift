// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing
import Tracking

/// `muster tracker …` as people type it, on one finished sweep.
@Suite(.serialized) struct TrackerCommandTests {
  let muster: Installation

  init() throws { muster = try Installation.shared.get() }

  private static let sweep = Result { () throws -> Installation.Plan in
    let muster = try Installation.shared.get()
    let plan = try muster.plan("tracker-commands")
    let run = try muster.run(plan.runArguments)
    #expect(run.status == 0, "\(run.error)")
    return plan
  }

  private func tracker(_ arguments: String...) throws -> Installation.Output {
    try muster.run(["tracker"] + arguments + ["--tracker", Self.sweep.get().tracker])
  }

  private func object(_ output: Installation.Output) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(output.output.utf8)) as? [String: Any], "\(output)")
  }

  @Test func compare_pairsTheFolds() throws {
    let name = try Self.sweep.get().name
    let found = try object(try tracker("compare", "\(name)#0", "\(name)#1", "--json"))
    let comparison = try #require((found["comparisons"] as? [[String: Any]])?.first)
    let folds = try #require(comparison["folds"] as? [[String: Any]])
    #expect(folds.count == 3)
    let differences = folds.compactMap { $0["difference"] as? Double }
    let mean = try #require(comparison["mean"] as? Double)
    #expect(abs(differences.reduce(0, +) / Double(differences.count) - mean) < 1e-12)
    let view = try Self.sweep.get().query(
      """
      SELECT avg(difference) FROM fold_differences
      WHERE trial_a = 0 AND trial_b = 1 AND metric = (SELECT metric FROM sweeps)
      """)
    guard case .real(let expected)? = view.first?.first else { Issue.record("\(view)"); return }
    #expect(abs(expected - mean) < 1e-12)
  }

  @Test func tagsAndNotes_areShown_andTakenOff() throws {
    let name = try Self.sweep.get().name
    #expect(try tracker("tag", "\(name)#0", "reviewed=yes", "paper=table 2").status == 0)
    #expect(try tracker("tag", "\(name)#0", "reviewed=no").status == 0)
    #expect(try tracker("note", name, "a, \"quoted\" note").status == 0)
    let tags = try #require(object(try tracker("show", "\(name)#0", "--json"))["tags"] as? [[String: Any]])
    #expect(tags.map { $0["value"] as? String } == ["table 2", "no"])
    #expect(try tracker("sql", "SELECT text FROM notes", "--csv").output == "text\n\"a, \"\"quoted\"\" note\"\n")
    #expect(try tracker("tag", "\(name)#0", "--remove", "paper").status == 0)
    #expect(try tracker("tag", "\(name)#0", "--remove", "paper").status == 4)
  }

  @Test func backup_isWholeAndNeverOverwrites() throws {
    let plan = try Self.sweep.get()
    let copy = muster.folder + "/copy-\(UUID().uuidString).db"
    #expect(try tracker("backup", copy).status == 0)
    let again = try tracker("backup", copy)
    #expect(again.status == 65 && again.error.contains("there is such a file already"), "\(again.error)")
    let reader = try TrackerReader(path: copy)
    #expect(try reader.resultLines(of: reader.sweep(named: plan.name)) == plan.results())
    #expect(!FileManager.default.fileExists(atPath: copy + "-wal"))
  }

  @Test func csv_hasARowATrial() throws {
    let name = try Self.sweep.get().name
    let count = try Self.sweep.get().query("SELECT count(*) FROM trial").first?.first
    for command in [["trials", name], ["best", name, "--top", "1000"], ["show", name]] {
      let lines = try muster.run(["tracker"] + command + ["--csv", "--tracker", Self.sweep.get().tracker]).output
        .split(separator: "\n")
      #expect(.integer(Int64(lines.count - 1)) == count, "\(command)")
    }
    #expect(try tracker("list", "--csv").output.contains(name))
  }

  @Test(arguments: [
    (["show", "nosuch"], 4, "no sweep nosuch"), (["show", "NAME#99"], 4, "no trial NAME#99"),
    (["compare", "NAME#0"], 64, "expected two trials or more"), (["compare", "NAME#0", "NAME#99"], 4, "no trial"),
    (["compare", "NAME#0", "NAME#1", "--metric", "valid/nosuch"], 4, "valid/auroc"),
    (["curve", "NAME"], 64, "NAME#NUMBER"), (["curve", "NAME#0", "--metric", "x"], 4, "x"),
    (["best", "NAME", "--json", "--csv"], 64, "at most one"), (["tag", "NAME", "novalue"], 64, "name=value"),
    (["note", "nosuch", "text"], 4, "no sweep nosuch"),
  ])
  func mistakes_areNamed(arguments: [String], status: Int32, says: String) throws {
    let plan = try Self.sweep.get()
    let given = arguments.map { $0.replacingOccurrences(of: "NAME", with: plan.name) }
    let result = try muster.run(["tracker"] + given + ["--tracker", plan.tracker])
    #expect(result.status == status, "\(result)")
    #expect(result.error.contains(says.replacingOccurrences(of: "NAME#9", with: plan.name + "#9")), "\(result.error)")
  }

  /// In real life: a mistyped path. Nothing is made there, by commands that write neither.
  @Test(arguments: [["tag", "a", "b=c"], ["note", "a", "b"], ["migrate"], ["backup", "/tmp/never"]])
  func missingTracker_isNotMade(arguments: [String]) throws {
    let path = muster.folder + "/mistyped.db"
    let result = try muster.run(["tracker"] + arguments + ["--tracker", path])
    #expect(result.status == 66 && !FileManager.default.fileExists(atPath: path), "\(result)")
  }
}
