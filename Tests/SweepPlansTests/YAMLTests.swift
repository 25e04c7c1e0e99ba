// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import SweepPlans
import Sweeps
import Testing

/// What YAML 1.1 readers get wrong, and what a hostile file might try.
@Suite struct YAMLTests {
  private func range(_ text: String) throws -> Distribution? {
    let plan = try Fixtures.plan(Fixtures.file("[0.01, 0.5]", text))
    return plan.space.branches[0].space.parameters.last?.distribution
  }

  @Test(arguments: ["[1e-4, 1e-1]", "[1.0e-4, .1]", "[1E-4, 0.1]", "[+0.0001, 1.e-1]"])
  func numbers_followTheCoreSchema(text: String) throws {
    #expect(try range(text) == .real(try RealRange(1e-4, 0.1, log: true)))
  }

  @Test func integers_takeHexAndOctalPrefixes() throws {
    #expect(try Fixtures.plan(Fixtures.file("folds: 4", "folds: 0x10")).folds.foldCount == 16)
    #expect(try Fixtures.plan(Fixtures.file("folds: 4", "folds: 0o10")).folds.foldCount == 8)
    #expect(try Fixtures.plan(Fixtures.file("folds: 4", "folds: 010")).folds.foldCount == 10)
  }

  // In real life: 1.1 readers turn these names into true and false.
  @Test func onAndYes_areText() throws {
    let plan = try Fixtures.plan(Fixtures.file("name: small", "name: yes\ntags: {on: off, y: n}"))
    #expect(plan.name == "yes")
    #expect(plan.tags.map { "\($0.name)=\($0.value)" } == ["on=off", "y=n"])
  }

  @Test func anchors_areWrittenOut() throws {
    let text = Fixtures.file("{int: [10, 100]}", "&r {int: [10, 100]}").replacing(
      "        learning_rate:", with: "        leaves: *r\n        learning_rate:")
    let space = try Fixtures.plan(text).space.branches[0].space
    #expect(space.parameters[0].distribution == space.parameters[1].distribution)
  }

  @Test func json_isYAML() throws { #expect(try Fixtures.plan(try Fixtures.plan().spec).name == "small") }

  @Test(arguments: ["", "# only a comment\n", "---\n"]) func emptyFile_isRefused(text: String) {
    #expect([.syntax, .wrongType].contains(Fixtures.error(text)?.code))
  }

  @Test func secondDocument_isRefused() {
    #expect(Fixtures.error(Fixtures.file + "\n---\na: 1\n")?.code == .syntax)
  }

  @Test func undefinedAlias_isRefused() {
    #expect(Fixtures.error(Fixtures.file("folds: 4", "folds: *nothing"))?.code == .syntax)
  }

  // In real life: a file from elsewhere grows a thousandfold with each line of aliases, or nests without end.
  @Test func bombs_areRefused() {
    var text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for level in 1...12 {
      text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }
    #expect(Fixtures.error(text)?.description.contains("more than 100000 values") == true)
    #expect(Fixtures.error(String(repeating: "[", count: 50_000))?.code == .syntax)
    #expect(Fixtures.error(String(repeating: "a", count: 2 << 20))?.code == .syntax)
  }

  @Test func windowsLines_keepTheirPlaces() {
    let text = Fixtures.file("folds: 4", "folds: 1").split(separator: "\n").joined(separator: "\r\n")
    let place = Fixtures.error(text)?.place
    #expect(place?.line == 6 && place?.column == 13)
    #expect(place?.text == "cv: {folds: 1, seed: 3}")
  }
}

@Suite struct OverrideTests {
  @Test func overrides_changeWhatTheFileSays() throws {
    let plan = try Fixtures.plan(overrides: [
      "budget.trials=20", "space.branches[0].params.trees={int: [5, 6]}", "space.params.model.choice[0]=linear",
      "space.branches[0].if.model=linear", "space.branches[0].params={l2: {value: 1}}", "execution.retries=7",
      "data.dataset=a=b", "track.db=x.db",
    ])
    #expect(plan.trialCountMax == 20 && plan.execution.retryCount == 7)
    #expect(plan.learners == [.lstm, .linear])
    #expect(plan.datasetPath == "a=b" && plan.trackerPath == "x.db")
  }

  @Test(arguments: [
    ("budget.trials", "expected path=value"), ("=5", "expected path=value"), ("a..b=5", "expected path=value"),
    ("a[x]=5", "expected path=value"), ("space.branches[2].params={}", "[2] of a list of 2"),
    ("name.first=5", "`first` below small, which has no keys"), ("cv[0]=5", "[0] of a mapping, which is no list"),
  ]) func wrongPath_isRefused(override: String, says: String) {
    let error = Fixtures.error(Fixtures.file, overrides: [override])
    #expect(error?.code == .badOverride)
    #expect(error?.message.contains(says) == true, "\(String(describing: error))")
  }

  @Test func unknownKey_pointsAtTheOverride() {
    let error = Fixtures.error(Fixtures.file, overrides: ["budgt.trials=5"])
    #expect(error?.code == .unknownKey)
    #expect(error?.place?.source == "--set" && error?.place?.column == 1)
    #expect(error?.note?.hasPrefix("did you mean `budget`?") == true)
  }

  @Test func emptyValue_isNothing() {
    #expect(Fixtures.error(Fixtures.file, overrides: ["cv.folds="])?.message.hasSuffix("found nothing") == true)
  }
}
