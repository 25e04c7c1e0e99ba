// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Reporting

@Suite struct DiagnosisTests {
  @Test func wrongFinding_isCounted_andHasItsFixBelowIt() {
    var diagnosis = Diagnosis()
    diagnosis.add(Finding("Disk", "tracker", .good, "9 GiB free"))
    #expect(diagnosis.isSound)
    diagnosis.add(
      Finding("Keys", "coordinator.key", .wrong, "others can read it", fix: "chmod 600 keys/coordinator.key"))
    #expect(!diagnosis.isSound)
    let lines = diagnosis.lines(Console(color: .never))
    #expect(
      lines == [
        "Disk", "  ok       tracker: 9 GiB free", "Keys", "  wrong    coordinator.key: others can read it",
        "           → chmod 600 keys/coordinator.key", "", "1 ok, 0 warnings, 1 wrong",
      ])
    #expect(diagnosis.json.description.contains(#""sound":false"#))
  }

  /// What every machine has, without asking for rights.
  @Test func machine_isLookedAt() {
    #expect(MachineFindings.disk("here", folder: "/").first?.found.contains("MiB free") == true)
    #expect(MachineFindings.disk("nowhere", folder: "/no/such/folder").first?.standing == .wrong)
    #expect(MachineFindings.clock(now: 1_795_714_313_042).first?.standing == .good)
    #expect(MachineFindings.clock(now: 0).first?.standing == .wrong)
    #expect(MachineFindings.descriptors(workerCount: 1 << 40).standing == .wrong)
  }

  @Test func progress_saysHowFarAndHowLong() {
    #expect(
      ProgressLine.text(500, of: 1_000, unit: "rows", milliseconds: 1_000)
        == "████████████░░░░░░░░░░░░ 50 %  500 of 1000 rows  500 rows/s  1.0 s left")
    #expect(ProgressLine.text(500, of: nil, unit: "rows", milliseconds: 1_000) == "500 rows  500 rows/s")
  }
}
