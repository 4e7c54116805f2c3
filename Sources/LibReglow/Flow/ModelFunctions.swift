import CReglow
import Files
import KernelInterface
import Reglow

@c @implementation
public func reglow_prior_count() -> Int { ShippedFiles.priors().count }

@c @implementation
public func reglow_prior_name(_ index: Int) -> UnsafePointer<CChar>? {
    let priors = ShippedFiles.priors()
    return priors.indices.contains(index) ? LastingText.pointer(priors[index].name) : nil
}

@c @implementation
public func reglow_prior_for_size(_ height: Int, _ width: Int) -> UnsafePointer<CChar>? {
    LastingText.pointer(ShippedFiles.prior(for: Problem.ImageSize(height: height, width: width), minimizes: true))
}

@c @implementation
public func reglow_prior_for_restoring(_ height: Int, _ width: Int) -> UnsafePointer<CChar>? {
    LastingText.pointer(ShippedFiles.prior(for: Problem.ImageSize(height: height, width: width), minimizes: false))
}

@c @implementation
public func reglow_model_load(
    _ name_or_path: UnsafePointer<CChar>?, _ precision: reglow_precision, _ model: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    answer {
        let name = PathName.decode(cString: try given(name_or_path, "name_or_path"))
        let place = try given(model, "model")
        give(try ModelObject(nameOrPath: name, precision: Precision(precision)), to: place)
    }
}

@c @implementation
public func reglow_model_free(_ model: OpaquePointer?) -> reglow_status {
    answer { try HandleTable.shared.remove(model, as: ModelObject.self) }
}

@c @implementation
public func reglow_model_describe(_ model: OpaquePointer?, _ facts: UnsafeMutablePointer<reglow_model_facts>?) -> reglow_status {
    answer {
        let model: ModelObject = try object(model)
        try model.facts.write(to: facts, "facts")
    }
}

@c @implementation
public func reglow_model_path(_ model: OpaquePointer?) -> UnsafePointer<CChar>? {
    answer(otherwise: nil) { try HandleTable.shared.object(model, as: ModelObject.self).path.pointer }
}

@c @implementation
public func reglow_model_card(_ model: OpaquePointer?, _ key: UnsafePointer<CChar>?) -> UnsafePointer<CChar>? {
    answer(otherwise: nil) {
        let model: ModelObject = try object(model)
        return model.cardEntry(try givenText(key, "key"))?.pointer
    }
}

@c @implementation
public func reglow_model_card_key(_ model: OpaquePointer?, _ index: Int) -> UnsafePointer<CChar>? {
    answer(otherwise: nil) { try HandleTable.shared.object(model, as: ModelObject.self).cardKey(index)?.pointer }
}
