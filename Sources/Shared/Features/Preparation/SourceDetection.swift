// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// What the tables are: those of `muster data synthesize` carry a marker file, the open demo is known by its size.
func detectedSource(_ directory: MIMICDirectory, _ records: HospitalRecords) -> String {
  let markers: Set<String> = ["SYNTHETIC", "SYNTHETIC.JSON"]
  if directory.fileNames.contains(where: { markers.contains($0.uppercased()) }) { return "synthetic" }
  let isDemo = records.patients.count == 100 && records.admissions.count == 129 && records.stays.count == 136
  return isDemo ? "mimic3-demo" : "mimic3"
}
