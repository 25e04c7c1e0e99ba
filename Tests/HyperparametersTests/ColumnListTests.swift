// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@Suite struct ColumnListTests {
  private let names = ["age", "gcs_min", "gcs_max", "los"]

  @Test func words_fitNamesAndBeginnings() throws {
    let signed = try #require(ColumnList("+age,  -gcs_*", isSigned: true))
    #expect(try signed.signs(of: names, parameter: "monotone") == [1, -1, -1, 0])
    let plain = try #require(ColumnList("los gcs_min", isSigned: false))
    #expect(try plain.signs(of: names, parameter: "categorical") == [0, 1, 0, 1])
    #expect(try ColumnList("", isSigned: true)?.signs(of: names, parameter: "monotone") == [0, 0, 0, 0])
  }

  @Test(arguments: [("age", true), ("+age los", true), ("+", true), ("+age", false)])
  func signs_whereTheyAreAskedFor(text: String, isSigned: Bool) {
    #expect(ColumnList(text, isSigned: isSigned) == nil)
    let key = isSigned ? "monotone" : "categorical"
    #expect(throws: ParameterError.self) { try BoosterOptions([key: .text(text)]) }
  }

  @Test func strangers_andBothSigns_areNamed() throws {
    let stranger = try #require(ColumnList("+age +sofa*", isSigned: true))
    #expect { try stranger.signs(of: names, parameter: "monotone") } throws: {
      "\($0)" == "hyperparameter `monotone`: expected columns of the data set, found \"sofa*\""
    }
    let both = try #require(ColumnList("+gcs_* -gcs_max", isSigned: true))
    #expect { try both.signs(of: names, parameter: "monotone") } throws: {
      "\($0)" == "hyperparameter `monotone`: expected one sign for column gcs_max, found both"
    }
  }
}
