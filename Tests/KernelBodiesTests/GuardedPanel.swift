import KernelInterface

/// What a panel may hold: its bits tell -0 from 0 and one NaN from another.
protocol PanelElement: BitwiseCopyable {
    associatedtype Bits: Equatable
    var bits: Bits { get }
    /// A value that no kernel gives.
    static var canary: Self { get }
}

extension Float: PanelElement {
    var bits: UInt32 { bitPattern }
    static var canary: Float { Float(bitPattern: 0x7fd0_c0de) }
}

extension UInt8: PanelElement {
    var bits: UInt8 { self }
    static var canary: UInt8 { 0xa5 }
}

/// Whether the rows of a panel begin at multiples of the widest vector, or where no vector does.
enum Alignment: CaseIterable {
    case aligned, unaligned
}

/// Rows of numbers as the kernels see them, (rows, columns), with canaries before, between and after the rows.
///
/// The canaries of a panel of floats are NaN, so a kernel that takes one into its result shows it, and `changes` counts every
/// number that was written outside of the place it was meant for.
final class GuardedPanel<Element: PanelElement> {
    let rows: Int
    let columns: Int
    /// Elements from row to row.
    let stride: Int
    private let memory: AlignedBuffer<Element>
    private let first: Int
    /// Bits of all memory at first.
    private var former: [Element.Bits] = []

    /// Elements before the first and after the last row: more than any offset of a neighbour and a vector together.
    private static var margin: Int { 64 }

    /// Holds canaries, or `element(row, column)`.
    init(_ rows: Int, _ columns: Int, _ alignment: Alignment = .unaligned, element: ((Int, Int) -> Element)? = nil) {
        self.rows = rows
        self.columns = columns
        stride = alignment == .aligned ? (columns + 31) / 16 * 16 : columns + 5
        first = alignment == .aligned ? Self.margin : Self.margin + 3
        memory = AlignedBuffer(count: first + rows * stride + Self.margin)
        for index in 0 ..< memory.count { memory.base[index] = .canary }
        if let element {
            for row in 0 ..< rows {
                for column in 0 ..< columns { self[row, column] = element(row, column) }
            }
        }
        former = (0 ..< memory.count).map { memory.base[$0].bits }
    }

    /// (row 0, column 0)
    var base: UnsafeMutablePointer<Element> { memory.base + first }

    subscript(row: Int, column: Int) -> Element {
        get { base[row * stride + column] }
        set { base[row * stride + column] = newValue }
    }

    /// Elements that are no longer what they were at first, but for those in the given rows and columns.
    func changes(outsideRows rows: Range<Int> = 0 ..< 0, columns: Range<Int> = 0 ..< 0) -> Int {
        (0 ..< memory.count).count { index in
            let cell = index - first
            let isInside = cell >= 0 && rows.contains(cell / stride) && columns.contains(cell % stride)
            return !isInside && memory.base[index].bits != former[index]
        }
    }

    /// The elements of the given rows and columns, row by row.
    func numbers(rows: Range<Int>, columns: Range<Int>) -> [Element] {
        rows.flatMap { row in columns.map { self[row, $0] } }
    }

    var numbers: [Element] { numbers(rows: 0 ..< rows, columns: 0 ..< columns) }

    /// The bits of the elements of the given rows and columns, row by row.
    func bits(rows: Range<Int>, columns: Range<Int>) -> [Element.Bits] {
        numbers(rows: rows, columns: columns).map(\.bits)
    }

    var allBits: [Element.Bits] { bits(rows: 0 ..< rows, columns: 0 ..< columns) }
}

extension GuardedPanel<UInt8> {
    /// The bit of a pixel in a row of lane bits.
    func bit(_ row: Int, pixel: Int) -> Bool { self[row, pixel / 8] >> UInt8(pixel % 8) & 1 == 1 }
}
