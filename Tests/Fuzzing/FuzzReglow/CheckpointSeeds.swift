import CheckpointSupport
import Foundation
import Reglow

/// What a mutator begins with: the smallest model of each family, in each container.
enum CheckpointSeeds {
    static func write(to folder: String) throws {
        for family in CheckpointFamily.allCases {
            var twin = FamilyTwin(family)
            (twin.channels, twin.levels, twin.steps, twin.hidden) = (1, 1, 1, 2)
            for (index, form) in MadeFile.Form.allCases.enumerated() {
                let bytes = MadeFile.bytes(twin.state, form, wrapper: index % 2 == 0 ? "model" : nil)
                try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(family.rawValue)-\(index)"))
            }
        }
    }
}
