import Dispatch
import Reglow
import Synchronization
import TestSupport
import Testing

@Suite struct JobQueueTests {
    private func job(_ index: Int, side: Int) throws -> PreparedJob {
        let image = try Sample.image(height: side, width: side)
        let size = Problem.ImageSize(image.shape)
        let settings = RestorationSettings(problem: .denoise)
        let file = MeasurementFile(
            number: index, job: RestorationJob(input: "\(index)", output: "\(index).png"), measurement: ImageMeasurement(image), truth: nil,
            isGrey: false, imageSize: size, key: RestorationSessionCache.Key(prior: "p", noise: .estimated), picture: nil, format: nil)
        let group = PreparedJob.Group(restorer: RestorerCache.Key(settings, prior: "p"), canvas: image.shape)
        return PreparedJob(index: index, file: file, group: group, inputSha256: "", inputBytes: 0, checkpoint: nil, notes: Notes())
    }

    @Test func aGroupIsTakenInItsOrder() throws {
        let queue = JobQueue()
        let jobs = try [8, 16, 8, 16].enumerated().map { try job($0, side: $1) }
        for job in jobs { #expect(queue.add(job)) }
        #expect(queue.first()?.index == 0)
        #expect(queue.next(of: jobs[1].group, mayWait: true)?.index == 1)
        #expect(queue.next(of: jobs[0].group, mayWait: true)?.index == 0)
        #expect(queue.next(of: jobs[0].group, mayWait: true)?.index == 2)
        // Others wait: a group without members is at its end.
        #expect(queue.next(of: jobs[0].group, mayWait: true) == nil)
        queue.complete()
        #expect(queue.next(of: jobs[1].group, mayWait: true)?.index == 3)
        #expect(queue.next(of: jobs[1].group, mayWait: true) == nil)
        #expect(queue.first() == nil)
    }

    /// The reader waits where much is read already, and is let go when the solver has had enough.
    @Test func theReaderIsHeldBackAndLetGo() throws {
        let queue = JobQueue()
        let one = try job(0, side: 8)
        let added = Mutex(0)
        let done = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            while queue.add(one) { added.withLock { $0 += 1 } }
            done.signal()
        }
        for _ in 0 ..< 1000 { #expect(queue.next(of: one.group, mayWait: true) != nil) }
        #expect(added.withLock { $0 } <= 1000 + 256)
        queue.close()
        done.wait()
        #expect(queue.first() == nil || queue.isClosed)
    }
}
