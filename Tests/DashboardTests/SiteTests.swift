// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import TrackerKit
import Tracking

@testable import Dashboard

/// A generated tracker in a folder of its own.
final class Board: Sendable {
  let folder: String
  var path: String { folder + "/tracker.db" }

  init(trials: Int = 200, steps: Int = 20) throws {
    folder = NSTemporaryDirectory() + "dashboard-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try GeneratedTracker.fill(path, trials: trials, steps: steps)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func get(_ target: String) throws -> PageAnswer {
    Site(trackerPath: path, version: "test").answer(
      PageRequest(target: target, now: 90_000_000), try TrackerReader(path: path))
  }
}

@Suite struct SiteTests {
  static let pages = [
    "/", "/sweep?name=readmission", "/trial?sweep=readmission&trial=2", "/workers", "/workers?span=1h", "/datasets",
    "/sql",
    "/compare?trial=readmission%232&trial=readmission%235", "/compare?trial=readmission%232&with=best",
    "/sql?q=SELECT+1+AS+one", "/sweep?name=readmission&state=pruned&page=2&board=3",
  ]
  static let parts = PartKind.allCases.map { "\($0.path)?name=readmission&sweep=readmission&trial=2&bare=1" }

  /// Well-formed as XML but for HTML's void elements and its doctype; nothing that the policy forbids.
  @Test(arguments: pages + parts) func page_isWellFormed_andWithinThePolicy(target: String) throws {
    let answer = try Board().get(target)
    #expect(answer.status == 200, "\(answer.body.prefix(400))")
    for forbidden in ["style=\"", "<style", "javascript:", "onclick", "http://", "https://", "<script>"] {
      #expect(!answer.body.contains(forbidden), "\(forbidden)")
    }
    let open = try depth(answer.body)
    #expect(open.isEmpty, "not closed: \(open)")
  }

  /// Names of the elements that are still open at the end.
  private func depth(_ html: String) throws -> [String] {
    let void: Set<String> = ["meta", "link", "input", "!DOCTYPE"]
    var open: [String] = []
    for piece in html.components(separatedBy: "<").dropFirst() {
      let tag = piece.prefix { $0 != ">" }
      let name = String(tag.prefix { $0 != " " })
      if name.hasPrefix("/") {
        #expect(open.popLast() == String(name.dropFirst()))
      } else if !void.contains(name) {
        open.append(name)
      }
    }
    return open
  }

  @Test(arguments: [
    ("/nowhere", 404), ("/sweep?name=nothing", 404), ("/sweep", 400), ("/trial?sweep=readmission&trial=99999", 404),
    ("/trial?sweep=readmission&trial=x", 400), ("/compare?trial=readmission%232", 400), ("/part/nothing", 404),
    ("/compare?trial=a&trial=b", 400), ("/part/head?name=%3Cscript%3E", 404),
  ]) func badRequest_isSaidSo(target: String, status: Int) throws {
    let answer = try Board(trials: 20).get(target)
    #expect(answer.status == status)
    #expect(!answer.body.contains("<script>"))
  }

  /// In real life: a sweep, a tag and a note with markup in them.
  @Test func names_areEscapedOnEveryPage() throws {
    let board = try Board(trials: 40)
    let evil = "<img src=x onerror=alert(1)>\"'&"
    let store = try TrackerStore(path: board.path, codeVersion: "test", at: 0)
    let trial = TrackedThing(sweep: "readmission", trial: 2)
    try store.tag(trial, name: evil, value: evil, at: 0)
    try store.note(trial, text: evil, author: evil, at: 0)
    try store.close()
    try SQLiteFile.execute("UPDATE sweep SET name = '<b>' || name; UPDATE worker SET name = '<i>x'", in: board.path)
    let name = "%3Cb%3Ereadmission"
    for target in [
      "/", "/sweep?name=\(name)", "/trial?sweep=\(name)&trial=2", "/workers", "/datasets",
      "/compare?trial=\(name)%232&trial=\(name)%235", "/part/parallel?name=\(name)&bare=1",
    ] {
      let body = try board.get(target).body
      #expect(!body.contains("<img") && !body.contains("<b>") && !body.contains("<i>"), "\(target)")
    }
    #expect(try board.get("/trial?sweep=\(name)&trial=2").body.contains("&lt;img src=x onerror=alert(1)&gt;"))
  }

  /// Every fold's state is in the matrix: what was lost and came back says so.
  @Test func matrix_saysWhereEachFoldIs() throws {
    let board = try Board()
    let body = try board.get("/part/matrix?name=readmission&state=pruned&bare=1").body
    #expect(body.contains(">✂</td>") && body.contains("title=\"done, tried 2 times\""))
    let whole = try board.get("/part/matrix?name=readmission&state=completed&bare=1").body
    #expect(!whole.contains("✂") && whole.components(separatedBy: "class=\"f q").count > 100)
  }

  /// "=" only where the paired interval over the folds holds 0: as `PairedFolds` has it of the folds as read one by one.
  @Test func leaderboard_saysTiesAsTies() throws {
    let board = try Board()
    let reader = try TrackerReader(path: board.path)
    let best = try reader.sql("SELECT trial FROM leaderboard WHERE sweep = 'readmission' ORDER BY rank LIMIT 20").rows
    let numbers = best.compactMap { $0[0].integer }
    var expected: Set<Int> = []
    for number in numbers.dropFirst() {
      let rows = try reader.sql(
        "SELECT difference FROM fold_differences WHERE sweep = 'readmission' AND metric = 'valid/auroc' AND trial_a = "
          + "\(numbers[0]) AND trial_b = \(number) ORDER BY fold"
      ).rows
      if PairedFolds(rows.compactMap { $0[0].real }, share: 0.25)?.isTie ?? false { expected.insert(number) }
    }
    let body = try board.get("/part/leaderboard?name=readmission&bare=1").body
    let said = Set(
      body.components(separatedBy: "<tr>").filter { $0.contains(" =</td>") }.compactMap { row in
        row.components(separatedBy: ">#").dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) }
      })
    #expect(!expected.isEmpty && said == expected)
  }

  /// A name of 400 pages' worth of trials costs no more than one of one.
  @Test func sweepPage_staysSmall_withManyTrials() throws {
    let small = try Board(trials: 200).get("/sweep?name=readmission").body.utf8.count
    let large = try Board(trials: 4_000).get("/sweep?name=readmission").body.utf8.count
    #expect(large < 200_000 && large < 2 * small + 60_000, "\(small) and \(large) bytes")
  }

  @Test(arguments: [
    "DELETE FROM trial", "ATTACH 'x' AS y", "PRAGMA journal_mode = DELETE", "SELECT * FROM nowhere",
    "WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "SELECT randomblob(99999999)",
  ]) func statement_thatMayNotOrCannot_getsAMessage(sql: String) throws {
    let answer = try Board(trials: 20).get(link("/sql", ["q": sql]))
    #expect(answer.status == 200 && answer.body.contains("class=\"error\""))
  }

  @Test func longResult_isCut_andSaidSo() throws {
    let sql = "WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 9999) SELECT i, i * i FROM n"
    let body = try Board(trials: 20).get(link("/sql", ["q": sql])).body
    #expect(body.contains("the first 500 rows") && body.contains("<svg"))
  }

  @Test func smallCounts_areNotShown() {
    #expect([0, 1, 10, 11, nil].map { rowCount($0) } == ["0", "< 11", "< 11", "11", "–"])
  }

  @Test func clock_isCivilTime() {
    #expect(clock(0) == "1970-01-01 00:00:00")
    #expect(clock(951_827_696_000) == "2000-02-29 12:34:56")
    #expect(clock(1_795_688_554_515) == "2026-11-26 10:22:34")
  }
}

@Suite struct PageRequestTests {
  @Test func query_isDecoded_asFormsEncode() {
    let request = PageRequest(target: "/sweep?name=a%20b%2Bc+d&x=%zz&name=&trial=a%231&trial=%E2%82%AC", now: 0)
    #expect(request.path == "/sweep")
    #expect(request.first("name") == "a b+c d" && request.first("x") == "%zz")
    #expect(request.all("trial") == ["a#1", "€"])
  }

  @Test func links_comeBackAsTheyWere() {
    let name = "größe 100 % & <x>=\"y\"#?/+"
    #expect(PageRequest(target: link("/sweep", ["name": name]), now: 0).first("name") == name)
  }

  @Test func theme_isOneOfTwo() {
    #expect(PageRequest(target: "/", theme: "dark\" x=\"", now: 0).theme == nil)
    #expect(PageRequest(target: "/", theme: "dark", now: 0).theme == "dark")
  }
}

@Suite struct ParameterImportanceTests {
  /// Two bins that differ by 2 and nothing else: all of the variance.
  @Test func onlyCause_explainsAll() throws {
    let groups = (0..<40).map { $0 % 2 }
    let importance = try #require(ParameterImportance(groups: groups, objectives: groups.map { Double($0) * 2 }))
    #expect(importance.share > 0.999)
  }

  /// Goal: a parameter that does nothing has none, however many bins. Method: 600 trials, six bins, objectives of a fixed
  /// sequence that has nothing to do with them; the plain share would be about 5/600 or more.
  @Test func noCause_explainsNothing() throws {
    let groups = (0..<600).map { $0 % 6 }
    let objectives = (0..<600).map { Double(($0 / 6 * 7_919) % 101) }
    let importance = try #require(ParameterImportance(groups: groups, objectives: objectives))
    #expect(importance.share == 0 && importance.interval.contains(0))
  }

  @Test func bins_haveEqualCounts_andTiesStayTogether() {
    #expect(ParameterImportance.bins([6, 1, 5, 2, 4, 3], count: 3) == [2, 0, 2, 0, 1, 1])
    #expect(Set(ParameterImportance.bins([1, 1, 1, 1, 2], count: 4)).count == 2)
    #expect(ParameterImportance.bins([], count: 3) == [])
  }

  /// The closed form for three differences 1, 2, 3 and n_valid/n_train = 1/2: 2 ± 4.3027 · 1 · √(1/3 + 1/2).
  @Test func pairedFolds_areTheCorrectedInterval() throws {
    let paired = try #require(PairedFolds([1, 2, 3], share: 0.5))
    #expect(abs(paired.interval.upperBound - (2 + 4.302_652_7 * (5.0 / 6).squareRoot())) < 1e-6)
    #expect(paired.isTie && PairedFolds([1], share: 0.5) == nil)
  }
}
