// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import TrackerKit
import Tracking

@testable import Dashboard

/// The leaderboard's filter and columns, files of results, and what is said of a sweep.
@Suite struct BoardTests {
  private func numbers(_ body: String) -> [Int] {
    body.components(separatedBy: "aria-label=\"Compare trial ").dropFirst().compactMap {
      Int($0.prefix { $0.isNumber })
    }
  }

  private func ranks(_ body: String) -> [String] {
    body.components(separatedBy: "<tr>").dropFirst().compactMap { row in
      row.components(separatedBy: "</td><td>").dropFirst().first.map { String($0.prefix { $0.isNumber }) }
    }.filter { !$0.isEmpty }
  }

  /// Goal: rank and order are the view's, on every page, with a learner chosen and without, also where scores are shared.
  @Test(arguments: ["", "&board=3", "&learner=lstm", "&learner=lstm&board=2"]) func ranks_areTheViews(query: String)
    throws
  {
    let board = try Board(trials: 200)
    try SQLiteFile.execute(
      "UPDATE trial SET objective = round(objective, 3) WHERE objective IS NOT NULL", in: board.path)
    let body = try board.get("/part/leaderboard?name=readmission&bare=1" + query).body
    let page = PageRequest(target: "/x?" + query, now: 0)
    let learner = page.first("learner").map { "AND learner = '\($0)'" } ?? ""
    let rows = try TrackerReader(path: board.path).sql(
      "SELECT trial, rank FROM leaderboard WHERE sweep = 'readmission' \(learner) ORDER BY rank, trial "
        + "LIMIT 20 OFFSET \(((page.first("board").flatMap(Int.init) ?? 1) - 1) * 20)"
    ).rows
    #expect(rows.count > 5)
    #expect(numbers(body) == rows.compactMap { $0[0].integer })
    #expect(ranks(body) == rows.compactMap { $0[1].integer }.map { "\($0)" })
  }

  /// In real life: a sweep is for AUPRC, and the paper's table wants the Brier score beside it.
  @Test func otherMetrics_haveTheirColumns() throws {
    let board = try Board(trials: 40)
    try SQLiteFile.execute(
      "UPDATE sweep SET spec = '{\"objective\":{\"also\":[\"valid/brier\",\"valid/auroc\",\"valid/none\"]}}'",
      in: board.path)
    let body = try board.get("/part/leaderboard?name=readmission&bare=1").body
    #expect(body.contains(">BRIER</th>") && body.contains(">NONE</th>"))
    #expect(body.components(separatedBy: ">AUROC</th>").count == 2)
    let brier = try TrackerReader(path: board.path).sql(
      "SELECT printf('%.4f', m.mean) FROM leaderboard b JOIN trial_metrics m USING(trial_id) "
        + "WHERE b.sweep = 'readmission' AND rank = 1 AND m.metric = 'valid/brier'"
    ).rows[0][0].text
    #expect(body.contains(">\(brier)</td><td class=\"n\">–</td>"))
  }

  @Test func result_comesAsAFile_thatASpreadsheetDoesNotRun() throws {
    let board = try Board(trials: 20)
    let answer = try board.get("/sql.csv?q=" + encoded("SELECT '=1+1' AS a, -0.5 AS b, 'x,\"y\"' AS c, NULL AS d"))
    #expect(answer.contentType == "text/csv; charset=utf-8")
    #expect(answer.body == "a,b,c,d\r\n'=1+1,-0.5,\"x,\"\"y\"\"\",\r\n")
    #expect(try board.get("/sql.csv?q=" + encoded("DELETE FROM trial")).status == 400)
    #expect(try board.get("/sql.csv").status == 400)
  }

  /// Tags and notes of a sweep, and its file.
  @Test func sweepPage_hasWhatWasSaidOfIt() throws {
    let board = try Board(trials: 20)
    try SQLiteFile.execute(
      "INSERT INTO note(sweep_id, author, text, at_ms) VALUES(1, 'ada', 'wrong <units>', 8)", in: board.path)
    let body = try board.get("/sweep?name=readmission").body
    for said in ["paper = table 2", "wrong &lt;units&gt;", "&quot;space&quot;"] {
      #expect(body.contains(said), "\(said)")
    }
  }

  /// By which key a worker was let in is shown where there are keys.
  @Test func workersPage_namesTheKeys() throws {
    let board = try Board(trials: 20)
    #expect(try !board.get("/workers").body.contains(">Key</th>"))
    try SQLiteFile.execute("UPDATE worker SET key_name = '<ward-3>' WHERE worker_id = 2", in: board.path)
    let body = try board.get("/workers").body
    #expect(body.contains(">Key</th>") && body.contains("&lt;ward-3&gt;"))
  }

  @Test func json_isIndented() {
    #expect(
      indented(#"{"a":{"b":[1,2],"c":"x,{\"y\"}"},"d":[{"e":null}]}"#)
        == """
        {
          "a": {
            "b": [1, 2],
            "c": "x,{\\"y\\"}"
          },
          "d": [
            {
              "e": null
            }
          ]
        }
        """)
  }
}
