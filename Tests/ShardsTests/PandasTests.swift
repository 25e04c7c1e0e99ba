// SPDX-License-Identifier: Apache-2.0

import Foundation
import PeerKit
import Testing

@testable import Shards

@Suite struct PandasTests {
  /// In real life: a file from elsewhere whose attribute is another object than a list of names. Nothing of it is made.
  @Test(arguments: [
    ("(lp0\nVage\np1\naVlos_icu\np2\na.", ["age", "los_icu"]),
    ("(lp1\nS'age'\np2\naS'mort_icu'\np3\na.", ["age", "mort_icu"]), ("(lp0\n.", []),
    ("cos\nsystem\n(S'true'\ntR.", []), ("(lp0\ncos\nsystem\n(S'true'\ntRa.", []), ("", []), ("Vage\n.", []),
  ])
  func writtenNames_areRead_andNothingElse(written: String, names: [String]) {
    #expect(PandasTableReader.listedTexts(written) == names)
  }

  // Goal: docs/Shards.md is true in Python. Method: h5py and pandas read a data set as its page says.
  @Test(.enabled(if: PeerPython.has("h5py, pandas"), "not run: no Python with h5py and pandas"))
  func dataSet_isReadByH5pyAndPandas() throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/d")
    let script = PeerPython.repository.path + "/Tests/ShardsTests/Peers/read_shards.py"
    let read = try PeerPython.run([script, scratch.path + "/d"])
    #expect(read.status == 0, "\(read.output)")
    // It can fail: a byte of a value that h5py does not mind.
    var bytes = try scratch.bytes("d/shard-0001.h5")
    bytes[bytes.count - 1] ^= 1
    try scratch.write(bytes, "d/shard-0001.h5")
    #expect(try PeerPython.run([script, scratch.path + "/d"]).status != 0)
  }

  // In real life: MIMIC-Extract's `patients` is a table with categories, times and texts among its numbers.
  @Test(.enabled(if: PeerPython.has("pandas, tables"), "not run: no Python with pandas and tables"))
  func tableOfPandas_givesItsNumbers() throws {
    let scratch = try Scratch()
    let write = """
      import pandas as pd
      rows = pd.MultiIndex.from_tuples([(1, 11, 21), (2, 12, 22)], names=["subject_id", "hadm_id", "icustay_id"])
      frame = pd.DataFrame({"gender": ["F", "M"], "age": [70.5, 50], "insurance": ["a", "b"], "mort_icu": [0, 1],
        "intime": pd.to_datetime(["2100-01-01", None]), "los_icu": [1.5, float("nan")], "flag": [3, 4]}, index=rows)
      frame["gender"] = frame["gender"].astype("category")
      frame.to_hdf("\(scratch.path)/t.h5", key="patients", format="table")
      frame[["age"]].to_hdf("\(scratch.path)/t.h5", key="fixed")
      """
    let made = try PeerPython.run(["-c", write])
    try #require(made.status == 0, "\(made.output)")
    let path = scratch.path + "/t.h5"
    #expect(try PandasTableReader.isTable("patients", in: path) && !PandasTableReader.isTable("fixed", in: path))
    let table = try PandasTableReader(path: path, key: "patients")
    #expect(table.rowLevels.map(\.name) == ["subject_id", "hadm_id", "icustay_id"] && table.rowCount == 2)
    #expect(table.rowLevels.map(\.values) == [[1, 2], [11, 12], [21, 22]])
    #expect(Set(table.columns) == ["age", "los_icu", "mort_icu", "flag"])
    func column(_ name: String) -> [Double] {
      let place = table.columns.firstIndex(of: name) ?? 0
      return (0..<2).map { table.values[$0 * table.columns.count + place] }
    }
    #expect(column("age") == [70.5, 50] && column("mort_icu") == [0, 1] && column("flag") == [3, 4])
    #expect(column("los_icu")[0] == 1.5 && column("los_icu")[1].isNaN)
    #expect(throws: ShardError.self) { try PandasTableReader(path: path, key: "fixed") }
  }
}
