import CReglow
import Imaging
import Synchronization

/// The iterates that callers' functions hear of at the moment, by the address of the struct that they are given: so that its image is made only
/// where it is asked for.
final class CurrentIterates: Sendable {
    static let shared = CurrentIterates()

    private struct Entry: @unchecked Sendable {
        let image: () throws -> Image
        let isWhole: Bool
    }

    private let entries = Mutex<[UInt: Entry]>([:])

    /// - Parameter isWhole: whether the image is that of the whole picture, not of a window.
    func during(
        _ pointer: UnsafePointer<reglow_iterate>, _ image: @escaping () throws -> Image, isWhole: Bool, _ body: () -> Void
    ) {
        let (address, entry) = (UInt(bitPattern: pointer), Entry(image: image, isWhole: isWhole))
        entries.withLock { $0[address] = entry }
        body()
        entries.withLock { $0[address] = nil }
    }

    /// - Throws: a `Fault` for a struct that is none of them, or of a window.
    func image(_ pointer: UnsafePointer<reglow_iterate>) throws -> Image {
        guard let entry = entries.withLock({ $0[UInt(bitPattern: pointer)] }) else {
            throw Fault.argument("iterate is not the one that on_iterate was given, during its call")
        }
        try require(entry.isWhole, "a picture that is restored in windows has no image before its end")
        return try entry.image()
    }
}
