import ArgumentParser
import Reglow

/// `HxW`, such as 64x64: height and width in pixels, at least 1 each.
extension Problem.ImageSize: ExpressibleByArgument {
    public init?(argument: String) {
        let sides = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let height = sides[0], let width = sides[1], (1 ... Image.maximumPixels).contains(height),
            (1 ... Image.maximumPixels / height).contains(width)
        else { return nil }
        self.init(height: height, width: width)
    }
}

extension Border: ExpressibleByArgument {}
extension Formulation: ExpressibleByArgument {}
