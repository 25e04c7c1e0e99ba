// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Search
import SweepPlans
import Testing

@Suite struct ConfigurationReferenceTests {
  @Test func reference_namesEveryKey() {
    let page = configurationReference()
    for learner in Learner.allCases {
      #expect(page.contains("### `model: \(learner.rawValue)`"))
      for specification in learner.specifications {
        #expect(page.contains("| `\(specification.name)` | \(specification.domainText) |"), "\(specification.name)")
        #expect(page.contains(specification.doc))
      }
    }
    for kind in ObjectiveKind.allCases {
      for metric in Metric.all(for: kind) { #expect(page.contains("| `\(metric.name)` |")) }
    }
    for key in [
      "apiVersion", "expect_digest", "group_by", "aggregate", "wall_time", "heartbeat", "artifacts", "points",
      "require", "ordinal", "round", "reproducible", "keep", "alpha", "protect",
    ] {
      #expect(page.contains("| `\(key)` |"), "\(key)")
    }
  }

  // Goal: docs/Configuration.md is what the code says. Write it anew with the environment variable MUSTER_WRITE_DOCS=1.
  @Test func page_isCurrent() throws {
    let page = Fixtures.root.appending(path: "docs/Configuration.md")
    if ProcessInfo.processInfo.environment["MUSTER_WRITE_DOCS"] == "1" {
      try Data(configurationReference().utf8).write(to: page)
    }
    let isCurrent = (try? String(contentsOf: page, encoding: .utf8)) == configurationReference()
    #expect(isCurrent, "docs/Configuration.md differs: MUSTER_WRITE_DOCS=1 swift test --filter page_isCurrent")
  }
}
