import InverseSolvers
import Testing

@Suite struct PriorViewTests {
    /// 16 views are different, the first is the image itself, and each is moved by no more than half of the grid.
    @Test(arguments: [2, 4, 8, 16]) func anEnsembleHasDifferentViews(_ grid: Int) {
        let views = PriorView.ensemble(SolverOptions.largestEnsemble, grid: grid)
        #expect(views.count == 16 && views[0] == .identity)
        if grid == 16 { #expect(Set(views).count == 16 && Set(views.map { [$0.rows, $0.columns] }).count == 16) }
        for view in views { #expect(abs(view.rows) <= grid / 2 && abs(view.columns) <= grid / 2) }
        #expect(Set(views.prefix(4).map { [$0.isMirrored, $0.isFlipped] }).count == 4)
    }

    /// Rows that leave the view are not seen; what comes in at the other side is a reflection.
    @Test func aMovedViewReflectsAtTheBorder() {
        let rows = PriorView(rows: 2).rows(of: 5)
        #expect(rows.map(\.index) == [2, 3, 4, 4, 3])
        #expect(rows.map(\.isItself) == [true, true, true, false, false])
        let columns = PriorView(isMirrored: true, columns: -1).columns(of: 4)
        #expect(columns.map(\.index) == [3, 3, 2, 1])
        #expect(columns.map(\.isItself) == [false, true, true, true])
    }

    /// A view that is moved farther than the image is wide still shows pixels of it.
    @Test func smallImagesAreReflectedAgain() {
        let rows = PriorView(rows: -8).rows(of: 3)
        #expect(rows.map(\.index) == [1, 0, 0])
        #expect(rows.allSatisfy { !$0.isItself })
    }
}
