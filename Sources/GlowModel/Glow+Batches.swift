import KernelInterface

/// The maps with what an automatic differentiation wants besides: a cotangent of the log-determinant for each image of its own.
extension Glow {
    /// Computes x = g(z) of `count` latents and log|det dx/dz| of each, and records the point.
    public func inverse(
        _ latents: [Float], count: Int, recording point: GlowLinearization, into images: inout [Float], logDeterminants: inout [Double]
    ) {
        precondition(logDeterminants.count >= count, "one log-determinant for each image")
        inverse(latents, count: count, recording: point, into: &images)
        logDeterminants.withUnsafeMutableBufferPointer { $0.baseAddress.map { writeInverseLogDeterminants(at: point, to: $0) } }
    }

    /// Computes J_f' w + c * gradient of log|det J_f| at the recorded point, latent cotangents to image cotangents.
    ///
    /// - Parameters:
    ///   - cotangent: w, for each image of the recorded batch.
    ///   - logDeterminantCotangents: c, one number for each image.
    public func forwardVJP(
        at point: GlowLinearization, cotangent: [Float], logDeterminantCotangents: [Float], into images: inout [Float]
    ) {
        precondition(logDeterminantCotangents.count >= point.count, "one cotangent for each image")
        logDeterminantCotangents.withUnsafeBufferPointer { weights in
            let own = weights.baseAddress.map { LogDeterminantWeights($0, count: point.count) }
            run(.forwardVJP, cotangent, into: &images, at: point, ownWeights: own)
        }
    }

    /// Computes J_g' v + c * gradient of log|det J_g| in z at the recorded point, image cotangents to latent cotangents.
    ///
    /// Since log|det J_g(z)| = -log|det J_f(g(z))|, it is J_g' (v - c * gradient of log|det J_f|): two passes where log|det| depends on
    /// the image.
    ///
    /// - Parameters:
    ///   - cotangent: v, for each image of the recorded batch.
    ///   - logDeterminantCotangents: c, one number for each image.
    public func inverseVJP(
        at point: GlowLinearization, cotangent: [Float], logDeterminantCotangents: [Float], into latents: inout [Float]
    ) {
        precondition(logDeterminantCotangents.count >= point.count, "one cotangent for each image")
        let needed = point.count * point.imageShape.count
        precondition(cotangent.count >= needed && latents.count >= needed, "arrays smaller than the batch")
        cotangent.withUnsafeBufferPointer { cotangent in
            logDeterminantCotangents.withUnsafeBufferPointer { weights in
                latents.withUnsafeMutableBufferPointer { latents in
                    guard let cotangent = cotangent.baseAddress, let weights = weights.baseAddress, let latents = latents.baseAddress else {
                        return
                    }
                    inverseVJP(
                        at: point, cotangent: cotangent, ownWeights: LogDeterminantWeights(weights, count: point.count), into: latents)
                }
            }
        }
    }
}

/// The maps on memory that a caller owns: `point.count` images, or `count` of them where a point is recorded, of `point.imageShape.count` numbers.
/// Input and output may be the same memory.
extension Glow {
    /// z = f(x). `point.logDeterminant` then has log|det dz/dx| of each image.
    package func forward(
        _ images: UnsafePointer<Float>, count: Int, recording point: GlowLinearization, into latents: UnsafeMutablePointer<Float>,
        logDeterminants: UnsafeMutablePointer<Double>?
    ) {
        beginForward(at: point, count: count)
        run(.forward, images, into: latents, at: point)
        logDeterminants?.update(from: point.logDeterminant.base, count: count)
    }

    /// x = g(z) and log|det dx/dz| of each image.
    package func inverse(
        _ latents: UnsafePointer<Float>, count: Int, recording point: GlowLinearization, into images: UnsafeMutablePointer<Float>,
        logDeterminants: UnsafeMutablePointer<Double>?
    ) {
        point.begin(count)
        run(.inverse, latents, into: images, at: point)
        if let logDeterminants { writeInverseLogDeterminants(at: point, to: logDeterminants) }
    }

    /// dz = J_f dx
    package func forwardJVP(at point: GlowLinearization, tangent: UnsafePointer<Float>, into latents: UnsafeMutablePointer<Float>) {
        run(.forwardJVP, tangent, into: latents, at: point)
    }

    /// J_f' w + c * gradient of log|det J_f|
    package func forwardVJP(
        at point: GlowLinearization, cotangent: UnsafePointer<Float>, ownWeights: LogDeterminantWeights?,
        into images: UnsafeMutablePointer<Float>
    ) {
        run(.forwardVJP, cotangent, into: images, at: point, ownWeights: ownWeights)
    }

    /// dx = J_g dz
    package func inverseJVP(at point: GlowLinearization, tangent: UnsafePointer<Float>, into images: UnsafeMutablePointer<Float>) {
        run(.inverseJVP, tangent, into: images, at: point)
    }

    /// J_g' v + c * gradient of log|det J_g| in z
    package func inverseVJP(
        at point: GlowLinearization, cotangent: UnsafePointer<Float>, ownWeights: LogDeterminantWeights?,
        into latents: UnsafeMutablePointer<Float>
    ) {
        guard !architecture.hasConstantLogDeterminant, let ownWeights, ownWeights.isAnyNonzero else {
            return run(.inverseVJP, cotangent, into: latents, at: point)
        }
        let n = point.count * point.imageShape.count
        let gradient = AlignedBuffer<Float>(count: n)
        run(.forwardVJP, gradient.base, into: gradient.base, at: point, ownWeights: ownWeights)
        for index in 0 ..< n { gradient.base[index] = cotangent[index] - gradient.base[index] }
        run(.inverseVJP, gradient.base, into: latents, at: point)
    }
}

extension Glow {
    /// Starts the record of a batch, with what the matrices M add to log|det|, whatever the image: height * width * log|det M| for each step.
    func beginForward(at point: GlowLinearization, count: Int) {
        point.begin(count)
        point.logDeterminant.base.update(repeating: constantLogDeterminant(of: point.imageShape), count: count)
    }

    private func constantLogDeterminant(of shape: ImageShape) -> Double {
        var sum = 0.0
        for (level, steps) in levels.enumerated() {
            let pixels = Double(shape.pixels >> (2 * (level + 1)))
            for step in steps { sum += pixels * step.mixingLogDeterminant }
        }
        return sum
    }

    /// log|det dx/dz| = -log|det dz/dx| of each image of a batch that `inverse` recorded, by the scales of its record.
    private func writeInverseLogDeterminants(at point: GlowLinearization, to logDeterminants: UnsafeMutablePointer<Double>) {
        let constant = constantLogDeterminant(of: point.imageShape)
        for image in 0 ..< point.count { logDeterminants[image] = -constant }
        for (level, prior) in priors.enumerated() where prior != nil {
            for image in 0 ..< point.count {
                logDeterminants[image] -= point.levels[level].prior?.recordedLogScaleSum(image: image) ?? 0
            }
        }
        guard architecture.coupling == .affine else { return }
        for (level, steps) in levels.enumerated() {
            let sums = AlignedBuffer<Double>(count: steps.count * point.count)
            point.parallelism.forEach(steps.count * point.count, .logDeterminant) { task, _ in
                sums.base[task] = point.levels[level].recordedLogScaleSum(step: task / point.count, image: task % point.count)
            }
            for task in 0 ..< steps.count * point.count { logDeterminants[task % point.count] -= sums.base[task] }
        }
    }

    /// One map from array to array.
    func run(
        _ map: GlowMap, _ input: [Float], into output: inout [Float], at point: GlowLinearization, logDeterminantWeight: Float = 0,
        ownWeights: LogDeterminantWeights? = nil
    ) {
        let needed = point.count * point.imageShape.count
        precondition(input.count >= needed && output.count >= needed, "arrays smaller than the batch")
        input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                guard let source = input.baseAddress, let target = output.baseAddress else { return }
                run(map, source, into: target, at: point, logDeterminantWeight: logDeterminantWeight, ownWeights: ownWeights)
            }
        }
    }

    private func run(
        _ map: GlowMap, _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, at point: GlowLinearization,
        logDeterminantWeight: Float = 0, ownWeights: LogDeterminantWeights? = nil
    ) {
        let pass = GlowPass(
            glow: self, point: point, map: map, logDeterminantWeight: logDeterminantWeight, ownWeights: ownWeights, input: input,
            output: output)
        point.parallelism.region(map.phase, pass)
    }
}

extension LogDeterminantWeights {
    fileprivate var isAnyNonzero: Bool { (0 ..< count).contains { values[$0] != 0 } }
}
