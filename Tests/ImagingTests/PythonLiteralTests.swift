import Files
import Imaging
import Testing

/// The header of a NumPy file is a dictionary of Python.
@Suite struct PythonLiteralTests {
    @Test(arguments: [
        "", "{", "{}", "}", "{'descr'", "{'descr': ", "{'descr': '<f4", "{'descr': '<f4', 'fortran_order': False}",
        NumPyFile.header + "x", NumPyFile.header + NumPyFile.header, NumPyFile.header.replacing("False", with: "Fals"),
        NumPyFile.header.replacing("False", with: "0"),
        NumPyFile.header.replacing("(2, 3)", with: "(2, 3"), NumPyFile.header.replacing("(2, 3)", with: "(2 3)"),
        NumPyFile.header.replacing("(2, 3)", with: "(,)"), NumPyFile.header.replacing("(2, 3)", with: "(2, --3)"),
        NumPyFile.header.replacing("(2, 3)", with: "(99999999999999999999,)"), NumPyFile.header.replacing("(2, 3)", with: "2"),
        NumPyFile.header.replacing("'<f4'", with: "[('a', '<f4')]"), NumPyFile.header.replacing("'shape'", with: "'form'"),
        NumPyFile.header.replacing("'fortran_order': False", with: "'descr': '<f4'"),
    ])
    func refusesDamagedHeaders(text: String) {
        #expect(NumPyFile.failure(NumPyFile.bytes(text)).contains("the NumPy header is damaged"))
    }
}
