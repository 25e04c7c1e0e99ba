// SPDX-License-Identifier: Apache-2.0

/// What nurses chart every hour or so beside the vital signs: most rows of CHARTEVENTS, and of no use to a model here.
struct RoutineItem {
  let careVueItem: Int
  let metaVisionItem: Int
  let label: String
  /// What is charted: one of these texts, or where there is none a number around `mean`.
  let texts: [String]
  let mean: Double
  let unit: String
  let everyHours: Int

  init(
    _ careVueItem: Int, _ metaVisionItem: Int, _ label: String, _ texts: [String] = [], mean: Double = 0,
    unit: String = "", everyHours: Int = 1
  ) {
    self.careVueItem = careVueItem
    self.metaVisionItem = metaVisionItem
    self.label = label
    self.texts = texts
    self.mean = mean
    self.unit = unit
    self.everyHours = everyHours
  }

  /// Labels are MIMIC's; the rest is a plausible invention.
  static let all: [RoutineItem] = [
    RoutineItem(212, 220_048, "Heart Rhythm", ["Normal Sinus", "Sinus Tachy", "Atrial Fib", "Paced"]),
    RoutineItem(161, 224_650, "Ectopy Type 1", ["None", "PVC's", "PAC's"]),
    RoutineItem(159, 226_479, "Ectopy Frequency 1", ["Rare", "Occasional", "Frequent"], everyHours: 2),
    RoutineItem(5_815, 220_047, "HR Alarm [Low]", mean: 50, unit: "bpm"),
    RoutineItem(8_549, 220_046, "HR Alarm [High]", mean: 120, unit: "bpm"),
    RoutineItem(5_817, 223_752, "NBP Alarm [Low]", mean: 90, unit: "mmHg"),
    RoutineItem(8_553, 223_751, "NBP Alarm [High]", mean: 160, unit: "mmHg"),
    RoutineItem(5_819, 224_162, "Resp Alarm [Low]", mean: 8, unit: "insp/min"),
    RoutineItem(8_554, 224_161, "Resp Alarm [High]", mean: 30, unit: "insp/min"),
    RoutineItem(5_820, 223_770, "SpO2 Alarm [Low]", mean: 92, unit: "%"),
    RoutineItem(113, 220_074, "CVP", mean: 10, unit: "mmHg"),
    RoutineItem(492, 220_060, "PAP [Diastolic]", mean: 18, unit: "mmHg", everyHours: 2),
    RoutineItem(491, 220_061, "PAP Mean", mean: 25, unit: "mmHg", everyHours: 2),
    RoutineItem(683, 224_684, "Tidal Volume (Set)", mean: 500, unit: "mL", everyHours: 2),
    RoutineItem(682, 224_685, "Tidal Volume (Obser)", mean: 490, unit: "mL", everyHours: 2),
    RoutineItem(506, 220_339, "PEEP Set", mean: 5, unit: "cmH2O", everyHours: 2),
    RoutineItem(535, 224_695, "Peak Insp. Pressure", mean: 22, unit: "cmH2O", everyHours: 2),
    RoutineItem(720, 223_849, "Ventilator Mode", ["CMV/ASSIST", "CPAP/PSV", "SIMV"], everyHours: 2),
    RoutineItem(467, 226_732, "O2 Delivery Device", ["Nasal Cannula", "None", "Endotracheal tube", "Face Tent"]),
    RoutineItem(470, 223_834, "O2 Flow", mean: 4, unit: "L/min"),
    RoutineItem(428, 223_989, "Lung Sounds RU", ["Clear", "Diminished", "Crackles", "Ins/Exp Wheeze"], everyHours: 2),
    RoutineItem(425, 223_987, "Lung Sounds LU", ["Clear", "Diminished", "Crackles", "Ins/Exp Wheeze"], everyHours: 2),
    RoutineItem(27, 224_080, "Activity", ["Bedrest", "Chair", "Turn self, with help"], everyHours: 2),
    RoutineItem(550, 224_082, "Position", ["Supine", "Right Side", "Left Side", "Chair, \"cardiac\""], everyHours: 2),
    RoutineItem(374, 224_640, "NBP Source", ["Arm, Right Lower", "Arm, Left Lower", "Leg, Right"]),
    RoutineItem(479, 223_781, "Pain Present", ["Yes", "No", "Unable to Assess"], everyHours: 2),
    RoutineItem(637, 224_409, "Pain Level", ["None-0", "3-Mild", "5-Mod", "7-Mod to Severe"], everyHours: 2),
    RoutineItem(32, 224_015, "Side Rails", ["4 Side Rails", "2 Side Rails"], everyHours: 2),
    RoutineItem(547, 224_093, "Pupil Response R", ["Brisk", "Sluggish", "Non-reactive"], everyHours: 2),
    RoutineItem(548, 224_094, "Pupil Response L", ["Brisk", "Sluggish", "Non-reactive"], everyHours: 2),
    RoutineItem(128, 223_935, "Radial Pulse R", ["Easily Palpable", "Weak Palpable", "Doppler"], everyHours: 4),
    RoutineItem(644, 224_055, "Skin Integrity", ["Intact", "Impaired", "See notes"], everyHours: 4),
    RoutineItem(85, 228_096, "Braden Score", mean: 15, everyHours: 8),
    RoutineItem(31, 224_054, "Braden Activity", ["Bedfast", "Chairfast"], everyHours: 8),
  ]
}
