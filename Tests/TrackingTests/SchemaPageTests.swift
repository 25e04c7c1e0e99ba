// SPDX-License-Identifier: Apache-2.0

import GRDB
import Hyperparameters
import Testing
import TrackerKit

@testable import Tracking

/// The page and the database say the same.
@Suite struct SchemaPageTests {
  private func schema() throws -> [String: [String]] {
    let queue = try DatabaseQueue()
    try Schema.migrator.migrate(queue)
    return try queue.read { database in
      let names = try String.fetchAll(
        database,
        sql: """
          SELECT name FROM sqlite_schema WHERE type IN('table', 'view') AND name NOT LIKE 'sqlite_%'
          AND name NOT LIKE 'v\\_%' ESCAPE '\\' AND name <> 'grdb_migrations'
          """)
      return try Dictionary(
        uniqueKeysWithValues: names.map { name in
          (
            name,
            try String.fetchAll(database, sql: "SELECT name FROM pragma_table_xinfo(?) ORDER BY cid", arguments: [name])
          )
        })
    }
  }

  /// In real life: an analyst looks a column up, and it is there, in that order.
  @Test func page_listsEveryTableViewAndColumn() throws {
    let (schema, page) = (try schema(), TrackerPage.columns)
    #expect(schema.count > 25)
    #expect(Set(schema.keys) == Set(page.keys))
    for (name, columns) in schema { #expect(page[name] == columns, "\(name)") }
  }

  /// A parameter that is new needs its column, in the next migration.
  @Test func trialParameters_hasAColumnForEachParameter() throws {
    let columns = Set(try schema()["trial_parameters"] ?? [])
    for learner in Learner.allCases {
      for parameter in learner.specifications {
        #expect(columns.contains(parameter.name), "\(learner.rawValue): \(parameter.name)")
      }
    }
  }

  /// Each view that was ever released, by its oldest name.
  @Test(arguments: ["v_sweep", "v_leaderboard", "v_fold", "v_metric", "v_curve", "v_attempt", "v_worker"])
  func oldNames_stillWork(view: String) throws {
    let fixture = try Fixture()
    try GeneratedTracker.fill(fixture.path, trials: 50, steps: 2)
    #expect(try TrackerReader(path: fixture.path).sql("SELECT * FROM \(view)").rows.isEmpty == false)
  }
}
