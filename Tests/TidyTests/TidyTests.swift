// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite struct TidyTests {
  static let sources = SourceTree.swift.filter { $0.module != nil }

  @Test func tree_isFound() {
    #expect(
      SourceTree.swift.count > 50, "no sources under \(SourceTree.root.path): the rules below would check nothing")
    #expect(SourceTree.markdown.count > 5)
  }

  @Test func files_areAtMost400Lines() { #expect(HouseRules.lengths(SourceTree.swift) == []) }
  @Test func functions_fitOnAScreen() { #expect(HouseRules.functionLengths(SourceTree.swift) == []) }
  @Test func files_carryTheLicence() { #expect(HouseRules.licences(SourceTree.swift) == []) }
  @Test func modules_importOnlyWhatTheyMay() { #expect(HouseRules.imports(Self.sources) == []) }
  @Test func pureModules_touchNoWorld() { #expect(HouseRules.systemCalls(Self.sources) == []) }
  @Test func patientColumns_stayInTheirModules() { #expect(HouseRules.patientColumns(Self.sources) == []) }
  @Test func features_knowOnlyWhatTheyMay() { #expect(HouseRules.featureKnowledge(Self.sources) == []) }
  @Test func traps_carryASentence() { #expect(HouseRules.traps(Self.sources) == []) }
  @Test func data_neverBecomesCode() { #expect(HouseRules.codeFromData(Self.sources) == []) }
  @Test func names_saySomething() { #expect(HouseRules.names(SourceTree.swift) == []) }
  @Test func docs_haveNoDeadLinks() { #expect(HouseRules.deadLinks(SourceTree.markdown) == []) }

  @Test func modulesPage_namesEveryModule() throws {
    let page = try String(contentsOf: SourceTree.root.appendingPathComponent("docs/Modules.md"), encoding: .utf8)
    for module in Set(Self.sources.compactMap(\.module)).sorted() {
      #expect(page.contains("`\(module)`"), "docs/Modules.md does not mention \(module)")
    }
  }

  /// The formatter is the style's first half; `swift format` comes with the toolchain.
  @Test func sources_areFormatted() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.currentDirectoryURL = SourceTree.root
    process.arguments = [
      "swift", "format", "lint", "--strict", "--parallel", "-r", "Sources", "Tests", "Package.swift",
    ]
    let output = Pipe()
    process.standardError = output
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text.prefix(2_000))")
  }
}

/// Each rule must be able to fail: a file that breaks it is shown to it.
@Suite struct HouseRuleTests {
  private func file(_ path: String, _ text: String) -> SourceTree.File {
    SourceTree.File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  }

  @Test func longFile_isSeen() {
    #expect(HouseRules.lengths([file("Sources/Shared/A/B.swift", String(repeating: "\n", count: 401))]).count == 1)
  }

  @Test func longFunction_isSeen() {
    let body = "  func f() {\n" + String(repeating: "    x()\n", count: 69) + "  }\n"
    #expect(HouseRules.functionLengths([file("Sources/Shared/A/B.swift", body)]).count == 1)
    let short = "  func f() {\n" + String(repeating: "    x()\n", count: 68) + "  }\n"
    #expect(HouseRules.functionLengths([file("Sources/Shared/A/B.swift", short)]).isEmpty)
  }

  @Test func missingLicence_isSeen() {
    #expect(HouseRules.licences([file("Sources/Shared/A/B.swift", "import X")]).count == 1)
  }

  @Test(arguments: ["import Foundation", "package import Tracking", "import struct Foundation.URL", "import Dispatch"])
  func impureImport_isSeen(line: String) {
    #expect(HouseRules.imports([file("Sources/Shared/Scheduling/A.swift", line)]).count == 1)
  }

  @Test func cLibraryOutsideItsModule_isSeen() {
    #expect(HouseRules.imports([file("Sources/Worker/A.swift", "import CHDF5")]).count == 1)
    #expect(HouseRules.imports([file("Sources/Shared/Shards/A.swift", "import CHDF5")]).isEmpty)
  }

  @Test func clockInPureModule_isSeen() {
    #expect(HouseRules.systemCalls([file("Sources/Shared/Search/A.swift", "let now = ContinuousClock.now")]).count == 1)
  }

  @Test(arguments: ["row[\"SUBJECT_ID\"]", "let hadmID = 3", "/// by icustay_id"])
  func patientColumn_isSeen(line: String) {
    #expect(HouseRules.patientColumns([file("Sources/Shared/Tracking/A.swift", line)]).count == 1)
    #expect(HouseRules.patientColumns([file("Sources/Shared/Cohorts/A.swift", line)]).isEmpty)
  }

  @Test func outcomeInAFeature_isSeen() {
    let path = "Sources/Shared/Features/Families/A.swift"
    #expect(HouseRules.featureKnowledge([file(path, "let x = admission.deathTime")]).count == 1)
    #expect(HouseRules.featureKnowledge([file(path, "let x = admission.admitTime")]).isEmpty)
  }

  @Test func bareTrap_isSeen() {
    #expect(HouseRules.traps([file("Sources/Worker/A.swift", "let x = try! f()")]).count == 1)
  }

  @Test func codeFromData_isSeen() {
    #expect(HouseRules.codeFromData([file("Sources/Worker/A.swift", "let x = NSKeyedUnarchiver()")]).count == 1)
  }

  @Test func emptyName_isSeen() { #expect(HouseRules.names([file("Sources/Shared/A/Utils.swift", "")]).count == 1) }

  @Test func deadLink_isSeen() {
    #expect(
      HouseRules.deadLinks([file("docs/A.md", "see [b](Nowhere.md) and [c](#here) and [d](https://x.org)")]).count == 1)
  }
}
